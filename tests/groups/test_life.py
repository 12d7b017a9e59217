"""Groups are changed, renamed, archived, deleted and brought back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from plein.groups.v1 import groups_pb2
from plein.moderation.v1.events_pb2 import SubjectHidden, SubjectRemoved, SubjectRestored

from chassis.testing import World
from services.groups.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import refused
from tests.groups.caller import Caller, Meet, Staff
from tests.groups.telling import kinds_told, told, until


@pytest.fixture(scope="module")
async def hasty(start: Start, staff: Staff) -> World:
    """Groups where what is deleted is gone at once, and one founds and owns little."""
    few = {"groups_owned_per_person": 2, "groups_founded_per_day": 3}
    return await start(SERVICE, staff.answers, group_undelete_days=0, **few)


async def test_owners_change_a_group(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = await ada.found()
    changed = await ada.change(group.name, title="Golf & more", visibility=groups_pb2.GROUP_VISIBILITY_CLOSED)
    assert (changed.title, changed.handle) == ("Golf & more", "golf")
    assert changed.etag != group.etag
    assert await ada.group(group.name) == changed
    await bob.ask(group.name)
    await ada.accept(group.name, bob)
    await ada.appoint(group.name, bob, "KEEPER")
    assert (await refused(bob.change(group.name, title="Mine"))).reason == "NOT_YOUR_GROUP"
    assert "GroupChanged" in await kinds_told(world, group.name)


async def test_a_change_of_what_somebody_else_changed_is_refused(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = await ada.found()
    await bob.join(group.name)
    await ada.change(group.name, title="One", etag=group.etag)
    assert (await refused(ada.change(group.name, title="Two", etag=group.etag))).code == "ABORTED"


async def test_fields_are_checked(meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found()).name
    refusals = {
        "title": await refused(ada.change(group, "title")),
        "visibility": await refused(ada.change(group, "visibility")),
        "mask": await refused(ada.change(group, "member_count")),
        "id": await refused(ada.change(group, handle="01993e54-0000-7000-8000-000000000000")),
        "digits": await refused(ada.change(group, handle="2024")),
        "long": await refused(ada.change(group, title="x" * 81)),
    }
    assert {refusal.code for refusal in refusals.values()} == {"INVALID_ARGUMENT"}
    reasons = ["NO_TITLE", "NO_VISIBILITY", "FIELD_NOT_YOURS", "BAD_HANDLE", "BAD_HANDLE", "TITLE_TOO_LONG"]
    assert [refusal.reason for refusal in refusals.values()] == reasons
    assert (await refused(ada.found(" "))).reason == "NO_TITLE"


async def test_old_links_lead_to_a_renamed_group(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = await ada.found("Android phones")
    await ada.change(group.name, handle="phones")
    await ada.change(group.name, handle="mobiles")
    for handle in ("android-phones", "phones", "mobiles"):
        found = await bob.group(f"groups/{handle}")
        assert (found.name, found.handle) == (group.name, "mobiles")
    assert (await refused(bob.found(handle="phones"))).reason == "HANDLE_TAKEN"
    assert (await ada.change(group.name, handle="phones")).handle == "phones"


async def test_groups_of_one_title_have_handles_of_their_own(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    assert (await ada.found("Vélo & café")).handle == "velo-cafe"
    assert (await bob.found("Velo café!")).handle == "velo-cafe-2"
    assert (await bob.found("日本")).handle == "group"
    assert (await bob.found("2024")).handle == "group-2024"


async def test_nothing_of_a_group_that_becomes_secret_is_left_to_others(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found("Project X", "CLOSED", handle="project-x")).name
    await bob.ask(group)
    secret = await ada.change(group, visibility=groups_pb2.GROUP_VISIBILITY_SECRET)
    assert secret.handle == ""
    assert not await bob.knows(group)
    assert (await refused(bob.group("groups/project-x"))).reason == "GROUP_NOT_FOUND"
    assert await ada.requests(group) == []
    assert "MembershipRequestEnded" in await kinds_told(world, group)
    assert (await bob.found("Project X", handle="project-x")).handle == "project-x"
    assert (await ada.change(group, visibility=groups_pb2.GROUP_VISIBILITY_OPEN)).handle == "project-x-2"


async def test_an_archived_group_is_read_and_not_entered(world: World, meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found()).name
    await bob.join(group)
    archived = await ada.archive(group)
    assert (await ada.archive(group)).archive_time == archived.archive_time
    assert ada.name in await bob.members_of(group)
    for call in (eve.join(group), bob.invite(group, eve), ada.link(group), ada.change(group, title="New")):
        assert (await refused(call)).reason == "GROUP_ARCHIVED"
    await bob.leave(group)
    assert not (await ada.unarchive(group)).HasField("archive_time")
    await eve.join(group)
    kinds = await kinds_told(world, group)
    assert kinds.index("GroupArchived") < kinds.index("GroupUnarchived")


async def test_a_deleted_group_is_there_for_its_owners_alone(world: World, meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found()).name
    link = await ada.link(group, uses=9)
    await bob.join(group)
    deleted = await ada.delete(group)
    left = deleted.purge_time.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    assert (await ada.delete(group)).purge_time == deleted.purge_time
    assert [await who.knows(group) for who in (ada, bob, eve)] == [True, False, False]
    assert (await refused(eve.use(link.secret))).reason == "LINK_NOT_FOUND"
    assert (await refused(ada.invite(group, eve))).reason == "GROUP_DELETED"
    assert (await kinds_told(world, group))[-1] == "GroupDeleted"


async def test_with_a_group_that_is_brought_back_its_members_are(world: World, meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found(history=groups_pb2.GROUP_HISTORY_SINCE_JOINING)).name
    await bob.join(group)
    await ada.delete(group)
    await ada.undelete(group)
    assert [await who.knows(group) for who in (ada, bob, eve)] == [True] * 3

    async def all_are_told() -> bool:
        events = await told(world, group)
        kinds = [type(event).__name__ for event in events]
        since = [event for event in events[kinds.index("GroupDeleted") :] if hasattr(event, "history_since")]
        return {event.person for event in since if event.HasField("history_since")} == {ada.name, bob.name}

    await until(all_are_told)


async def test_a_deleted_group_is_gone_in_the_end(hasty: World) -> None:
    ada = Caller(hasty, await hasty.person("ada"))
    group = (await ada.found(handle="short")).name
    await ada.delete(group)

    async def gone() -> bool:
        return not await ada.knows(group)

    await until(gone)
    assert (await ada.found(handle="short")).handle == "short"


async def test_who_founds_too_many_groups_has_to_wait(hasty: World) -> None:
    bob, eve = [Caller(hasty, await hasty.person(handle)) for handle in ("bob", "eve")]
    for _ in range(2):
        last = await bob.found()
    assert (await refused(bob.found())).reason == "TOO_MANY_GROUPS"
    await eve.join(last.name)
    await bob.hand_over(last.name, eve)
    last = await bob.found()
    await eve.join(last.name)
    await bob.hand_over(last.name, eve)
    refusal = await refused(bob.found())
    assert (refusal.code, refusal.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_GROUPS_TODAY")


async def test_members_see_the_past_as_the_group_sets(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    joined = await bob.join(group)
    await ada.change(group, history=groups_pb2.GROUP_HISTORY_SINCE_JOINING)

    async def bob_sees_since() -> object:
        events = [event for event in await told(world, group) if getattr(event, "person", "") == bob.name]
        return events[-1].history_since if events[-1].HasField("history_since") else None

    async def only_since() -> bool:
        return await bob_sees_since() == joined.join_time

    async def all_of_it() -> bool:
        return await bob_sees_since() is None

    await until(only_since)
    await ada.change(group, history=groups_pb2.GROUP_HISTORY_ALL)
    await until(all_of_it)


async def decide(world: World, kind: Any, group: str) -> None:
    await world.tell(group, kind(subject=group), source="moderation")


async def test_a_group_that_moderation_hides_is_there_for_its_owners(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await bob.join(group)
    await decide(world, SubjectHidden, f"{group}/files/1")
    assert await bob.knows(group)
    await decide(world, SubjectHidden, group)
    assert (await ada.group(group)).hidden
    assert not await bob.knows(group)
    assert (await refused(ada.change(group, title="New"))).reason == "GROUP_HIDDEN"
    assert (await kinds_told(world, group))[-1] == "GroupDeleted"
    await decide(world, SubjectRemoved, group)
    assert not await ada.knows(group)
    await decide(world, SubjectRestored, group)
    assert await bob.role(group) == "MEMBER"

    async def all_are_told() -> bool:
        kinds = await kinds_told(world, group)
        return kinds[kinds.index("GroupDeleted") :].count("MemberJoined") == 2

    await until(all_are_told)


async def test_moderation_sees_a_group_that_is_reported(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found("Insults", "SECRET")).name
    async with world.channel("moderation") as channel:
        subjects = subjects_pb2_grpc.SubjectServiceStub(channel)
        seen = await subjects.GetSubject(subjects_pb2.GetSubjectRequest(name=group))
        assert (seen.title, seen.author, list(seen.concerned)) == ("Insults", ada.name, [ada.name])
        assert await subjects.GetSubject(subjects_pb2.GetSubjectRequest(name=group, viewer=ada.name)) == seen
        for request in (
            subjects_pb2.GetSubjectRequest(name=group, viewer=bob.name),
            subjects_pb2.GetSubjectRequest(name=f"{group}/members/1"),
        ):
            assert (await refused(subjects.GetSubject(request))).reason == "SUBJECT_NOT_FOUND"
