"""Feed, groups, blog and moderation in one process, each beside the others, and a canned identity beside each."""

import asyncio
from typing import Any

import pytest
from plein.identity.v1 import identity_pb2

from chassis.testing import Answers, World
from services.blog.service import SERVICE as BLOG
from services.feed.service import SERVICE as FEED
from services.groups.service import SERVICE as GROUPS
from services.moderation.service import SERVICE as MODERATION
from tests.conftest import Start, free_address

RESOLVE_HANDLES = "/plein.identity.v1.IdentityService/ResolveHandles"
BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"
Handles = dict[str, str]  # handle → people/…
Worlds = dict[str, World]  # by the name of the service


@pytest.fixture(scope="module")
def handles() -> Handles:
    """Whom identity knows."""
    return {}


@pytest.fixture(scope="module")
def answers(handles: Handles) -> Answers:
    def resolved(request: identity_pb2.ResolveHandlesRequest) -> identity_pb2.ResolveHandlesResponse:
        known = {handle: handles[handle] for handle in request.handles if handle in handles}
        return identity_pb2.ResolveHandlesResponse(people=known)

    def people(request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
        return identity_pb2.BatchGetPeopleResponse(people=[identity_pb2.Person(name=name) for name in request.names])

    return {
        RESOLVE_HANDLES: (identity_pb2.ResolveHandlesRequest, resolved),
        BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, people),
    }


@pytest.fixture(scope="module")
async def worlds(start: Start, answers: Answers) -> Worlds:
    """They follow each other's own logs, and ask each other."""
    settings: dict[str, dict[str, Any]] = {
        "moderation": {"reports_an_hour": 1000, "reports_a_day": 1000},
        "groups": {"groups_founded_per_day": 1000},
        "blog": {},
        "feed": {"link_previews": False},
    }
    beside = {name: free_address() for name in settings}
    worlds = {
        service.name: await start(
            service,
            answers,
            listen_address=beside[service.name],
            beside=beside,
            **settings[service.name],
        )
        for service in (MODERATION, GROUPS, BLOG, FEED)
    }
    # Those that began first called others that did not listen yet. gRPC has one connection for all of a process, and
    # refuses every call to them, also of people, until it tries again.
    async with asyncio.timeout(10):
        for world in worlds.values():
            await world.channel("identity").channel_ready()
    return worlds
