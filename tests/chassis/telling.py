"""Calls as a server observes them, in a process of their own: `python telling.py ENDPOINT METHOD=PARENT…`."""

import sys

import grpc

from chassis import telemetry
from chassis.settings import Settings


def main(endpoint: str, *calls: str) -> None:
    """Prints the log line of each call, and after the last the trace that each would have given on."""
    settings = Settings.model_construct(otel_exporter_otlp_endpoint=endpoint, trace_sample_ratio=1)
    telemetry.start("feed", settings)
    observer = telemetry.Observer("feed", settings)
    given_on = []
    for call in calls:
        method, _, parent = call.partition("=")
        with observer.observe(method, parent) as observed:
            given_on.append(telemetry.traceparent())
            observed.code = grpc.StatusCode.OK if parent else grpc.StatusCode.NOT_FOUND
    observer.flush()
    print("\n".join(given_on))


if __name__ == "__main__":
    main(*sys.argv[1:])
