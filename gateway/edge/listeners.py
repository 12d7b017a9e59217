"""The two ports, and how a connection is treated before anything is asked."""

from typing import Any

from gateway.edge.errors import local_replies
from gateway.edge.filters import MOST_BODY_BYTES
from gateway.edge.limits import PERSON_HEADER
from gateway.edge.plan import EdgePlan
from gateway.edge.xds import Config, extension, socket

MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
MUTATION = "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
STDOUT = "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog"

# What only the edge may say about a request. With proxies in front that are trusted, what they say is kept. The other
# x-plein- headers are those of webhooks, which prove themselves.
OWN_HEADERS = f"{PERSON_HEADER}|x-(envoy|user|real)-.*"
FORWARDED_HEADERS = "forwarded|x-forwarded-.*"

MOST_HEADERS_KIB = 16
STREAMS_PER_CONNECTION = 100

# No address, no person, no token and no query. A path over JSON is that of the method by then, without identifiers.
LOGGED = {
    "time": "%START_TIME%",
    "method": "%REQ(:METHOD)%",
    "path": "%PATH(NQ:PATH)%",
    "status": "%RESPONSE_CODE%",
    "grpc_status": "%GRPC_STATUS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "milliseconds": "%DURATION%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "cluster": "%UPSTREAM_CLUSTER%",
}


def public_listener(plan: EdgePlan, routes: Config, filters: list[Config]) -> Config:
    """HTTP/1.1 and HTTP/2 for JSON and pages."""
    return _listener(plan, plan.port, routes, filters, codec_type="AUTO", local_reply_config=local_replies())


def grpc_listener(plan: EdgePlan, routes: Config, filters: list[Config]) -> Config:
    """HTTP/2 for gRPC; Envoy writes its own errors in gRPC's form there."""
    return _listener(plan, plan.grpc_port, routes, filters, codec_type="HTTP2")


def _listener(plan: EdgePlan, port: int, routes: Config, filters: list[Config], **settings: Any) -> Config:
    name = routes["name"]
    manager = extension(
        "http",
        MANAGER,
        stat_prefix=name,
        route_config=routes,
        http_filters=filters,
        access_log=[_access_log()],
        **_paths_and_headers(plan),
        **_patience(),
        **settings,
    )
    return {
        "name": name,
        "address": socket(plan.bind, port),
        # The strict filter and the transcoder hold a whole body.
        "per_connection_buffer_limit_bytes": MOST_BODY_BYTES + 65_536,
        "filter_chains": [{"filters": [manager]}],
    }


def _paths_and_headers(plan: EdgePlan) -> Config:
    dropped = OWN_HEADERS if plan.trusted_proxies else f"{OWN_HEADERS}|{FORWARDED_HEADERS}"
    drop = {"remove_on_match": {"key_matcher": {"safe_regex": {"regex": dropped}}}}
    return {
        "use_remote_address": True,
        "xff_num_trusted_hops": plan.trusted_proxies,
        # Early, since a route's own removals happen after the filters have read the headers.
        "early_header_mutation_extensions": [extension("drop", MUTATION, mutations=[drop])],
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "max_request_headers_kb": MOST_HEADERS_KIB,
        "always_set_request_id_in_response": True,
        "server_name": "plein",
    }


def _patience() -> Config:
    """How long a connection may be idle, and how long a request may take to arrive."""
    return {
        "common_http_protocol_options": {
            "idle_timeout": "300s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": STREAMS_PER_CONNECTION,
            "initial_stream_window_size": 65_536,
            "initial_connection_window_size": 1_048_576,
        },
        "request_headers_timeout": "10s",
        "request_timeout": "60s",
        "stream_idle_timeout": "75s",
    }


def _access_log() -> Config:
    log = extension("stdout", STDOUT, log_format={"json_format": LOGGED})
    return {**log, "filter": {"not_health_check_filter": {}}}
