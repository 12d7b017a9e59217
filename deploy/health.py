"""Asks a process whether it works, by a URL: grpc://, http://, redis:// or postgres:// and where it listens."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import SplitResult, urlsplit

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.programs import PACKAGES, POSTGRES_PROGRAMS

ANSWER_SECONDS = 1.0


async def answers(probe: str) -> bool:
    """Whether the process behind `probe` answers within a second that it works."""
    url = urlsplit(probe)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await ASK[url.scheme](url)
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, grpc.aio.AioRpcError):
        return False


async def _ask_grpc(url: SplitResult) -> bool:
    async with grpc.aio.insecure_channel(url.netloc) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined] # its stubs lack it
        reply = await check(health_pb2.HealthCheckRequest())
    return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


async def _ask_http(url: SplitResult) -> bool:
    request = f"GET {url.path or '/'} HTTP/1.1\r\nhost: {url.netloc}\r\nconnection: close\r\n\r\n"
    line = await _first_line(url, request.encode())
    return int(line.split()[1]) < 500


async def _ask_redis(url: SplitResult) -> bool:
    # Without the password it only says so, which is an answer too.
    return (await _first_line(url, b"PING\r\n")).startswith((b"+PONG", b"-NOAUTH"))


async def _first_line(url: SplitResult, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        writer.write(request)
        return await reader.readuntil(b"\r\n")
    finally:
        writer.close()


async def _ask_postgres(url: SplitResult) -> bool:
    """A server that is recovering accepts connections before it is ready, so its own tool asks."""
    arguments = ["--quiet", "--host", str(url.hostname), "--port", str(url.port)]
    asking = await asyncio.create_subprocess_exec(PACKAGES / POSTGRES_PROGRAMS / "pg_isready", *arguments)
    return await asking.wait() == 0


ASK: dict[str, Callable[[SplitResult], Awaitable[bool]]] = {
    "grpc": _ask_grpc,
    "http": _ask_http,
    "redis": _ask_redis,
    "postgres": _ask_postgres,
}
