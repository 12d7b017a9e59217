"""Identity with an organisation of its own for each module."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from chassis.testing import Secrets, World
from services.identity.service import SERVICE
from tests.conftest import free_address
from tests.identity.house import House

OpenHouse = Callable[..., Awaitable[House]]


@pytest.fixture(scope="module")
async def open_house(
    start: Callable[..., Awaitable[World]], secrets: Secrets, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OpenHouse]:
    """`await open_house(**settings)` runs the service, which asks itself for its keys, with nobody in it yet."""
    async with AsyncExitStack() as until_the_end:

        async def opened(**settings: object) -> House:
            keys: Path = tmp_path_factory.mktemp("signing-keys")
            (keys / "people.pem").write_bytes(secrets.people_key.as_pem(private=True))
            address = free_address()
            own = {"listen_address": address, "neighbours": {"identity": address}, "signing_keys_dir": keys}
            house = House(await start(SERVICE, **own, **settings))
            until_the_end.push_async_callback(house.close)
            return house

        yield opened


@pytest.fixture(scope="module")
async def house(open_house: OpenHouse) -> House:
    """The service as it is without further settings."""
    return await open_house()
