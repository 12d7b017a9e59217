"""Shapes that recur all over Envoy's configuration."""

from typing import Any

Config = dict[str, Any]


def typed(kind: str, **fields: Any) -> Config:
    """The message of an extension, such as `envoy.extensions.filters.http.router.v3.Router`."""
    return {"@type": f"type.googleapis.com/{kind}", **fields}


def extension(name: str, kind: str, **fields: Any) -> Config:
    """An extension under the name by which routes refer to it."""
    return {"name": name, "typed_config": typed(kind, **fields)}


def disabled() -> Config:
    """What a route says about a filter that must not run on it."""
    return typed("envoy.config.route.v3.FilterConfig", disabled=True)


def enabled(kind: str, **fields: Any) -> Config:
    """What a route says about a filter that runs nowhere else."""
    return typed("envoy.config.route.v3.FilterConfig", config=typed(kind, **fields))


def socket(host: str, port: int) -> Config:
    return {"socket_address": {"address": host, "port_value": port}}
