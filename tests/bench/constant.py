"""A server whose answers are always the same bytes, without anything around it: what the others are compared with.

`python tests/bench/constant.py ADDRESS METHOD=FILE …`
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
import uvloop
from grpc_health.v1 import health, health_pb2_grpc


class Constant(grpc.GenericRpcHandler):
    """Answers each method with the same bytes, unread and unparsed."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._handlers = {method: _answering(content) for method, content in contents.items()}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return self._handlers.get(handler_call_details.method)


def _answering(content: bytes) -> "grpc.RpcMethodHandler[bytes, bytes]":
    async def answer(request: bytes, context: Any) -> bytes:
        return content

    return grpc.unary_unary_rpc_method_handler(answer)


async def serve(address: str, contents: Mapping[str, bytes]) -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([Constant(contents)])
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    server.add_insecure_port(address)
    await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    files = dict(argument.split("=", 1) for argument in sys.argv[2:])
    uvloop.run(serve(sys.argv[1], {method: Path(file).read_bytes() for method, file in files.items()}))
