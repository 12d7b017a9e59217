"""The HTTP filters in the order in which a request meets them; answers meet them the other way round."""

from pathlib import Path

from gateway.edge import limits
from gateway.edge.clusters import KEYS
from gateway.edge.limits import PERSON_HEADER
from gateway.edge.plan import EdgePlan
from gateway.edge.routes import NOT_MODIFIED, WEB
from gateway.edge.xds import Config, extension

FILTERS = "envoy.extensions.filters.http"
HEALTH_PATH = "/healthz"
MOST_BODY_BYTES = 8 * 1024 * 1024
COMPRESSED_TYPES = (
    "application/atom+xml",
    "application/json",
    "application/javascript",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
)


def public_filters(plan: EdgePlan, services: list[str], descriptors: Path, strict_source: str) -> list[Config]:
    """The filters of the port for JSON and pages. Tokens and limits come before anything that reads a body."""
    return [
        _health(plan),
        extension("cors", f"{FILTERS}.cors.v3.Cors"),
        # Only where routes say so: the hot paths do without it. It is the last to touch an answer.
        extension("not_modified", f"{FILTERS}.lua.v3.Lua", default_source_code=NOT_MODIFIED) | {"disabled": True},
        # Before the transcoder, so that they compress what it made.
        _compressor("brotli", quality=4),
        _compressor("gzip", compression_level="BEST_SPEED"),
        {"name": "address_limit", "typed_config": limits.per_address(plan.address_limit)},
        _no_grpc(),
        _body_limit(),
        _jwt(plan),
        {"name": "person_limit", "typed_config": limits.per_person(plan.person_limit)},
        extension("strict", f"{FILTERS}.lua.v3.Lua", default_source_code={"inline_string": strict_source}),
        _transcoder(services, descriptors),
        _router(),
    ]


def grpc_filters(plan: EdgePlan) -> list[Config]:
    """The filters of the port for gRPC."""
    return [
        {"name": "address_limit", "typed_config": limits.per_address(plan.address_limit)},
        _body_limit(),
        _jwt(plan),
        {"name": "person_limit", "typed_config": limits.per_person(plan.person_limit)},
        _router(),
    ]


def _health(plan: EdgePlan) -> Config:
    # One healthy process is enough for a cluster to serve.
    least = {name: {"value": 1} for name in (*plan.services, WEB)}
    at = {"name": ":path", "string_match": {"exact": HEALTH_PATH}}
    return extension(
        "health",
        f"{FILTERS}.health_check.v3.HealthCheck",
        pass_through_mode=False,
        headers=[at],
        cluster_min_healthy_percentages=least,
    )


def _compressor(name: str, **settings: int | str) -> Config:
    kind = f"envoy.extensions.compression.{name}.compressor.v3.{name.title()}"
    common = {
        "min_content_length": 512,
        "content_type_matcher": [{"prefix": content_type} for content_type in COMPRESSED_TYPES],
    }
    return extension(
        name,
        f"{FILTERS}.compressor.v3.Compressor",
        compressor_library=extension(name, kind, **settings),
        choose_first=name == "brotli",
        # Without weakening, a compressed page loses its ETag and is sent again each time.
        response_direction_config={"common_config": common, "weaken_etag_on_compress": True},
    )


def _no_grpc() -> Config:
    raw = {"name": "content-type", "string_match": {"prefix": "application/grpc", "ignore_case": True}}
    policy = {"principals": [{"any": True}], "permissions": [{"header": raw}]}
    return extension("no_grpc", f"{FILTERS}.rbac.v3.RBAC", rules={"action": "DENY", "policies": {"grpc": policy}})


def _body_limit() -> Config:
    return extension("body_limit", f"{FILTERS}.body_size_limit.v3.BodySizeLimit", max_request_bytes=MOST_BODY_BYTES)


def _jwt(plan: EdgePlan) -> Config:
    """A token is needed everywhere but on the routes that say otherwise. Services verify it once more."""
    keys = {
        "http_uri": {"uri": "http://edge/.well-known/jwks.json", "cluster": KEYS, "timeout": "2s"},
        # An unknown key does not make Envoy ask again: identity publishes a key well before it signs with it.
        "cache_duration": "30s",
        # The keys come through this very edge, which must not wait for them before it listens.
        "async_fetch": {"fast_listener": True, "failed_refetch_duration": "0.5s"},
    }
    provider = {
        "issuer": plan.issuer,
        "audiences": ["plein"],
        "remote_jwks": keys,
        # Named, or Envoy would take a token from the query string as well.
        "from_headers": [{"name": "Authorization", "value_prefix": "Bearer "}],
        "forward": True,
        "require_expiration": True,
        "clock_skew_seconds": 10,
        "claim_to_headers": [{"header_name": PERSON_HEADER, "claim_name": "sub"}],
        "jwt_cache_config": {"jwt_cache_size": 20_000},
    }
    rules = [{"match": {"prefix": "/"}, "requires": {"provider_name": "people"}}]
    return extension("jwt", f"{FILTERS}.jwt_authn.v3.JwtAuthentication", providers={"people": provider}, rules=rules)


def _transcoder(services: list[str], descriptors: Path) -> Config:
    return extension(
        "transcoder",
        f"{FILTERS}.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        proto_descriptor=str(descriptors),
        services=services,
        convert_grpc_status=True,
        query_param_unescape_plus=True,
        request_validation_options={
            "reject_unknown_method": True,
            "reject_unknown_query_parameters": True,
            "reject_binding_body_field_collisions": True,
        },
        # Fields with their default value are left out: proto3's JSON allows it, and the hottest path has less to do.
        print_options={"stream_sse_style_delimited": True},
    )


def _router() -> Config:
    return extension("router", f"{FILTERS}.router.v3.Router", suppress_envoy_headers=True)
