"""Channels to other services. Every call over them has a deadline, carries the trace and says who asks."""

import json
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from plein.chassis.v1 import access_pb2

from chassis import viewer
from chassis.deadline import remaining
from chassis.telemetry import traceparent
from chassis.viewer import ServiceSigner

LONGEST_CALL_SECONDS = 5.0
KEPT_BACK_SECONDS = 0.02
MOST_MESSAGE_BYTES = 8 * 1024 * 1024


class Neighbours:
    """The services that this one may call, by the addresses in its settings."""

    def __init__(self, addresses: dict[str, str], signer: ServiceSigner) -> None:
        self._addresses = addresses
        self._signer = signer
        self._channels: list[grpc.aio.Channel] = []

    def as_viewer(self, service: str, *apis: ServiceDescriptor) -> grpc.aio.Channel:
        """A channel that asks in the name of the person whose call is being answered."""
        return self._kept(channel(self._addresses[service], lambda: viewer.current().token, *apis))

    def as_service(self, service: str, *apis: ServiceDescriptor) -> grpc.aio.Channel:
        """A channel that asks in this service's own name, for what it does by itself."""
        return self._kept(channel(self._addresses[service], lambda: self._signer.token(service), *apis))

    def _kept(self, opened: grpc.aio.Channel) -> grpc.aio.Channel:
        self._channels.append(opened)
        return opened

    async def close(self) -> None:
        """Closes all channels."""
        for opened in self._channels:
            await opened.close()


def channel(address: str, token: Callable[[], str], *apis: ServiceDescriptor) -> grpc.aio.Channel:
    """A channel on which every call carries a token and has a deadline, and reads are tried again."""
    options = [
        ("grpc.service_config", service_config(*apis)),
        ("grpc.max_reconnect_backoff_ms", 1000),
        ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
    ]
    around = [kind(token) for kind in (_UnaryUnary, _UnaryStream, _StreamUnary, _StreamStream)]
    return grpc.aio.insecure_channel(address, options=options, interceptors=around)


def service_config(*apis: ServiceDescriptor) -> str:
    """Retries for the methods that change nothing, and for those alone, as gRPC reads them (JSON)."""
    policy = {
        "maxAttempts": 3,
        "initialBackoff": "0.05s",
        "maxBackoff": "0.5s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    methods = [
        {"service": api.full_name, "method": method.name}
        for api in apis
        for method in api.methods
        if method.GetOptions().Extensions[access_pb2.access].reads
    ]
    throttling = {"maxTokens": 10, "tokenRatio": 0.1}
    return json.dumps({"methodConfig": [{"name": methods, "retryPolicy": policy}], "retryThrottling": throttling})


class _Signed:
    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def details(self, details: grpc.aio.ClientCallDetails, most: float | None) -> grpc.aio.ClientCallDetails:
        asked = details.timeout if details.timeout is not None else most
        metadata = [*(details.metadata or ()), ("authorization", f"Bearer {self._token()}")]
        if traceparent():
            metadata.append(("traceparent", traceparent()))
        return grpc.aio.ClientCallDetails(
            method=details.method,
            timeout=None if asked is None else max(0.001, remaining(asked + KEPT_BACK_SECONDS) - KEPT_BACK_SECONDS),
            metadata=grpc.aio.Metadata(*metadata),
            credentials=details.credentials,
            wait_for_ready=details.wait_for_ready,
        )


class _UnaryUnary(_Signed, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await continuation(self.details(client_call_details, LONGEST_CALL_SECONDS), request)


class _UnaryStream(_Signed, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await continuation(self.details(client_call_details, None), request)


class _StreamUnary(_Signed, grpc.aio.StreamUnaryClientInterceptor):
    async def intercept_stream_unary(self, continuation: Any, client_call_details: Any, request_iterator: Any) -> Any:
        return await continuation(self.details(client_call_details, None), request_iterator)


class _StreamStream(_Signed, grpc.aio.StreamStreamClientInterceptor):
    async def intercept_stream_stream(self, continuation: Any, client_call_details: Any, request_iterator: Any) -> Any:
        return await continuation(self.details(client_call_details, None), request_iterator)
