"""Traces and metrics leave the process over OTLP, and those of one request hang together."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from chassis import telemetry
from chassis.settings import Settings

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
# The second bit says that the trace's id is random; OpenTelemetry sets it on traces of its own.
PARENTS = {
    "/plein.Test/Traced": f"00-{TRACE}-{CALLER}-01",
    "/plein.Test/TracedAtRandom": f"00-{TRACE}-{CALLER}-03",
    "/plein.Test/Untraced": f"00-{TRACE}-{CALLER}-00",
    "/plein.Test/First": "",
}
TRACED = ["/plein.Test/Traced", "/plein.Test/TracedAtRandom"]


@dataclass
class Collector:
    """What an OpenTelemetry collector was sent, by name; `given_on` is what neighbours were told of the trace."""

    address: str = ""
    services: set[str] = field(default_factory=set)
    spans: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    given_on: dict[str, str] = field(default_factory=dict)

    def take_traces(self, request: Any) -> None:
        for sent in request.resource_spans:
            self.services.update(item.value.string_value for item in sent.resource.attributes)
            self.spans |= {span.name: span for scope in sent.scope_spans for span in scope.spans}

    def take_metrics(self, request: Any) -> None:
        for sent in request.resource_metrics:
            self.metrics |= {metric.name: metric for scope in sent.scope_metrics for metric in scope.metrics}


class Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    async def Export(self, request: Any, context: Any) -> Any:
        self._collector.take_traces(request)
        return trace_service_pb2.ExportTraceServiceResponse()


class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    async def Export(self, request: Any, context: Any) -> Any:
        self._collector.take_metrics(request)
        return metrics_service_pb2.ExportMetricsServiceResponse()


@pytest.fixture(scope="module")
async def collector() -> AsyncIterator[Collector]:
    """A collector without encryption, as on the same machine, after a process that told it of its calls has ended."""
    kept = Collector()
    server = grpc.aio.server()
    add_traces: Any = trace_service_pb2_grpc.add_TraceServiceServicer_to_server
    add_metrics: Any = metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server
    add_traces(Traces(kept), server)
    add_metrics(Metrics(kept), server)
    kept.address = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    kept.given_on = dict(zip(PARENTS, await told(kept.address), strict=True))
    yield kept
    await server.stop(None)


async def told(address: str) -> list[str]:
    """Runs telling.py to its end; answers the traces that it gave on."""
    calls = [f"{method}={parent}" for method, parent in PARENTS.items()]
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.chassis.telling", address, *calls), stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await program.communicate()
    assert program.returncode == 0
    return printed.decode().splitlines()[len(calls) :]


@pytest.mark.parametrize("method", TRACED)
def test_a_span_belongs_to_the_callers_trace_and_neighbours_belong_to_the_span(
    collector: Collector, method: str
) -> None:
    span = collector.spans[method]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, CALLER)
    assert collector.given_on[method].startswith(f"00-{TRACE}-{span.span_id.hex()}-")
    assert int(collector.given_on[method][-2:], 16) & 1
    assert "feed" in collector.services


def test_a_trace_begins_where_no_caller_has_one(collector: Collector) -> None:
    span = collector.spans["/plein.Test/First"]
    assert span.parent_span_id == b""
    assert {item.key: item.value.int_value for item in span.attributes} == {"rpc.grpc.status_code": 5}
    assert collector.given_on["/plein.Test/First"].startswith(f"00-{span.trace_id.hex()}-{span.span_id.hex()}-")


def test_what_the_caller_does_not_trace_is_not_traced(collector: Collector) -> None:
    assert "/plein.Test/Untraced" not in collector.spans
    assert collector.given_on["/plein.Test/Untraced"] == PARENTS["/plein.Test/Untraced"]


def test_calls_are_counted_by_method_and_code(collector: Collector) -> None:
    counted = {}
    for point in collector.metrics["rpc.server.duration"].histogram.data_points:
        labels = {item.key: item.value.string_value for item in point.attributes}
        counted[labels["rpc.method"], labels["rpc.grpc.code"]] = point.count
    assert counted == {(method, "OK" if parent else "NOT_FOUND"): 1 for method, parent in PARENTS.items()}


@pytest.mark.parametrize("parent", ["", "nonsense", PARENTS["/plein.Test/Traced"]])
def test_without_a_collector_nothing_is_traced(parent: str) -> None:
    settings = Settings.model_construct(otel_exporter_otlp_endpoint="", trace_sample_ratio=1)
    assert telemetry.Observer("feed", settings).span("/plein.Test/Traced", parent) is None
