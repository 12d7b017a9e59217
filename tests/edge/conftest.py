"""One Envoy for all tests of the edge."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.edge.stack import START_SECONDS, Edge, running_edge


@pytest.fixture(scope="session")
async def edge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with running_edge(tmp_path_factory.mktemp("edge")) as (edge, envoy):
        async with asyncio.timeout(START_SECONDS), edge.client(token="") as client:
            while not await healthy(client):
                assert envoy.poll() is None, edge.complaints
        yield edge


async def healthy(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).is_success
    except httpx.TransportError:  # not listening yet
        return False


@pytest.fixture
async def api(edge: Edge) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is signed in, over JSON."""
    async with edge.client() as client:
        yield client


@pytest.fixture
async def visitor(edge: Edge) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    async with edge.client(token="") as client:
        yield client
