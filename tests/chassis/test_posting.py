"""Posting to addresses that somebody gave: to the public, and inside only where it is allowed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chassis.fetching import AddressRefused, CannotFetch, Fetched, Fetcher

GONE = b"HTTP/1.1 410 Gone\r\ncontent-length: 4\r\n\r\ngone"
REDIRECT = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"


@asynccontextmanager
async def listening(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on this machine: its port, and what it was sent."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], heard


async def posted(url: str, *allowed: str) -> Fetched:
    return await Fetcher(allowed_hosts=allowed, seconds=5).post(url, b"{}", {"content-type": "application/json"})


@pytest.mark.parametrize("allowed", [(), ("10.0.0.0/8",), ("intranet.example",)])
async def test_what_is_not_allowed_inside_is_never_connected_to(allowed: tuple[str, ...]) -> None:
    async with listening(GONE) as (port, heard):
        with pytest.raises(AddressRefused):
            await posted(f"http://localhost:{port}/", *allowed)
    assert heard == []


@pytest.mark.parametrize("allowed", [("localhost:{port}",), ("127.0.0.0/8", "::1/128")])
async def test_an_allowed_host_or_network_is_reached(allowed: tuple[str, ...]) -> None:
    async with listening(GONE) as (port, heard):
        url = f"http://localhost:{port}/in?x=1"
        answer = await posted(url, *(host.format(port=port) for host in allowed))
    assert (answer.status, answer.content) == (410, b"gone")
    assert heard[0].startswith(b"POST /in?x=1 HTTP/1.1\r\n")
    assert f"host: localhost:{port}".encode() in heard[0].lower()


async def test_a_network_does_not_allow_the_rest_of_what_a_name_leads_to() -> None:
    async def both(host: str, port: int) -> list[str]:
        return ["10.0.0.1", "127.0.0.1"]

    with pytest.raises(AddressRefused):
        await Fetcher(allowed_hosts=["10.0.0.0/8"], resolve=both).post("https://both.example/", b"", {})


async def test_a_redirect_is_an_answer_like_any_other() -> None:
    async with listening(REDIRECT) as (port, _):
        assert (await posted(f"http://127.0.0.1:{port}/", "127.0.0.0/8")).status == 302


async def test_who_talks_nonsense_cannot_be_posted_to() -> None:
    async with listening(b"nonsense\r\n\r\n") as (port, _):
        with pytest.raises(CannotFetch):
            await posted(f"http://127.0.0.1:{port}/", "127.0.0.0/8")
