"""The logs that feed follows fall silent, and the cache with them: then things may be hidden, and are never shown to
whom they are not for; and when they are heard again, all is as it was told, each thing once."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from plein.groups.v1 import events_pb2 as groups_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis import access
from chassis.events import follower
from chassis.testing import Answers, World
from services.feed.domain.posts import Audience, Mention
from services.feed.service import SERVICE
from tests.chassis.own_valkey import OwnValkey
from tests.conftest import Start
from tests.feed.cached import pause
from tests.feed.caller import Caller, Meet, refused
from tests.feed.everywhere import canary
from tests.feed.listening import listening
from tests.feed.listening import write as written_elsewhere
from tests.feed.reader import Reader
from tests.feed.relating import follow_group, followed_groups, suggestions
from tests.feed.writing import id_of, new_group, write

# For tests that take seconds and not minutes: so long nothing has to be heard, and so long nobody waits for an event.
STALE_SECONDS, WAIT_SECONDS = 2.0, 1


@pytest.fixture(scope="module", autouse=True)
def impatience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "STALE_SECONDS", STALE_SECONDS)
        patch.setattr(follower, "WAIT_SECONDS", WAIT_SECONDS)
        yield


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, own_valkey: OwnValkey) -> World:
    return await start(SERVICE, answers, redis_url=own_valkey.url, live_heartbeat_seconds=0.5)


@asynccontextmanager
async def silent(world: World, source: str) -> AsyncIterator[None]:
    """For the block nothing is heard of a service, as when its process is frozen or the network is cut."""
    await world.logs[source].stall(True)
    try:
        yield
    finally:
        await world.logs[source].stall(False)


async def in_group(world: World, *people: Caller) -> str:
    """A group that these people have joined."""
    group = new_group()
    joined = [groups_pb2.MemberJoined(group=group, person=person.name) for person in people]
    await world.tell(group, *joined, source="groups")
    return group


async def test_while_groups_is_silent_nothing_of_a_group_is_anywhere_and_then_it_is_back(
    meet: Meet, world: World
) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    group = await in_group(world, author, reader, friend)
    await follow_group(reader, id_of(group))
    seen = await canary(world, author, reader, friend, group=group)
    places, of_author = await seen.places(reader), await seen.places(author)
    outside = await author.post("For all")
    async with silent(world, "groups"):
        await seen.comes_to(reader, set(), STALE_SECONDS + 1)
        await seen.comes_to(author, {"own data"})
        assert await followed_groups(reader) == []
        assert [reason for found in await suggestions(reader) for reason in found.shared_groups] == []
        assert await reader.home_names() == [outside.name], "what is in no group stays"
        assert (await refused(write(author, "Within", group=group))).code == "INVALID_ARGUMENT"
    await seen.comes_to(reader, places)
    await seen.comes_to(author, of_author)
    assert await followed_groups(reader) == [id_of(group)]


async def test_who_was_taken_out_while_groups_was_silent_sees_nothing_of_it_at_any_moment(
    meet: Meet, world: World
) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    group = await in_group(world, author, reader, friend)
    seen = await canary(world, author, reader, friend, group=group)
    of_friend = await seen.places(friend)
    async with silent(world, "groups"):
        await seen.comes_to(reader, set(), STALE_SECONDS + 1)
        await world.logs["groups"].tell(group, groups_pb2.MemberRemoved(group=group, person=reader.name))
        assert await seen.places(reader) == set()
    await seen.comes_to(friend, of_friend)
    assert await seen.places(reader) == set(), "what is heard again is heard with the removal"


async def test_what_was_written_in_a_group_while_groups_was_silent_is_told_afterwards(meet: Meet, world: World) -> None:
    author, reader = await meet("author", "reader")
    group = await in_group(world, author, reader)
    await follow_group(reader, id_of(group))
    async with listening(reader) as home, listening(reader, notifications=True) as inbox:
        await write(author, "@reader before", group=group)
        await home.count(1)
        await inbox.unread(1)
        async with silent(world, "groups"):
            await home.until(lambda message: message.new_post_count == 0)
            mention, audience = Mention(reader.id, "reader"), Audience(group=id_of(group))
            # As another process takes it in, which has heard groups until a moment ago.
            await written_elsewhere(world, author, text="@reader", mentions=(mention,), audience=audience)
            await world.caught_up("feed")
            assert not (await Reader(world, reader).page()).notifications
        await home.until(lambda message: message.new_post_count == 2)
        assert await Reader(world, reader).unread() == 2
    assert await Reader(world, reader).told() == [("MENTION", ["author"]), ("MENTION", ["author"])]


async def test_without_groups_an_installation_shows_all_but_what_was_written_in_groups(
    meet: Meet, world: World, start: Start, answers: Answers
) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    group = await in_group(world, author, reader, friend)
    within = await canary(world, author, reader, friend, group=group)
    outside = await canary(world, author, reader, friend)
    places = await outside.places(reader)
    settings = world.server.settings
    others = {name: address for name, address in settings.neighbours.items() if name != "groups"}
    same = {"database_url": settings.database_url, "media_url": settings.media_url}
    less = await start(SERVICE, answers, neighbours=others, **same)
    there = Caller(less, reader.person)
    await within.comes_to(there, set())
    await outside.comes_to(there, places)
    await there.channel.close()
    await less.server.stop()


async def test_while_moderation_is_silent_what_it_decided_stays_so_and_then_all_is_as_it_decided_last(
    meet: Meet, world: World
) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    hidden, shown = [await canary(world, author, reader, friend) for _ in range(2)]
    places = await shown.places(reader)
    await world.tell("cases/any", moderation_pb2.SubjectHidden(subject=hidden.name), source="moderation")
    await hidden.comes_to(reader, set())
    log = world.logs["moderation"]
    async with silent(world, "moderation"):
        for decided in (moderation_pb2.SubjectRestored, moderation_pb2.SubjectRemoved, moderation_pb2.SubjectRestored):
            await log.tell("cases/any", decided(subject=hidden.name))
            await log.tell("cases/any", moderation_pb2.SubjectRemoved(subject=shown.name))
        assert await hidden.places(reader) == set()
        assert await shown.places(reader) == places
        await author.post("Life goes on")
    await hidden.comes_to(reader, places)
    await shown.comes_to(reader, set())
    kinds = [kind for kind, _ in await Reader(world, author).told(unread_only=True)]
    assert sorted(kind for kind in kinds if kind.startswith("CONTENT")) == [
        *("CONTENT_HIDDEN", "CONTENT_REMOVED", "CONTENT_REMOVED", "CONTENT_RESTORED"),
    ], "of one post what happened to it twice is one notification"


async def test_a_mute_ends_in_time_though_moderation_is_silent(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    muted = moderation_pb2.PersonMuted(person=ada.name)
    muted.until.FromDatetime(datetime.now(UTC) + timedelta(seconds=1))
    await world.tell(ada.name, muted, source="moderation")
    async with silent(world, "moderation"):
        assert (await refused(ada.post())).reason == "MUTED"
        while datetime.now(UTC) < muted.until.ToDatetime(tzinfo=UTC):
            await pause()
        await ada.post()


async def test_decisions_are_not_lost_with_the_process(
    meet: Meet, world: World, start: Start, answers: Answers, own_valkey: OwnValkey
) -> None:
    """Feed stops while moderation is silent; what begins in its place hears all of it once."""
    author, reader, friend = await meet("author", "reader", "friend")
    seen = await canary(world, author, reader, friend)
    settings, log = world.server.settings, world.logs["moderation"]
    async with silent(world, "moderation"):
        await log.tell("cases/any", moderation_pb2.SubjectRemoved(subject=seen.name))
        same = {"database_url": settings.database_url, "neighbours": settings.neighbours, "redis_url": own_valkey.url}
        again = await start(SERVICE, answers, **same)
        there = Caller(again, reader.person)
        assert await seen.places(there)
    await seen.comes_to(there, set())
    assert [kind for kind, _ in await Reader(world, author).told()].count("CONTENT_REMOVED") == 1
    await there.channel.close()
    await again.server.stop()


async def test_a_cache_that_comes_back_with_what_it_held_shows_nothing_that_was_decided_meanwhile(
    meet: Meet, world: World, own_valkey: OwnValkey
) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    seen = await canary(world, author, reader, friend)
    assert "home" in await seen.places(reader)
    own_valkey.freeze()
    try:
        await world.logs["moderation"].tell("cases/any", moderation_pb2.SubjectRemoved(subject=seen.name))
        await world.caught_up("moderation")
        assert await seen.places(reader) == set()
    finally:
        own_valkey.thaw()
    for _ in range(20):
        assert await seen.places(reader) == set()
        await pause()
