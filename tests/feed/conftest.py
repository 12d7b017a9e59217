"""Feed on its own, for each module of tests, beside an identity that knows the handles of its people."""

from asyncio import gather
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest
from plein.identity.v1 import identity_pb2

from chassis import shape
from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.chassis.own_valkey import OwnValkey
from tests.conftest import Start
from tests.feed.caller import Caller, Meet

RESOLVE_HANDLES = "/plein.identity.v1.IdentityService/ResolveHandles"
Handles = dict[str, str]  # handle → people/…


@pytest.fixture(scope="module")
def handles() -> Handles:
    """Whom identity knows; a test takes out whom it would keep from the caller."""
    return {}


@pytest.fixture(scope="module")
def answers(handles: Handles) -> Answers:
    def resolved(request: identity_pb2.ResolveHandlesRequest) -> identity_pb2.ResolveHandlesResponse:
        shape.check(request)
        known = {handle: handles[handle] for handle in request.handles if handle in handles}
        return identity_pb2.ResolveHandlesResponse(people=known)

    return {RESOLVE_HANDLES: (identity_pb2.ResolveHandlesRequest, resolved)}


@pytest.fixture(scope="module")
def start(start: Start) -> Start:
    """Starts feed without looking at links, which tests invent."""
    return partial(start, link_previews=False)


@pytest.fixture(scope="module")
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    """A cache for a module's own world, which may do to it what it likes."""
    with OwnValkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    """Feed, running until the module's last test is done."""
    return await start(SERVICE, answers)


@pytest.fixture
async def meet(world: World, handles: Handles) -> AsyncIterator[Meet]:
    """Brings new people in, of whom feed has heard."""
    met: list[Caller] = []

    async def people(*names: str, **access: Any) -> list[Caller]:
        callers = [Caller(world, who) for who in await gather(*(world.person(name, **access) for name in names))]
        handles.update({caller.person.handle: caller.name for caller in callers})
        met.extend(callers)
        return callers

    yield people
    for caller in met:
        await caller.channel.close()
