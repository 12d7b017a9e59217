"""The whole configuration of an edge, in one piece."""

from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from gateway.edge.clusters import clusters
from gateway.edge.filters import grpc_filters, public_filters
from gateway.edge.listeners import grpc_listener, public_listener
from gateway.edge.methods import public_methods
from gateway.edge.plan import EdgePlan
from gateway.edge.routes import grpc_routes, public_routes
from gateway.edge.strict import strict_source
from gateway.edge.xds import Config, extension, socket

MONITORS = "envoy.extensions.resource_monitors"
MOST_HEAP_BYTES = 1024 * 1024 * 1024
MOST_CONNECTIONS = 20_000


def whole(plan: EdgePlan, descriptors: Path) -> Config:
    """Everything as static resources. `descriptors` is where Envoy finds the descriptor set."""
    described = FileDescriptorSet.FromString(descriptors.read_bytes())
    methods = public_methods(described, plan.services)
    names = sorted({method.service for method in methods})
    filters = public_filters(plan, names, descriptors, strict_source(described, methods))
    listeners = [
        public_listener(plan, public_routes(plan, methods), filters),
        grpc_listener(plan, grpc_routes(plan, methods), grpc_filters(plan)),
    ]
    return {
        "node": {"id": "edge", "cluster": "edge"},
        # Whoever reaches it can stop the edge: never bound to anything but this machine.
        "admin": {"address": socket("127.0.0.1", plan.admin_port)},
        "static_resources": {"listeners": listeners, "clusters": clusters(plan)},
        "overload_manager": _overload(),
    }


def _overload() -> Config:
    heap = extension("heap", f"{MONITORS}.fixed_heap.v3.FixedHeapConfig", max_heap_size_bytes=MOST_HEAP_BYTES)
    connections = extension(
        "envoy.resource_monitors.global_downstream_max_connections",
        f"{MONITORS}.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=MOST_CONNECTIONS,
    )
    return {
        "refresh_interval": "0.25s",
        "resource_monitors": [heap, connections],
        "actions": [
            _at("envoy.overload_actions.shrink_heap", 0.9),
            _at("envoy.overload_actions.stop_accepting_requests", 0.95),
        ],
    }


def _at(action: str, share: float) -> Config:
    return {"name": action, "triggers": [{"name": "heap", "threshold": {"value": share}}]}
