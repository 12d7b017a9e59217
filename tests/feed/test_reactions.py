"""Reactions: one a person and post, counted exactly."""

import asyncio
from functools import partial
from typing import Any

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.caller import Caller, Meet, patiently, refused
from tests.feed.writing import kinds_told

LIKE, HEART, SAD = feed_pb2.REACTION_LIKE, feed_pb2.REACTION_HEART, feed_pb2.REACTION_SAD


def counts(post: feed_pb2.Post) -> dict[int, int]:
    return {count.reaction: count.count for count in post.reaction_counts}


async def seen_at_home(reader: Caller, name: str) -> tuple[int, dict[int, int]]:
    """The reader's own reaction, and the counts."""
    post = next(post for post in await reader.home() if post.name == name)
    return post.viewer.reaction, counts(post)


async def test_a_reaction_is_set_changed_and_taken_away(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post()
    for change, own, all_counts in (
        (bob.react(post.name, "LIKE"), LIKE, {LIKE: 1}),
        (bob.react(post.name, "SAD"), SAD, {SAD: 1}),
        (bob.take_back(post.name), 0, {}),
        (bob.react(post.name, "SAD"), SAD, {SAD: 1}),
    ):
        answer = await change
        assert (answer.viewer.reaction, counts(answer)) == (own, all_counts)
        assert await bob.read(post.name) == answer
        assert await seen_at_home(bob, post.name) == (own, all_counts)
        assert await seen_at_home(ada, post.name) == (0, all_counts)
        assert dict(await ada.reactions(post.name)) == ({bob.name: own} if own else {})


async def test_the_same_reaction_twice_changes_nothing(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post()
    assert await ada.react(post.name) == await ada.react(post.name)
    assert await ada.take_back(post.name) == await ada.take_back(post.name) == post


async def test_counts_come_most_first(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post()
    for caller, reaction in ((ada, "LIKE"), (bob, "SAD"), (cleo, "SAD")):
        await caller.react(post.name, reaction)
    assert [(count.reaction, count.count) for count in (await ada.read(post.name)).reaction_counts] == [
        (SAD, 2),
        (LIKE, 1),
    ]


async def test_a_reply_can_be_reacted_to(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await ada.post(reply_to=post.name)
    await bob.react(reply.name, "HEART")
    (found,) = await bob.replies(post.name)
    assert (found.viewer.reaction, counts(found)) == (HEART, {HEART: 1})
    (found,) = await ada.replies(post.name)
    assert (found.viewer.reaction, counts(found)) == (0, {HEART: 1})


async def test_the_own_reaction_stands_on_every_timeline(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post("#overlay")
    await bob.react(post.name, "HEART")
    answers: list[Any] = [
        await bob.api.ListPersonPosts(feed_pb2.ListPersonPostsRequest(parent=ada.name)),
        await bob.api.ListEveryonePosts(feed_pb2.ListEveryonePostsRequest(page_size=1)),
        await bob.api.ListTagPosts(feed_pb2.ListTagPostsRequest(parent="tags/overlay")),
        await bob.api.ListHomePosts(feed_pb2.ListHomePostsRequest()),
    ]
    assert [answer.posts[0].viewer.reaction for answer in answers] == [HEART] * 4


@pytest.mark.parametrize("flushed", ["h", "m", "p", "all"])
async def test_the_own_reaction_is_right_after_a_loss_in_the_cache(meet: Meet, world: World, flushed: str) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post, other = await ada.post(), await ada.post()
    await bob.react(post.name, "HEART")
    assert await seen_at_home(bob, post.name) == (HEART, {HEART: 1})
    cache = world.server.resources.cache
    keys = [key for key in await cache.call(b"KEYS", b"*") if flushed == "all" or key[:1] == flushed.encode()]
    assert await cache.call(b"DEL", *keys) == len(keys) > 0
    for _ in range(2):
        assert await seen_at_home(bob, post.name) == (HEART, {HEART: 1})
        assert await seen_at_home(bob, other.name) == (0, {})
    await bob.react(post.name, "SAD")
    assert await seen_at_home(bob, post.name) == (SAD, {SAD: 1})


async def test_fifty_people_at_once_are_all_counted(meet: Meet, world: World) -> None:
    ada, *fans = await meet("ada", *(f"fan{number}" for number in range(50)))
    post = await ada.post()
    clicks = [partial(fan.react, post.name, "LIKE" if number % 2 else "HEART") for number, fan in enumerate(fans)]
    await asyncio.gather(*map(patiently, clicks + clicks[:20]))
    assert counts(await ada.read(post.name)) == {LIKE: 25, HEART: 25}
    assert await seen_at_home(ada, post.name) == (0, {LIKE: 25, HEART: 25})
    assert len(await ada.reactions(post.name)) == 50
    await world.caught_up()
    assert await seen_at_home(ada, post.name) == (0, {LIKE: 25, HEART: 25})


async def test_one_person_clicking_at_once_is_counted_once(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    for _ in range(5):
        clicks = [partial(bob.react, post.name, reaction) for reaction in ("LIKE", "SAD", "HEART", "LIKE", "SAD")]
        await asyncio.gather(*map(patiently, clicks))
        found = await bob.read(post.name)
        assert counts(found) == {found.viewer.reaction: 1}
    await asyncio.gather(*(bob.take_back(post.name) for _ in range(5)))
    assert counts(await bob.read(post.name)) == {}


async def test_twenty_clicks_of_one_person_at_once_are_one_reaction(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    await asyncio.gather(*(patiently(partial(bob.react, post.name)) for _ in range(20)))
    assert counts(await bob.read(post.name)) == {LIKE: 1}
    assert await ada.reactions(post.name) == [(bob.name, LIKE)]
    assert await kinds_told(world, post.name) == ["PostCreated", "PostReactedTo"]


async def test_a_deleted_post_is_not_reacted_to(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    await bob.post(reply_to=post.name)
    await bob.react(post.name)
    await ada.delete(post.name)
    for call in (bob.react(post.name), bob.take_back(post.name)):
        assert (await refused(call)).code == "FAILED_PRECONDITION"
    assert (await refused(bob.reactions(post.name))).code == "NOT_FOUND"


@pytest.mark.parametrize("reaction", [0, 7, -1])
async def test_a_reaction_that_is_none_is_refused(meet: Meet, reaction: int) -> None:
    (ada,) = await meet("ada")
    post = await ada.post()
    request = feed_pb2.ReactToPostRequest(name=post.name, reaction=feed_pb2.Reaction.ValueType(reaction))
    refusal = await refused(ada.api.ReactToPost(request))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("reaction",))


async def test_reactions_come_newest_first_in_pages(meet: Meet) -> None:
    ada, *fans = await meet("ada", *(f"fan{number}" for number in range(7)))
    post = await ada.post()
    for fan in fans:
        await fan.react(post.name)
    for size in (1, 2, 3):
        assert [name for name, _ in await ada.reactions(post.name, size)] == [fan.name for fan in reversed(fans)]
