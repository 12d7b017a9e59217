"""Blog on its own, for each module of tests, beside an identity that knows the handles of its people."""

from asyncio import gather
from collections.abc import AsyncIterator
from typing import Any

import pytest
from plein.identity.v1 import identity_pb2

from chassis import shape
from chassis.testing import Answers, World
from services.blog.service import SERVICE
from tests.blog.caller import Caller, Meet
from tests.conftest import Start

RESOLVE_HANDLES = "/plein.identity.v1.IdentityService/ResolveHandles"
BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"
Handles = dict[str, str]  # handle → people/…


@pytest.fixture(scope="module")
def handles() -> Handles:
    """Whom identity knows; a test takes out whom it would keep from the caller."""
    return {}


@pytest.fixture(scope="module")
def full_names() -> dict[str, str]:
    """How people are called by whom identity is asked, by their names: people/… → given and family name."""
    return {}


@pytest.fixture(scope="module")
def answers(handles: Handles, full_names: dict[str, str]) -> Answers:
    def resolved(request: identity_pb2.ResolveHandlesRequest) -> identity_pb2.ResolveHandlesResponse:
        shape.check(request)
        known = {handle: handles[handle] for handle in request.handles if handle in handles}
        return identity_pb2.ResolveHandlesResponse(people=known)

    def people(request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
        shape.check(request)
        found = [identity_pb2.Person(name=name, given_name=full_names.get(name, "Somebody")) for name in request.names]
        return identity_pb2.BatchGetPeopleResponse(people=found)

    return {
        RESOLVE_HANDLES: (identity_pb2.ResolveHandlesRequest, resolved),
        BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, people),
    }


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    """Blog, running until the module's last test is done."""
    return await start(SERVICE, answers)


@pytest.fixture
async def meet(world: World, handles: Handles) -> AsyncIterator[Meet]:
    """Brings new people in, of whom blog has heard."""
    met: list[Caller] = []

    async def people(*names: str, **access: Any) -> list[Caller]:
        callers = [Caller(world, who) for who in await gather(*(world.person(name, **access) for name in names))]
        handles.update({caller.person.handle: caller.name for caller in callers})
        met.extend(callers)
        return callers

    yield people
    for caller in met:
        await caller.channel.close()
