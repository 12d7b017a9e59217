"""What groups tells decides in feed: who sees what is in a group, who writes there, and whom `@group` tells."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.message import Message
from plein.feed.v1 import feed_pb2, own_data_pb2, own_data_pb2_grpc
from plein.groups.v1 import events_pb2 as groups_pb2
from plein.groups.v1.groups_pb2 import GROUP_ROLE_KEEPER, GROUP_ROLE_MEMBER, GroupRole

from chassis.testing import World
from tests.feed.caller import Caller, Meet, refused, walked
from tests.feed.reader import Reader
from tests.feed.relating import (
    bookmark,
    bookmarked,
    follow_group,
    follow_tag,
    followed_groups,
    mute_group,
    muted,
    unmute_group,
)
from tests.feed.searching import found
from tests.feed.writing import batch, id_of, reshare, revisions, write


class Inside:
    """A group in which `author` wrote, and `member` too, who follows and saved all there is."""

    def __init__(self, world: World, author: Caller, member: Caller) -> None:
        self.world, self.author, self.member = world, author, member
        self.group, self.tag = f"groups/{uuid4()}", f"t{uuid4().hex[:12]}"
        self.post, self.reply = "", ""

    async def write(self) -> None:
        await joined(self.world, self.group, self.author, self.member)
        await self.member.follow(self.author)
        await follow_group(self.member, id_of(self.group))
        await follow_tag(self.member, self.tag)
        text = f"#{self.tag} for @{self.member.person.handle}"
        self.post = (await write(self.author, text, group=self.group)).name
        self.reply = (await self.author.post(f"#{self.tag} too", reply_to=self.post)).name
        await self.author.react(self.post)
        await bookmark(self.member, self.post)
        await self.world.caught_up()


@pytest.fixture
async def inside(world: World, meet: Meet) -> Inside:
    author, member = await meet("author", f"member{uuid4().hex[:8]}")
    inside = Inside(world, author, member)
    await inside.write()
    return inside


async def gone(call: Awaitable[Any]) -> list[Any]:
    """Whether there is something, or it is as if there was nothing."""
    try:
        return [await call]
    except grpc.aio.AioRpcError as error:
        return [] if error.code() is grpc.StatusCode.NOT_FOUND else [error]


async def only(names: Awaitable[Sequence[str]], inside: Inside) -> list[str]:
    return [name for name in await names if name in {inside.post, inside.reply}]


async def of_group(who: Caller, group: str) -> list[str]:
    request = feed_pb2.ListGroupPostsRequest(parent=group, page_size=100)
    return [post.name for post in await walked(who.api.ListGroupPosts, request)]


async def told_in_export(who: Caller, inside: Inside) -> list[str]:
    """What is exported of what the member was told; that there is a bookmark is the member's own."""
    stub = own_data_pb2_grpc.OwnDataServiceStub(who.channel)
    parts = [part async for part in stub.ExportOwnData(own_data_pb2.ExportOwnDataRequest())]
    return [told.newest for part in parts for told in part.notifications if told.newest == inside.post]


# All by which somebody who was in a group could go on seeing what was written there.
Look = Callable[[Caller, Inside], Awaitable[Any]]
LOOKS: dict[str, Look] = {
    "post": lambda who, inside: gone(who.read(inside.post)),
    "reply": lambda who, inside: gone(who.read(inside.reply)),
    "batch": lambda who, inside: batch(who, inside.post, inside.reply),
    "revisions": lambda who, inside: gone(revisions(who, inside.post)),
    "replies": lambda who, inside: gone(who.replies(inside.post)),
    "reactions": lambda who, inside: gone(who.reactions(inside.post)),
    "home": lambda who, inside: who.home_names(),
    "everyone": lambda who, inside: only(who.everyone(), inside),
    "person": lambda who, inside: only(who.written_by(inside.author, replies=True), inside),
    "tag": lambda who, inside: only(who.tagged(inside.tag), inside),
    "group": lambda who, inside: of_group(who, inside.group),
    "search": lambda who, inside: found(who, inside.tag),
    "bookmarks": lambda who, inside: bookmarked(who),
    "followed groups": lambda who, inside: followed_groups(who),
    "inbox": lambda who, inside: Reader(inside.world, who).told(),
    "export": lambda who, inside: told_in_export(who, inside),
}


async def in_groups(world: World, group: str, *messages: Message) -> None:
    await world.tell(group, *messages, source="groups")


async def joined(world: World, group: str, *people: Caller, role: "GroupRole.ValueType" = GROUP_ROLE_MEMBER) -> None:
    told = [groups_pb2.MemberJoined(group=group, person=person.name, role=role) for person in people]
    await in_groups(world, group, *told)


@pytest.mark.parametrize("look", LOOKS)
async def test_who_was_removed_sees_nothing_of_the_group(inside: Inside, look: str) -> None:
    assert await LOOKS[look](inside.member, inside), "as long as one is a member there is something to see"
    removed = groups_pb2.MemberRemoved(group=inside.group, person=inside.member.name)
    await in_groups(inside.world, inside.group, removed)
    await inside.world.caught_up()
    seen = await LOOKS[look](inside.member, inside)
    assert seen == ([("MEMBERSHIP_ENDED", [])] if look == "inbox" else [])


async def test_who_was_removed_does_nothing_in_the_group(inside: Inside) -> None:
    member = inside.member
    await in_groups(inside.world, inside.group, groups_pb2.MemberLeft(group=inside.group, person=member.name))
    for call in (
        member.post(reply_to=inside.post),
        member.react(inside.post),
        reshare(member, inside.post),
        bookmark(member, inside.post),
        follow_group(member, id_of(inside.group)),
        mute_group(member, inside.group),
    ):
        assert (await refused(call)).code == "NOT_FOUND"
    assert (await refused(write(member, "Hi", group=inside.group))).reason == "NO_GROUP"


async def test_a_membership_that_rests_goes_on_as_before(inside: Inside) -> None:
    group, member = inside.group, inside.member
    await in_groups(inside.world, group, groups_pb2.MemberLeft(group=group, person=member.name, suspended=True))
    assert await member.home_names() == await followed_groups(member) == []
    await joined(inside.world, group, member)
    assert await member.home_names() == [inside.post]
    assert await followed_groups(member) == [id_of(group)]


async def test_nobody_writes_in_an_archived_group(inside: Inside) -> None:
    author, group = inside.author, inside.group
    await in_groups(inside.world, group, groups_pb2.GroupArchived(group=group))
    for call in (write(author, "Hi", group=group), author.post(reply_to=inside.post)):
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "GROUP_ARCHIVED")
    assert (await inside.member.read(inside.post)).name == inside.post
    await in_groups(inside.world, group, groups_pb2.GroupUnarchived(group=group))
    await author.post(reply_to=inside.post)


async def test_keepers_mention_all_members(world: World, meet: Meet) -> None:
    kim, bob, eva, zoe = await meet("kim", "bob", "eva", "zoe")
    group = f"groups/{uuid4()}"
    await joined(world, group, kim, role=GROUP_ROLE_KEEPER)
    await joined(world, group, bob, eva)
    post = await write(kim, "Lunch, @Groep!", group=group)
    await bob.post("Not for @group", reply_to=post.name)
    await write(bob, "Neither for @group", group=group)
    readers = [Reader(world, who) for who in (kim, bob, eva, zoe)]
    mentioned = [("GROUP_MENTION", ["kim"])]
    assert [await reader.told(kinds=[30]) for reader in readers] == [[], mentioned, mentioned, []]
    await in_groups(world, group, groups_pb2.MemberLeft(group=group, person=bob.name))
    assert await readers[1].told(kinds=[30]) == []
    await kim.delete(post.name)
    assert await readers[2].told(kinds=[30]) == []


async def test_who_is_keeper_no_more_mentions_nobody_by_it(world: World, meet: Meet) -> None:
    kim, bob = await meet("kim", "bob")
    group = f"groups/{uuid4()}"
    await joined(world, group, kim, bob)
    await in_groups(world, group, role_of(kim, group, GROUP_ROLE_KEEPER))
    await write(kim, "@group", group=group)
    await world.caught_up()
    await in_groups(world, group, role_of(kim, group, GROUP_ROLE_MEMBER))
    await write(kim, "@group", group=group)
    await write(kim, "@group outside of it")
    (notification,) = await Reader(world, bob).inbox(kinds=[30])
    assert notification.entry_count == 1


def role_of(person: Caller, group: str, role: "GroupRole.ValueType") -> groups_pb2.MemberRoleChanged:
    return groups_pb2.MemberRoleChanged(group=group, person=person.name, role=role)


async def test_of_a_muted_group_only_what_concerns_oneself_is_told(world: World, meet: Meet) -> None:
    kim, bob = await meet("kim", f"bob{uuid4().hex[:8]}")
    group = f"groups/{uuid4()}"
    await joined(world, group, kim, role=GROUP_ROLE_KEEPER)
    await joined(world, group, bob)
    assert await mute_group(bob, group) == group
    assert await muted(bob, "groups") == [group]
    own = await write(bob, "Anybody?", group=group)
    await write(kim, "@group", group=group)
    await in_groups(world, group, groups_pb2.GroupEventCreated(event=f"{group}/events/1", organiser=kim.name))
    assert await Reader(world, bob).told() == []
    await kim.post("Yes", reply_to=own.name)
    assert await Reader(world, bob).told() == [("REPLY", ["kim"])]
    soon = groups_pb2.GroupEventReminded(event=f"{group}/events/1", people=[bob.name])
    await in_groups(world, group, soon)
    assert (await Reader(world, bob).told())[0] == ("GROUP_EVENT_REMINDER", [])
    await unmute_group(bob, group)
    assert await muted(bob, "groups") == []
    await write(kim, f"@group and @{bob.person.handle}", group=group)
    assert (await Reader(world, bob).told())[0] == ("MENTION", ["kim"])
