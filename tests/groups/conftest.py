"""Groups on its own, for each module of tests, beside an identity that knows the departments of its people."""

from asyncio import gather
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.testing import World
from services.groups.service import SERVICE
from tests.conftest import Start
from tests.groups.caller import Caller, Meet, Staff


@pytest.fixture(scope="module")
def staff() -> Staff:
    """Whom identity knows."""
    return Staff()


@pytest.fixture(scope="module")
async def world(start: Start, staff: Staff) -> World:
    """Groups, running until the module's last test is done."""
    return await start(SERVICE, staff.answers)


@pytest.fixture
async def meet(world: World, staff: Staff) -> AsyncIterator[Meet]:
    """Brings new people in, of whom groups has heard."""
    met: list[Caller] = []

    async def people(*names: str, department: str = "", **access: Any) -> list[Caller]:
        callers = [Caller(world, who) for who in await gather(*(world.person(name, **access) for name in names))]
        await staff.hire(world, department, *callers)
        met.extend(callers)
        return callers

    yield people
    for caller in met:
        await caller.channel.close()
