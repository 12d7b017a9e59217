"""Somebody who blocks somebody does not meet them any more, and the other way round; who did it stays unknown."""

import asyncio
from functools import partial

import grpc
import pytest
from plein.feed.v1 import events_pb2, relations_pb2

from chassis.testing import World
from tests.feed.caller import UNKNOWN_PERSON, UNKNOWN_POST, Caller, Meet, patiently, refused
from tests.feed.relating import block, blocked, relations, unblock
from tests.feed.test_visibility import questions
from tests.feed.writing import write


async def test_a_block_takes_posts_away_in_both_directions_and_its_end_gives_them_back(
    meet: Meet, world: World
) -> None:
    ada, bob = await meet("ada", "bob")
    posts = {caller: (await caller.post("#blocks")).name for caller in (ada, bob)}
    both = {*posts.values()}
    assert await everywhere(ada, both) == await everywhere(bob, both) == both
    await block(ada, bob)
    for caller in (ada, bob):
        assert await everywhere(caller, both) == {posts[caller]}
    await unblock(ada, bob)
    assert await everywhere(ada, both) == await everywhere(bob, both) == both


async def everywhere(reader: Caller, names: set[str]) -> set[str]:
    """Which of these posts everyone's timeline and the tag's list, which have to agree."""
    everyone, tagged = names & {*await reader.everyone()}, names & {*await reader.tagged("blocks")}
    assert everyone == tagged
    return everyone


async def test_a_home_that_was_warm_is_without_who_was_blocked(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    await bob.follow(ada)
    posts = {caller: (await caller.post()).name for caller in (ada, bob)}
    await world.caught_up()
    for caller in (ada, bob):
        assert {*await caller.home_names()} == {*posts.values()}
    await block(ada, bob)
    for caller in (ada, bob):
        assert await caller.home_names() == [posts[caller]]


async def test_an_announcement_of_who_was_blocked_is_hidden_like_all_they_write(meet: Meet, world: World) -> None:
    (ada,), (bob, cleo) = await meet("ada", roles=["editor"]), await meet("bob", "cleo")
    announced = await write(ada, "To all", announcement=True)
    await world.caught_up()
    await block(bob, ada)
    for reader, expected in ((bob, False), (cleo, True)):
        assert (announced.name in await reader.home_names()) is expected


async def test_each_is_as_unknown_to_the_other_as_nobody(meet: Meet) -> None:
    for blocks_first in (True, False):
        ada, bob = await meet("ada", "bob")
        post = await bob.post()
        await (block(ada, bob) if blocks_first else block(bob, ada))
        for hidden, unknown in ((post.name, UNKNOWN_POST), (bob.name, UNKNOWN_PERSON)):
            for of_hidden, of_nothing in zip(questions(ada, hidden), questions(ada, unknown), strict=True):
                expected = (await refused(of_nothing)).without(unknown)
                assert expected.code == "NOT_FOUND"
                assert (await refused(of_hidden)).without(hidden) == expected


async def test_who_is_blocked_cannot_find_out_by_blocking(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await block(ada, bob)
    nobody = relations(bob).BlockPerson(relations_pb2.BlockPersonRequest(name=UNKNOWN_PERSON))
    expected = (await refused(nobody)).without(UNKNOWN_PERSON)
    assert (expected.code, expected.reason) == ("NOT_FOUND", "PERSON_NOT_FOUND")
    assert (await refused(block(bob, ada))).without(ada.name) == expected
    await unblock(bob, ada)
    assert (await blocked(ada), await blocked(bob)) == ([bob.name], [])
    assert (await refused(ada.follow(bob))).code == "NOT_FOUND", "bob could not lift ada's block"


async def test_follows_end_in_both_directions_and_do_not_come_back(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    await bob.follow(ada, cleo)
    await block(ada, bob)
    assert await cleo.following(ada) == await cleo.following(bob) == [cleo.name]
    await unblock(ada, bob)
    assert not await ada.follows(bob)
    assert not await bob.follows(ada)
    await ada.follow(bob)


async def test_replies_reactions_and_follows_are_hidden_from_the_two_alone(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await cleo.post()
    replies = {caller: (await caller.post("Yes", reply_to=post.name)).name for caller in (ada, bob)}
    for caller in (ada, bob):
        await caller.react(post.name)
        await caller.follow(cleo)
    await block(ada, bob)
    for caller in (ada, bob):
        assert [reply.name for reply in await caller.replies(post.name)] == [replies[caller]]
        assert [name for name, _ in await caller.reactions(post.name)] == [caller.name]
        assert await caller.followers(cleo) == [caller.name]
    assert len(await cleo.replies(post.name)) == len(await cleo.reactions(post.name)) == 2
    assert len(await cleo.followers(cleo)) == 2


async def test_who_is_blocked_is_not_mentioned(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await block(bob, ada)
    post = await ada.post(f"@{bob.person.handle} and @{cleo.person.handle}")
    assert [mention.person for mention in post.mentions] == [cleo.name]


async def test_blocking_twice_changes_nothing_and_oneself_is_not_blocked(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    request = relations_pb2.BlockPersonRequest(name=bob.name)
    assert await relations(ada).BlockPerson(request) == await relations(ada).BlockPerson(request)
    assert (await refused(block(ada, ada))).reason == "BLOCKS_ONESELF"
    await unblock(ada, bob)
    await unblock(ada, bob)


async def test_whom_one_blocks_comes_newest_first_in_pages_without_those_behind_a_barrier(
    meet: Meet, world: World
) -> None:
    (ned,) = await meet("ned", segments=["network"])
    (rita,) = await meet("rita", segments=["retail"])
    others = await meet("bob", "cleo", "dirk", "eva")
    await block(ned, *others, rita)
    expected = [other.name for other in reversed(others)]
    for size in (1, 2, 5):
        assert await blocked(ned, size) == [rita.name, *expected]
    await world.bar(("network", "retail"))
    assert await blocked(ned, 2) == expected
    await world.bar()


async def test_the_log_tells_that_two_are_apart_and_not_who_did_it(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    one, two = sorted((ada, bob), key=lambda caller: caller.name)
    await block(one, two)
    await unblock(one, two)
    await block(two, one)
    await world.caught_up()
    query = "SELECT payload, version FROM eventlog.events WHERE type = %s ORDER BY position DESC LIMIT 3"
    async with world.server.resources.database.snapshot() as tx:
        rows = list(await tx.exec_driver_sql(query, ("plein.feed.v1.MeetingChanged",)))
    told = [events_pb2.MeetingChanged.FromString(row.payload) for row in reversed(rows)]
    assert [(event.person, event.other_person) for event in told] == [(one.name, two.name)] * 3
    assert [event.apart for event in told] == [True, False, True]
    assert rows[0].version > rows[1].version > rows[2].version


@pytest.mark.parametrize("follower_blocks", [True, False])
async def test_a_follow_at_the_moment_of_a_block_does_not_outlive_it(
    meet: Meet, world: World, follower_blocks: bool
) -> None:
    star, *fans = await meet("star", *(f"fan{number}" for number in range(12)))
    pairs = [(fan, star) if follower_blocks else (star, fan) for fan in fans]
    clicks = [
        call
        for fan, pair in zip(fans, pairs, strict=True)
        for call in (partial(fan.follow, star), partial(block, *pair))
    ]
    for outcome in await asyncio.gather(*map(patiently, clicks), return_exceptions=True):
        assert outcome is None or isinstance(outcome, grpc.aio.AioRpcError)
        assert outcome is None or outcome.code() is grpc.StatusCode.NOT_FOUND
    for pair in pairs:
        await unblock(*pair)
    assert await star.followers(star) == []
