"""HTTP over connections that lead to addresses which were checked; loaded with the first thing that is fetched."""

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NoReturn, Protocol

import anyio
import httpcore

# One address that does not answer leaves time for the next.
CONNECT_SECONDS = 2.0


class Goal(Protocol):
    """Where a request goes."""

    @property
    def scheme(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def path(self) -> str: ...


@asynccontextmanager
async def answered(
    method: str, goal: Goal, addresses: Sequence[str], tls: ssl.SSLContext, headers: Mapping[str, str], content: bytes
) -> AsyncIterator[httpcore.Response]:
    """The answer to one request, whose content is to be read inside the block. Raises OSError when there is none."""
    url = httpcore.URL(scheme=goal.scheme, host=goal.host, port=goal.port, target=goal.path)
    try:
        async with (
            httpcore.AsyncConnectionPool(tls, max_connections=1, network_backend=_Pinned(addresses)) as pool,
            pool.stream(method, url, headers=list(headers.items()), content=content or None) as response,
        ):
            yield response
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise ConnectionError(str(error) or type(error).__name__) from error


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, whatever the name."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # as httpcore calls it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        for address in self._addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, CONNECT_SECONDS, None, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException):
                continue
        return await self._network.connect_tcp(self._addresses[-1], port, None, None, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  # as httpcore calls it
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> NoReturn:
        raise httpcore.ConnectError("Only addresses that were checked are connected to.")

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)
