"""Those who listen hear at once how much is new in their home, and nothing of what they may not see."""

import asyncio
import time
from typing import Any

import grpc
import pytest
from uuid_utils.compat import uuid7

from chassis.testing import Answers, World
from services.feed.domain.posts import Audience
from services.feed.service import SERVICE
from services.feed.store.home_watching import HomeWatching
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, refusal
from tests.feed.listening import Listener, listening, write
from tests.feed.relating import follow_group, follow_tag, join, mute

HEARTBEAT_SECONDS = 0.5


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    return await start(SERVICE, answers, live_heartbeat_seconds=HEARTBEAT_SECONDS)


async def test_a_new_post_is_told_within_two_seconds(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as listener:
        assert listener.heard[0].new_post_count == 0
        post = await bob.post()
        message = await listener.count(1, seconds=2)
        assert message.newest_post == post.name


async def test_what_comes_in_a_burst_is_told_at_most_once_a_second(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as listener:
        began = time.monotonic()
        for _ in range(20):
            await bob.post()
        await listener.count(20)
        assert len(listener.heard) <= 3 + (time.monotonic() - began)


async def test_posts_of_tags_groups_and_announcements_are_told_as_well(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group = uuid7()
    await join(world, group, ada, bob)
    await follow_group(ada, group)
    await follow_tag(ada, "koffie")
    async with listening(ada) as listener:
        await bob.post("Wie wil er #Koffie?")
        await listener.count(1)
        await write(world, bob, audience=Audience(group=group), tags=("koffie",))
        await listener.count(2)
        await write(world, bob, announcement=True)
        await listener.count(3)


async def test_a_post_is_told_once_however_many_pass_it_on(meet: Meet, world: World) -> None:
    ada, bob, cleo, dirk = await meet("ada", "bob", "cleo", "dirk")
    await ada.follow(bob, cleo)
    async with listening(ada) as listener:
        original = await write(world, dirk, text="not followed")
        for reader in (bob, cleo):
            await write(world, reader, reshare_of=original.id)
        await write(world, bob, reshare_of=original.id, text="look")
        await listener.count(2)
        await dirk.delete(original.name)
        await bob.post()
        await listener.until(lambda told: told.new_post_count == 2)


async def test_what_was_brought_in_from_the_past_is_no_news(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as listener:
        await write(world, bob, imported=True)
        new = await bob.post()
        assert (await listener.count(1)).newest_post == new.name


async def test_nothing_is_told_of_what_one_may_not_see(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada", segments=["trade"])
    (bob,) = await meet("bob", segments=["grid"])
    cleo, dirk, eve = await meet("cleo", "dirk", "eve")
    await ada.follow(bob, cleo, dirk)
    await mute(ada, dirk)
    await world.bar(("trade", "grid"))
    async with listening(ada) as listener:
        await bob.post("behind a barrier")
        await cleo.post("for freelancers", kinds=["FREELANCER"])
        await cleo.post("a reply", reply_to=(await ada.post("one's own")).name)
        await dirk.post("muted")
        await eve.post("not followed")
        seen = await cleo.post("for all")
        message = await listener.count(1)
        assert message.newest_post == seen.name
        await listener.next()
        assert {told.newest_post for told in listener.heard} == {"", seen.name}
    await world.bar()


async def test_what_was_deleted_is_counted_no_more(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    kept = await bob.post()
    async with listening(ada) as listener:
        post = await bob.post()
        await listener.count(1)
        await bob.delete(post.name)
        message = await listener.until(lambda told: told.new_post_count == 0)
        assert message.changed_posts == [post.name]
        await bob.delete(kept.name)
        assert (await listener.until(lambda told: bool(told.changed_posts))).changed_posts == [kept.name]


async def test_who_comes_back_is_told_exactly_what_was_missed(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as listener:
        await bob.post()
        cursor = (await listener.count(1)).cursor
    missed = [await bob.post(), await bob.post()]
    async with listening(ada, cursor) as listener:
        assert (await listener.count(2)).newest_post == missed[-1].name
        await bob.post()
        again = await listener.count(3)
    async with listening(ada, again.cursor) as listener:
        assert listener.heard[0].new_post_count == 0
        assert not listener.heard[0].read_anew


async def test_streams_that_come_back_together_are_each_told_what_they_missed(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as first:
        await bob.post()
        await first.count(1)
    await bob.post()
    cursors = [first.heard[0].cursor, first.heard[-1].cursor]
    again = [Listener(ada, cursor) for cursor in cursors * 10]
    for number, told in enumerate(await asyncio.gather(*(listener.next() for listener in again))):
        assert told.new_post_count <= 2 - number % 2
    for number, listener in enumerate(again):
        await listener.count(2 - number % 2)
        listener.close()


async def test_a_quiet_stream_gives_signs_of_life(meet: Meet) -> None:
    (ada,) = await meet("ada")
    async with listening(ada) as listener:
        first, second = await listener.next(2), await listener.next(2)
        assert (first.new_post_count, second.new_post_count) == (0, 0)
        assert first.cursor != second.cursor != ""


async def test_who_does_not_read_hears_the_latest(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as slow, listening(ada) as quick:
        for _ in range(30):
            await bob.post()
        await quick.count(30)
        await slow.count(30)
        assert len(slow.heard) < 10


@pytest.mark.parametrize("change", [{"active": False}, {"epoch": 1}])
async def test_a_stream_ends_when_the_session_does(meet: Meet, world: World, change: dict[str, Any]) -> None:
    (ada,) = await meet("ada")
    async with listening(ada) as listener:
        began = time.monotonic()
        await world.access(ada.person, **change)
        assert await listener.ended() == "SESSION_ENDED"
        assert time.monotonic() - began < 5


async def test_a_stream_ends_when_its_token_expires(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    token = world.secrets.token(ada.id, issuer=world.server.settings.issuer, seconds=2)
    short = Caller(world, type(ada.person)(ada.id, "ada", token))
    async with listening(short) as listener:
        assert await listener.ended() == "TOKEN_EXPIRED"


async def test_a_stream_ends_a_little_before_its_deadline(meet: Meet) -> None:
    (ada,) = await meet("ada")
    listener = Listener(ada, seconds=2)
    assert await listener.ended() == "TIME_OVER"


async def test_a_cursor_of_somebody_else_s_making_is_refused(meet: Meet) -> None:
    (ada,) = await meet("ada")
    error = await Listener(ada, "made-up").refused()
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal(error).reason == "BAD_CURSOR"


async def test_nobody_listens_without_a_token(world: World) -> None:
    error = await Listener(Caller(world, None)).refused()
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_streams_that_were_left_are_forgotten(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    watches = world.server.resources.one(HomeWatching).watches
    async with listening(ada), listening(ada):
        assert len(watches.of(ada.id)) == 2
    async with asyncio.timeout(5), listening((await meet("bob"))[0]) as other:
        while ada.id in watches.people:
            await other.next()
