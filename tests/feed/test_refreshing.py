"""What is newer than a page: all of it, once, without a gap, in every timeline."""

import asyncio
from typing import Any

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.cached import forget
from tests.feed.caller import TIMELINES, Caller, Meet, timelines
from tests.feed.writing import reshare


class Reading:
    """A client that holds one list and asks for what is newer, as apps do."""

    def __init__(self, reader: Caller, author: Caller, timeline: str) -> None:
        self._method, self._request = timelines(reader, author)[timeline]
        self.names: list[str] = []
        self.newer = ""

    async def begin(self, size: int = 0) -> "Reading":
        page = await self._ask("", size)
        self.names = [post.name for post in page.posts]
        return self

    async def refresh(self, size: int = 0) -> int:
        """How many pages with something new there were."""
        for number in range(100):
            page = await self._ask(self.newer, size)
            if not page.posts:
                return number
            self.names = [post.name for post in page.posts] + self.names
        raise AssertionError("It never ends.")

    async def _ask(self, token: str, size: int) -> Any:
        request = type(self._request)()
        request.CopyFrom(self._request)
        request.page_token, request.page_size = token, size
        page = await self._method(request)
        self.newer = page.previous_page_token
        return page


@pytest.mark.parametrize("timeline", TIMELINES)
async def test_what_is_newer_comes_above_what_was_seen(meet: Meet, world: World, timeline: str) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    posts = [(await bob.post("#many")).name for _ in range(3)]
    await world.caught_up()
    reading = await Reading(ada, bob, timeline).begin(2)
    assert reading.names == posts[:0:-1]
    assert await reading.refresh() == 0
    posts += [(await bob.post("#many")).name for _ in range(5)]
    await world.caught_up()
    assert await reading.refresh(2) == 3
    assert reading.names == posts[:0:-1]
    await forget(world, ada)
    posts.append((await bob.post("#many")).name)
    assert await reading.refresh() == 1
    assert reading.names == posts[:0:-1]


@pytest.mark.parametrize("timeline", TIMELINES)
async def test_a_timeline_that_was_empty_can_be_refreshed(meet: Meet, world: World, timeline: str) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    empty = await Reading(ada, bob, timeline).begin(1)
    before = set(empty.names)
    post = await bob.post("#many")
    await world.caught_up()
    assert await empty.refresh() == 1
    assert [name for name in empty.names if name not in before] == [post.name]


@pytest.mark.parametrize("timeline", ["home", "everyone"])
async def test_posts_that_are_committed_out_of_order_are_not_missed(meet: Meet, world: World, timeline: str) -> None:
    ada, *authors = await meet("ada", *(f"author{number}" for number in range(8)))
    await ada.follow(*authors)
    await authors[0].post()
    await world.caught_up()
    reading = await Reading(ada, authors[0], timeline).begin()
    written: list[feed_pb2.Post] = []

    async def write(author: Caller) -> None:
        written.extend([await author.post() for _ in range(5)])

    writing = asyncio.gather(*(write(author) for author in authors))
    while not writing.done():
        await reading.refresh(3)
    await writing
    await world.caught_up()
    await reading.refresh(3)
    assert len(reading.names) == len(set(reading.names))
    assert {post.name for post in written} <= set(reading.names)


async def test_what_came_as_a_reshare_does_not_come_again_by_itself(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    reading = await Reading(ada, bob, "home").begin()
    post = await bob.post()
    passed_on = await reshare(cleo, post.name)
    await world.caught_up()
    assert await reading.refresh() == 1
    assert reading.names == [passed_on.name]


async def test_older_pages_follow_on_newer_ones(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    names = [(await bob.post()).name for _ in range(6)]
    await world.caught_up()
    first = await ada.api.ListHomePosts(feed_pb2.ListHomePostsRequest(page_size=2))
    names += [(await bob.post()).name for _ in range(2)]
    await world.caught_up()
    newer = await ada.api.ListHomePosts(
        feed_pb2.ListHomePostsRequest(page_size=2, page_token=first.previous_page_token)
    )
    assert [post.name for post in newer.posts] == names[:5:-1]
    found, token = list(newer.posts), newer.next_page_token
    while token:
        page = await ada.api.ListHomePosts(feed_pb2.ListHomePostsRequest(page_size=2, page_token=token))
        found, token = [*found, *page.posts], page.next_page_token
    assert [post.name for post in found] == names[::-1]
