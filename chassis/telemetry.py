"""Traces, metrics and one JSON log line per call: thin, because a call may cost little more than what it does.

Whether a call is traced is decided before a span exists. Nothing here holds personal data: no names, ids or texts.
"""

import logging
import random
import re
import sys
import time
from contextvars import ContextVar
from functools import lru_cache
from types import TracebackType
from typing import Self

import grpc
import orjson
from opentelemetry import metrics, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags

from chassis.settings import Settings

FLUSH_SECONDS = 0.2
EXPORT_SECONDS = 2  # so long a collector that is away holds up the end of a process, once for traces, once for metrics
# W3C Trace Context, version 00; what looks otherwise is as if it were not there.
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
# An enumeration looks its names up anew each time.
_CODE_NAMES = {code: code.name for code in grpc.StatusCode}
_trace: ContextVar[str] = ContextVar("trace", default="")


def traceparent() -> str:
    """The W3C trace context of the running call, to give on to the next process; empty outside a call."""
    return _trace.get()


class JsonLines(logging.Formatter):
    """Log records as JSON, one a line, with the trace that they belong to."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"time": _now(record.created), "level": record.levelname, "logger": record.name}
        line |= {"message": record.getMessage(), "trace_id": _trace.get()[3:35]}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def start(service: str, settings: Settings) -> None:
    """Sends logs to standard error as JSON and, when an OTLP endpoint is set, traces and metrics to it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    if settings.otel_exporter_otlp_endpoint:
        _export(service, settings.otel_exporter_otlp_endpoint)


def _export(service: str, endpoint: str) -> None:
    """Imported here alone: the exporter costs a third of a second at every start. What is left is sent at the exit."""
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": service})
    tracing = TracerProvider(resource=resource)
    tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS)))
    trace.set_tracer_provider(tracing)
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=endpoint, timeout=EXPORT_SECONDS))
    metrics.set_meter_provider(MeterProvider([reader], resource=resource))


class Observer:
    """Watches the calls of one server."""

    def __init__(self, service: str, settings: Settings) -> None:
        self.service = service
        self._exports = bool(settings.otel_exporter_otlp_endpoint)
        self._ratio = settings.trace_sample_ratio
        self._tracer = trace.get_tracer("plein")
        self._duration = metrics.get_meter("plein").create_histogram("rpc.server.duration", unit="ms")
        self._lines: list[str] = []
        self._flushed_at = 0.0

    def observe(self, method: str, parent: str) -> "ObservedCall":
        """A block around one call; `parent` is the traceparent header that came with it, or empty."""
        return ObservedCall(self, method, parent if parent and _TRACEPARENT.fullmatch(parent) else "")

    def finished(self, call: "ObservedCall", seconds: float) -> None:
        """Writes the call's log line and counts it."""
        now = time.time()
        # Nothing in it needs escaping, and a line is written for every call.
        self._lines.append(
            f'{{"time":"{_now(now)}","service":"{self.service}","method":"{call.method}",'
            f'"code":"{_CODE_NAMES[call.code]}","ms":{seconds * 1000:.2f},"trace_id":"{call.trace[3:35]}"}}\n'
        )
        if not 0 <= now - self._flushed_at < FLUSH_SECONDS or len(self._lines) > 500:
            self.flush()
        if self._exports:
            self._duration.record(seconds * 1000, {"rpc.method": call.method, "rpc.grpc.code": call.code.name})

    def flush(self) -> None:
        """Writes what was held back for a moment."""
        self._flushed_at = time.time()
        lines, self._lines = self._lines, []
        sys.stdout.buffer.write("".join(lines).encode())
        sys.stdout.buffer.flush()

    def span(self, method: str, parent: str) -> trace.Span | None:
        """A span when the caller's trace is sampled, or chance says so."""
        if not self._exports:
            return None
        sampled = _context(parent).trace_flags.sampled if parent else random.random() < self._ratio
        if not sampled:
            return None
        context = trace.set_span_in_context(NonRecordingSpan(_context(parent))) if parent else None
        return self._tracer.start_span(method, context=context, kind=SpanKind.SERVER)


class ObservedCall:
    """One call while it runs; `code` is how it ended."""

    __slots__ = ("_began", "_observer", "_span", "code", "method", "trace")

    def __init__(self, observer: Observer, method: str, parent: str) -> None:
        self._observer = observer
        self._began = time.perf_counter()
        self._span = observer.span(method, parent)
        self.method = method
        self.code = grpc.StatusCode.OK
        self.trace = _of_span(self._span) if self._span else parent or _new_trace()

    def __enter__(self) -> Self:
        _trace.set(self.trace)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None and self.code is grpc.StatusCode.OK:
            self.code = grpc.StatusCode.CANCELLED
        if self._span:
            self._span.set_attribute("rpc.grpc.status_code", int(self.code.value[0]))
            self._span.end()
        self._observer.finished(self, time.perf_counter() - self._began)


def _now(seconds: float) -> str:
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _new_trace() -> str:
    digits = f"{random.getrandbits(192):048x}"
    return f"00-{digits[:32]}-{digits[32:]}-00"


def _of_span(span: trace.Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def _context(parent: str) -> SpanContext:
    _, trace_id, span_id, flags = parent.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
