"""Files and events as moderation sees and hides them."""

from collections.abc import Awaitable
from typing import Any

import pytest
from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from plein.groups.v1 import events_pb2
from plein.moderation.v1 import events_pb2 as decisions

from chassis.testing import World
from tests.feed.caller import refused
from tests.groups.caller import Caller, Meet
from tests.groups.entering import let_in
from tests.groups.gathering import Guest
from tests.groups.sharing import Sharer
from tests.groups.telling import told


@pytest.fixture(params=["files", "events"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_moderation_sees_what_is_reported(world: World, meet: Meet, kind: str) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group, name = await made(kind, ada, bob)
    found = await subject(world, name)
    assert (found.name, found.author, found.root, found.group) == (name, bob.name, group, group)
    assert found.title == "Golf"
    assert list(found.concerned) == [ada.name]
    assert await subject(world, name, ada) == found
    assert (await refused(subject(world, name, eve))).reason == "SUBJECT_NOT_FOUND"
    assert (await refused(subject(world, f"{name}0"))).reason == "SUBJECT_NOT_FOUND"
    revision = found.revision
    if kind == "files":
        await Sharer(bob).rename(name, "Hockey")
    else:
        await Guest(bob).answer(name, "YES")
        assert (await subject(world, name)).revision == revision
        await Guest(bob).change(name, title="Hockey")
    assert (await subject(world, name)).revision != revision


async def test_what_is_hidden_its_author_sees_and_what_is_removed_nobody(world: World, meet: Meet, kind: str) -> None:
    ada, bob = await meet("ada", "bob")
    group, name = await made(kind, ada, bob)
    await world.tell(name, decisions.SubjectHidden(subject=name), source="moderation")
    assert not await sees(kind, ada, group, name)
    assert await sees(kind, bob, group, name)
    await world.tell(name, decisions.SubjectRemoved(subject=name), source="moderation")
    assert not await sees(kind, bob, group, name)
    assert (await subject(world, name)).removed
    await world.tell(name, decisions.SubjectRestored(subject=name), source="moderation")
    assert await sees(kind, ada, group, name)
    kinds = [type(event) for event in await told(world, name)][1:]
    hidden, restored = events_pb2.GroupContentHidden, events_pb2.GroupContentRestored
    assert kinds == [hidden, hidden, restored]


async def made(kind: str, owner: Caller, author: Caller) -> tuple[str, str]:
    """A group, and something in it that another member made."""
    group = (await owner.found(visibility="CLOSED")).name
    await let_in(owner, group, author)
    if kind == "files":
        return group, (await Sharer(author).bring(group, title="Golf")).name
    return group, (await Guest(author).plan(group, "Golf")).name


async def sees(kind: str, person: Caller, group: str, name: str) -> bool:
    """Whether it is in the list; then it is also found alone, and else not."""
    alone: Awaitable[Any]
    if kind == "files":
        listed, alone = await Sharer(person).files(group), Sharer(person).file(name)
    else:
        listed, alone = await Guest(person).upcoming(group), Guest(person).event(name)
    if name in listed:
        assert (await alone).name == name
        return True
    assert (await refused(alone)).code == "NOT_FOUND"
    return False


async def subject(world: World, name: str, viewer: Caller | None = None) -> subjects_pb2.Subject:
    api = subjects_pb2_grpc.SubjectServiceStub(Caller(world, "moderation").channel)
    return await api.GetSubject(subjects_pb2.GetSubjectRequest(name=name, viewer=viewer.name if viewer else ""))
