"""Moderation on its own, for each module of tests, beside owners of subjects that the test writes."""

from asyncio import gather
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from chassis.testing import World
from services.moderation.service import SERVICE
from tests.conftest import Start
from tests.moderation.caller import Caller, Meet
from tests.moderation.owners import Shelf


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    """What can be reported."""
    return Shelf()


@pytest.fixture(autouse=True)
def owners_are_back(shelf: Shelf) -> Iterator[None]:
    """After each test the owners can be asked again."""
    yield
    shelf.away = False


@pytest.fixture(scope="module")
async def world(start: Start, shelf: Shelf) -> World:
    """Moderation, running until the module's last test is done."""
    return await start(SERVICE, shelf.answers, reports_an_hour=1000, reports_a_day=1000)


@pytest.fixture
async def meet(world: World) -> AsyncIterator[Meet]:
    """Brings new people in, of whom moderation has heard."""
    met: list[Caller] = []

    async def people(*names: str, **access: Any) -> list[Caller]:
        callers = [Caller(world, who) for who in await gather(*(world.person(name, **access) for name in names))]
        met.extend(callers)
        return callers

    yield people
    for caller in met:
        await caller.channel.close()
