"""The routes: which request goes to which cluster, for how long, and which filters it skips.

A request over JSON is matched twice. First by its own path, before the transcoder: that decides about tokens and
limits, and leads nowhere by itself. Then by the path of the method that the transcoder found: that leads to a service.
"""

from collections.abc import Iterable
from typing import Any

from gateway.edge.doors import door
from gateway.edge.limits import PERSON_HEADER, per_address
from gateway.edge.methods import Binding, Method
from gateway.edge.plan import EdgePlan
from gateway.edge.xds import Config, disabled, enabled, typed

API = "/v1/"
NOWHERE = "nowhere"
WEB = "web"

UNARY_SECONDS = 10.0
STREAM_SECONDS = 900.0
# A stream that is silent for longer is cut: whoever streams sends a heartbeat more often than this.
IDLE_SECONDS = 75.0
# The service gives up just before the edge does, so that the answer is its own.
KEPT_BACK_SECONDS = 0.2

# Guessing passwords is slowed down by address, on top of what identity does for each person.
SIGN_INS = {
    "/plein.identity.v1.AccountService/IssueServiceAccountToken",
    "/plein.identity.v1.IdentityService/SignIn",
    "/plein.identity.v1.IdentityService/SignInWithLink",
}
WEB_SIGN_INS = ("/sign-in", "/welcome")
WITHOUT_BODY = ("GET", "DELETE")

# A service cannot answer 304 by itself, as gRPC has no such status: it answers nothing, and says in a header how long
# that would have been. Without a length Envoy would end a body that there is not.
NOT_MODIFIED = {
    "inline_string": """
function envoy_on_response(handle)
  local headers = handle:headers()
  local length = headers:get("x-not-modified")
  if length then
    headers:replace(":status", "304")
    headers:replace("content-length", length)
    headers:remove("content-type")
    headers:remove("x-not-modified")
  end
end
"""
}

# These filters are about the API; pages have cookies, forms and errors of their own.
API_FILTERS = ("jwt", "person_limit", "strict", "transcoder")

# The transcoder sets it, and clients cannot: the edge drops every x-envoy- header that comes in.
TRANSCODED = {"name": "x-envoy-original-path", "present_match": True}


def public_routes(plan: EdgePlan, methods: Iterable[Method]) -> Config:
    """The routes of the port for JSON and pages."""
    methods = list(methods)
    doors = [
        _door(plan, method, binding, methods)
        for method in methods
        if method.access.anyone
        for binding in method.bindings
    ]
    services = [_service_route(method, _handed_down(method), [TRANSCODED]) for method in methods]
    bodiless = [_nowhere({"prefix": API, "headers": [_verb(verb)]}, {"strict": disabled()}) for verb in WITHOUT_BODY]
    pages = [*(_web_sign_in(plan, path) for path in WEB_SIGN_INS), _web_route()]
    routes = [*doors, *services, *bodiless, _nowhere({"prefix": API}, {}), *pages]
    return _route_configuration("public", routes, **_cors(plan))


def grpc_routes(plan: EdgePlan, methods: Iterable[Method]) -> Config:
    """The routes of the port for gRPC. What has no route is UNIMPLEMENTED, which is all that internal methods say."""
    routes = []
    for method in methods:
        route = _service_route(method, _asked_for(method), [])
        route["match"]["grpc"] = {}
        route["typed_per_filter_config"] = _exceptions(plan, method) | _unbounded(method)
        routes.append(route)
    return _route_configuration("grpc", routes)


def _route_configuration(name: str, routes: list[Config], **more: Any) -> Config:
    everywhere = {"name": "everywhere", "domains": ["*"], "routes": routes, **more}
    # Otherwise Envoy takes a route to a cluster that does not exist, and answers 503 for it.
    return {"name": name, "virtual_hosts": [everywhere], "validate_clusters": True}


def _door(plan: EdgePlan, method: Method, binding: Binding, methods: Iterable[Method]) -> Config:
    """Lets in without a token, to this method and no other."""
    match = door(method, binding, methods) | {"headers": [_verb(binding.verb)]}
    return _nowhere(match, _exceptions(plan, method) | (_not_modified() if binding.verb == "GET" else {}))


def _not_modified() -> Config:
    """Programs that read without a token ask for what they do not have."""
    return {"not_modified": enabled("envoy.extensions.filters.http.lua.v3.LuaPerRoute", source_code=NOT_MODIFIED)}


def _exceptions(plan: EdgePlan, method: Method) -> Config:
    if not method.access.anyone:
        return {}
    filters = {"jwt": disabled()}
    if method.path in SIGN_INS:
        filters["person_limit"] = per_address(plan.sign_in_limit)
    return filters


def _unbounded(method: Method) -> Config:
    """What comes in pieces is counted by who takes it in; here nothing of it is held."""
    return {"body_limit": disabled()} if method.takes_streams else {}


def _nowhere(match: Config, filters: Config) -> Config:
    # Not a direct response: CORS finds its policy on routes to clusters alone.
    return {"match": match, "route": {"cluster": NOWHERE}, "typed_per_filter_config": filters}


def _verb(verb: str) -> Config:
    return {"name": ":method", "string_match": {"exact": verb}}


def _service_route(method: Method, deadline: Config, headers: list[Config]) -> Config:
    action: Config = {"cluster": method.cluster, "idle_timeout": _duration(IDLE_SECONDS)}
    if method.access.reads and not method.streams:
        action["retry_policy"] = _retries()
    if method.streams:
        action["priority"] = "HIGH"  # those of clusters.MOST_STREAMS
    action |= deadline.pop("route")
    removed = ["cookie", PERSON_HEADER]
    if method.access.anyone:
        removed.append("authorization")  # an expired token must not stand in the way of renewing it
    return {
        "match": {"path": method.path, "headers": headers},
        "route": action,
        "request_headers_to_remove": removed,
        "response_headers_to_add": [{"header": {"key": "x-content-type-options", "value": "nosniff"}}],
        **deadline,
    }


def _handed_down(method: Method) -> Config:
    """The deadline of a request over JSON is the edge's, whatever its headers say."""
    if method.streams:
        return {"route": {"timeout": "0s", "max_stream_duration": {"max_stream_duration": _duration(STREAM_SECONDS)}}}
    left = _header("grpc-timeout", _milliseconds(UNARY_SECONDS - KEPT_BACK_SECONDS), "OVERWRITE_IF_EXISTS_OR_ADD")
    return {"route": {"timeout": _duration(UNARY_SECONDS)}, "request_headers_to_add": [left]}


def _asked_for(method: Method) -> Config:
    """The deadline of a gRPC call is the caller's, if it is shorter than the edge's."""
    most = STREAM_SECONDS if method.streams else UNARY_SECONDS
    duration = {"max_stream_duration": _duration(most), "grpc_timeout_header_max": _duration(most)}
    route = {"timeout": "0s", "max_stream_duration": duration}
    return {
        "route": route,
        "request_headers_to_add": [_header("grpc-timeout", _milliseconds(most), "ADD_IF_ABSENT")],
    }


def _retries() -> Config:
    return {
        "retry_on": "unavailable,connect-failure,reset",
        "num_retries": 2,
        "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
        "retry_host_predicate": [
            {
                "name": "another_process",
                "typed_config": typed("envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
            }
        ],
        "host_selection_retry_max_attempts": 3,
    }


def _web_route() -> Config:
    # No time-out on the whole answer: live pages stay open as long as something is said in time.
    action = {"cluster": WEB, "timeout": "0s", "idle_timeout": _duration(IDLE_SECONDS)}
    skipped = {name: disabled() for name in API_FILTERS}
    return {"match": {"prefix": "/"}, "route": action, "typed_per_filter_config": skipped}


def _web_sign_in(plan: EdgePlan, path: str) -> Config:
    route = _web_route()
    route["match"] = {"path": path, "headers": [_verb("POST")]}
    route["typed_per_filter_config"]["person_limit"] = per_address(plan.sign_in_limit)
    return route


def _cors(plan: EdgePlan) -> Config:
    if not plan.origins:
        return {}
    policy = typed(
        "envoy.extensions.filters.http.cors.v3.CorsPolicy",
        allow_origin_string_match=[{"exact": origin} for origin in plan.origins],
        allow_methods="GET, POST, PATCH, DELETE",
        allow_headers="authorization, content-type",
        expose_headers="retry-after, x-request-id",
        max_age="3600",
    )
    # Envoy leaves it out; without it a cache gives one site's permission to another.
    vary = _header("vary", "origin", "APPEND_IF_EXISTS_OR_ADD")
    return {"typed_per_filter_config": {"cors": policy}, "response_headers_to_add": [vary]}


def _header(key: str, value: str, action: str) -> Config:
    return {"header": {"key": key, "value": value}, "append_action": action}


def _duration(seconds: float) -> str:
    return f"{seconds:g}s"


def _milliseconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}m"
