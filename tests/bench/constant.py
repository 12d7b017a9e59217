"""A server whose home is always the same bytes, without anything around it: what the others are compared with.

`python -m tests.bench.constant ADDRESS FILE`
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import grpc
import uvloop
from grpc_health.v1 import health, health_pb2_grpc

HOME = "/plein.feed.v1.FeedService/ListHomePosts"
CREATE = "/plein.feed.v1.FeedService/CreatePost"


class Constant(grpc.GenericRpcHandler):
    """Answers the feed's methods with the same bytes, unread and unparsed."""

    def __init__(self, content: bytes) -> None:
        async def answer(request: bytes, context: Any) -> bytes:
            return content

        self._handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(answer)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return self._handler if handler_call_details.method in (HOME, CREATE) else None


async def serve(address: str, content: bytes) -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([Constant(content)])
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    server.add_insecure_port(address)
    await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], Path(sys.argv[2]).read_bytes()))
