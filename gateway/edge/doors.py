"""Where the edge lets in without a token: at whole paths, or at paths that end in an id, and nowhere else."""

import re
from collections.abc import Iterable

from gateway.edge.methods import Binding, Method
from gateway.edge.xds import Config

VARIABLE = re.compile(r"\{\w+(?:\.\w+)*(?:=([^}]+))?\}")
ENDS_IN_ID = re.compile(r"(?P<before>/[\w/]*)\{\w+=(?P<collection>\w+)/\*\}")
# Neither a slash nor a colon, so that nothing under the resource and no custom verb is meant.
ID = "[0-9A-Za-z-]+"


def door(method: Method, binding: Binding, methods: Iterable[Method]) -> Config:
    """Which paths a method that admits anyone has, as Envoy matches them.

    ValueError when that cannot be said exactly, or when a method that needs a token has one of them too.
    """
    if "{" not in binding.template:
        return {"path": binding.template}
    found = ENDS_IN_ID.fullmatch(binding.template)
    if not found:
        raise ValueError(f"{method.path} admits anyone, so its path is fixed or ends in one id: not {binding.template}")
    pattern = f"{found['before']}{found['collection']}/{ID}"
    for other in methods:
        for theirs in other.bindings:
            if not other.access.anyone and theirs.verb == binding.verb and re.fullmatch(pattern, _sample(theirs)):
                raise ValueError(f"{method.path} admits anyone, and would open {theirs.template} of {other.path}")
    return {"safe_regex": {"regex": pattern}}


def _sample(binding: Binding) -> str:
    """A path that a template stands for."""
    return VARIABLE.sub(lambda variable: variable[1] or "*", binding.template).replace("**", "*").replace("*", "x")
