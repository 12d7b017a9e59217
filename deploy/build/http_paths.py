"""Paths of google.api.http as OpenAPI writes them: `/v1/{name=people/*}:suspend` is `/v1/people/{person}:suspend`."""

import re
from typing import NamedTuple

VARIABLE = re.compile(r"\{(?P<field>[^}=]+)(=(?P<pattern>[^}]+))?\}")
SINGULARS = {"people": "person"}


class HttpPath(NamedTuple):
    """A path with its variables: how OpenAPI calls each, and the request's field that it fills."""

    text: str
    variables: list[tuple[str, str]]

    @property
    def fields(self) -> set[str]:
        return {field for _, field in self.variables}


def parse(template: str) -> HttpPath:
    variables: list[tuple[str, str]] = []

    def spell_out(variable: re.Match[str]) -> str:
        field = variable["field"]
        segments = (variable["pattern"] or "*").split("/")
        for index, segment in enumerate(segments):
            if segment in {"*", "**"}:
                # Without dots: a dot in a variable is an attribute to tools that fill paths with str.format.
                name = singular(segments[index - 1]) if index else field.replace(".", "_")
                variables.append((name, field))
                segments[index] = f"{{{name}}}"
        return "/".join(segments)

    return HttpPath(VARIABLE.sub(spell_out, template), variables)


def singular(collection: str) -> str:
    return SINGULARS.get(collection) or re.sub("ies$", "y", collection).removesuffix("s")
