"""The processes behind the edge: how they are reached, and when they count as away."""

import ipaddress

from gateway.edge.plan import EdgePlan
from gateway.edge.routes import NOWHERE, WEB
from gateway.edge.xds import Config, socket, typed

# Where the edge reads the keys that verify tokens: at its own public port, through its own transcoder.
KEYS = "keys"
MOST_REQUESTS = 4096
# Streams wait most of the time. They have a priority of their own, and with it connections and limits of their own.
MOST_STREAMS = 100_000
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound to


def clusters(plan: EdgePlan) -> list[Config]:
    """One cluster for each service, and those of the edge itself."""
    services = [_service(name, addresses) for name, addresses in plan.services.items()]
    keys = _cluster(KEYS, f"{LOOPBACK.get(plan.bind, plan.bind)}:{plan.port}", {"http_protocol_options": {}})
    nowhere = {"name": NOWHERE, "type": "STATIC", "connect_timeout": "1s"}
    return [*services, _web(plan.web), keys, nowhere]


def _service(name: str, addresses: str) -> Config:
    # No keep-alive pings: gRPC servers take frequent ones for an attack and hang up. Health checks notice a dead peer.
    cluster = _cluster(name, addresses, {"http2_protocol_options": {}})
    return cluster | _watched({"grpc_health_check": {}})


def _web(addresses: str) -> Config:
    cluster = _cluster(WEB, addresses, {"http_protocol_options": {}})
    return cluster | _watched({"http_health_check": {"path": "/healthz"}})


def _cluster(name: str, addresses: str, protocol: Config) -> Config:
    pairs = [address.strip().rpartition(":") for address in addresses.split(",")]
    endpoints = [{"endpoint": {"address": socket(host.strip("[]"), int(port))}} for host, _, port in pairs]
    options = typed("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", explicit_http_config=protocol)
    return {
        "name": name,
        "type": "STATIC" if all(_is_ip(host.strip("[]")) for host, _, _ in pairs) else "STRICT_DNS",
        "connect_timeout": "1s",
        "lb_policy": "LEAST_REQUEST",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def _watched(check: Config) -> Config:
    return {
        "health_checks": [_health_check(check)],
        # By default Envoy sends to all processes once half of them are ill, so to the only one there is.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "outlier_detection": _outliers(),
        "circuit_breakers": {"thresholds": [_breaker("DEFAULT", MOST_REQUESTS), _breaker("HIGH", MOST_STREAMS)]},
    }


def _health_check(check: Config) -> Config:
    # Without traffic Envoy would look once a minute, and so find out by the first request.
    every = dict.fromkeys(("interval", "no_traffic_interval", "no_traffic_healthy_interval"), "2s")
    often = {"unhealthy_interval": "1s", "timeout": "1s"}
    return {**every, **often, "unhealthy_threshold": 2, "healthy_threshold": 1, **check}


def _outliers() -> Config:
    # Only what the edge itself sees of a process counts, such as a refused connection: UNAVAILABLE may be about a
    # neighbour of the service, and must not take its other methods away.
    return {
        "split_external_local_origin_errors": True,
        "consecutive_local_origin_failure": 3,
        "base_ejection_time": "5s",
        "max_ejection_percent": 50,
        "enforcing_consecutive_5xx": 0,
        "enforcing_consecutive_gateway_failure": 0,
        "enforcing_success_rate": 0,
        "enforcing_local_origin_success_rate": 0,
    }


def _breaker(priority: str, most: int) -> Config:
    return {
        "priority": priority,
        "max_connections": most,
        "max_pending_requests": most,
        "max_requests": most,
        "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 3},
    }


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
