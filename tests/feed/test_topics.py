"""Following tags and groups."""

import asyncio
from uuid import UUID, uuid4

import pytest
from plein.feed.v1 import relations_pb2
from plein.groups.v1 import events_pb2

from chassis.testing import World
from services.feed.store import topics
from tests.feed.caller import Meet, refused
from tests.feed.relating import (
    follow_group,
    follow_tag,
    followed_groups,
    followed_tags,
    join,
    leave,
    relations,
    unfollow_group,
    unfollow_tag,
)


async def test_a_tag_is_followed_however_it_is_written(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    first = await follow_tag(ada, "Koffie")
    assert first == await follow_tag(ada, "KOFFIE"), "following twice changes nothing"
    assert first.tag == "tags/koffie"
    assert (await followed_tags(ada), await followed_tags(bob)) == (["koffie"], [])
    async with world.server.resources.database.snapshot() as tx:
        readers = await topics.followers_of_tags(tx, ["koffie", "thee"])
    assert readers == {"koffie": [ada.id.bytes], "thee": []}
    await unfollow_tag(ada, "koffie")
    await unfollow_tag(ada, "koffie")
    assert await followed_tags(ada) == []


@pytest.mark.parametrize("tag", ["two words", "2026", "#", "x" * 101])
async def test_what_can_be_no_tag_is_not_followed(meet: Meet, tag: str) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(follow_tag(ada, tag))
    assert (refusal.code, refusal.reason, refusal.fields) == ("INVALID_ARGUMENT", "NO_TAG", ("name",))


async def test_a_member_follows_a_group(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group, other = uuid4(), uuid4()
    await join(world, group, ada, bob)
    first = await follow_group(ada, group)
    assert first == await follow_group(ada, group), "following twice changes nothing"
    assert (await followed_groups(ada), await followed_groups(bob)) == ([group], [])
    assert await readers_of(world, group, other) == {group: [ada.id.bytes], other: []}
    await unfollow_group(ada, group)
    assert await readers_of(world, group) == {group: []}


async def test_a_follow_of_a_group_counts_for_as_long_as_one_is_a_member(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    group = uuid4()
    await join(world, group, ada)
    await follow_group(ada, group)
    await leave(world, group, ada)
    assert await followed_groups(ada) == []
    assert await readers_of(world, group) == {group: []}
    await unfollow_group(ada, group)
    await join(world, group, ada)
    assert await followed_groups(ada) == []


@pytest.mark.parametrize("ended", [events_pb2.MemberLeft, events_pb2.MemberRemoved])
async def test_who_comes_back_to_a_group_does_not_follow_it(
    meet: Meet, world: World, ended: "type[events_pb2.MemberLeft | events_pb2.MemberRemoved]"
) -> None:
    (ada,) = await meet("ada")
    group = uuid4()
    joined = events_pb2.MemberJoined(group=f"groups/{group}", person=ada.name)
    await world.tell(ada.name, joined, source="groups")
    await follow_group(ada, group)
    assert await followed_groups(ada) == [group]
    await world.tell(ada.name, ended(group=joined.group, person=ada.name), joined, source="groups")
    assert await followed_groups(ada) == []
    assert await readers_of(world, group) == {group: []}
    await follow_group(ada, group)
    assert await followed_groups(ada) == [group]


async def test_a_group_of_others_is_as_unknown_as_nothing(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group, nothing = uuid4(), uuid4()
    await join(world, group, bob)
    expected = (await refused(follow_group(ada, nothing))).without(str(nothing))
    assert (expected.code, expected.reason) == ("NOT_FOUND", "GROUP_NOT_FOUND")
    assert (await refused(follow_group(ada, group))).without(str(group)) == expected
    nonsense = relations(ada).FollowGroup(relations_pb2.FollowGroupRequest(name="groups/{name}"))
    assert await refused(nonsense) == expected
    await unfollow_group(ada, group)


async def test_what_one_follows_comes_newest_first_in_pages(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    tags, groups = [f"tag{number}" for number in range(7)], [uuid4() for _ in range(7)]
    for tag, group in zip(tags, groups, strict=True):
        await join(world, group, ada)
        await follow_tag(ada, tag)
        await follow_group(ada, group)
    for size in (1, 2, 3, 7):
        assert await followed_tags(ada, size) == tags[::-1]
        assert await followed_groups(ada, size) == groups[::-1]


async def test_clicking_at_once_follows_once(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    for _ in range(3):
        clicks = await asyncio.gather(*(follow_tag(ada, "storm") for _ in range(5)))
        assert clicks == [await follow_tag(ada, "storm")] * 5
        await asyncio.gather(*(unfollow_tag(ada, "storm") for _ in range(5)))
    await world.caught_up()
    events = await told(world, ada.name)
    assert events == ["TagFollowed", "TagUnfollowed"] * 3


async def told(world: World, name: str) -> list[str]:
    """What the log tells of somebody's following of #storm, in order."""
    query = "SELECT type FROM eventlog.events WHERE aggregate = %s ORDER BY position"
    async with world.server.resources.database.snapshot() as tx:
        rows = await tx.exec_driver_sql(query, (f"{name}/following/tags/storm",))
        return [kind.rpartition(".")[2] for kind in rows.scalars()]


async def readers_of(world: World, *groups: UUID) -> dict[UUID, list[bytes]]:
    async with world.server.resources.database.snapshot() as tx:
        return await topics.followers_of_groups(tx, groups)
