"""What can be reported is shown to moderation alone: as it stands, or as somebody sees it."""

from typing import Any
from uuid import UUID

import pytest
from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import AccessReactions
from chassis.service import Service
from chassis.testing import World
from tests.conftest import Start
from tests.feed.caller import refused

PAPERS: dict[str, subjects_pb2.Subject] = {}


async def paper(tx: AsyncConnection, name: str, sight: Sight | None) -> subjects_pb2.Subject | None:
    """One of the papers, unless somebody who looks must not meet its author."""
    found = PAPERS.get(name)
    seen = found is not None and (sight is None or sight.meets(UUID(found.author.removeprefix("people/"))))
    return found if seen else None


@pytest.fixture(scope="module")
async def world(start: Start) -> World:
    world = await start(Service("feed", apis=[], follows=[AccessReactions], subjects=paper))
    author = await world.person("ada", segments=["network"])
    await world.person("bob")
    await world.person("cas", segments=["retail"])
    await world.bar(("network", "retail"))
    for kept in ("open", "hidden", "removed"):
        name = f"papers/{kept}"
        PAPERS[name] = subjects_pb2.Subject(name=name, author=author.name, text="What it says.")
    PAPERS["papers/hidden"].hidden = PAPERS["papers/removed"].removed = True
    return world


@pytest.mark.parametrize("kept", ["open", "hidden", "removed"])
async def test_moderation_sees_it_as_it_stands(world: World, kept: str) -> None:
    assert await shown(world, f"papers/{kept}") == PAPERS[f"papers/{kept}"]


@pytest.mark.parametrize(
    ("viewer", "seen"), [("ada", {"open", "hidden"}), ("bob", {"open"}), ("cas", set())], ids=["author", "bob", "cas"]
)
async def test_with_a_viewer_it_is_as_that_person_sees_it(world: World, viewer: str, seen: set[str]) -> None:
    for kept in ("open", "hidden", "removed"):
        asked = shown(world, f"papers/{kept}", world.people[viewer].name)
        if kept in seen:
            assert (await asked).name == f"papers/{kept}"
        else:
            assert (await refused(asked)).reason == "SUBJECT_NOT_FOUND"


async def test_what_may_not_be_seen_is_refused_like_what_does_not_exist(world: World) -> None:
    unseen = await refused(shown(world, "papers/hidden", world.people["bob"].name))
    missing = await refused(shown(world, "papers/absent"))
    assert (unseen.code, unseen.reason) == (missing.code, missing.reason) == ("NOT_FOUND", "SUBJECT_NOT_FOUND")
    assert unseen.message.replace("hidden", "absent") == missing.message


async def test_somebody_who_left_sees_nothing(world: World) -> None:
    dan = await world.person("dan")
    await shown(world, "papers/open", dan.name)
    await world.access(dan, active=False, epoch=1)
    assert (await refused(shown(world, "papers/open", dan.name))).code == "NOT_FOUND"


@pytest.mark.parametrize("caller", ["ada", "groups", "operator"])
async def test_nobody_else_is_shown_subjects(world: World, caller: str) -> None:
    channel = world.channel(world.people.get(caller, caller))
    api: Any = subjects_pb2_grpc.SubjectServiceStub(channel)
    request = subjects_pb2.GetSubjectRequest(name="papers/open")
    assert (await refused(api.GetSubject(request))).code == "PERMISSION_DENIED"


async def shown(world: World, name: str, viewer: str = "") -> subjects_pb2.Subject:
    api: Any = subjects_pb2_grpc.SubjectServiceStub(world.channel("moderation"))
    subject: subjects_pb2.Subject = await api.GetSubject(subjects_pb2.GetSubjectRequest(name=name, viewer=viewer))
    return subject
