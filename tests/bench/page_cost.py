"""What a page costs when there are a hundred times as many posts, or a hundred times as many are followed.

Of the posts, one in ten is in a group, of which there are five.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from hashlib import md5
from statistics import median
from typing import Any
from uuid import UUID

from plein.feed.v1 import feed_pb2, feed_pb2_grpc

from chassis.audience import keep_membership
from chassis.testing import Person, World
from tests.bench.figures import Figure, Figures

FEW, MANY, ROUNDS = 10, 1000, 300
MOST_IN_A_MESSAGE = 500
# As the posts are made: tests/bench/post_search.py.
GROUP = UUID(md5(b"group1", usedforsecurity=False).hexdigest())
DEEP = 5
# (which page, how many the reader follows) → seconds.
Costs = dict[tuple[str, int], float]


async def measured(world: World, people: Sequence[UUID]) -> Costs:
    """The medians of pages in turn, so that whatever else the machine does falls on all of them."""
    pages: dict[tuple[str, int], Callable[[], Awaitable[Any]]] = {}
    for count in (FEW, MANY):
        reader = await world.person(f"follows{count}")
        await _follow(world, reader, people[:count])
        await _join(world, reader)
        calls = feed_pb2_grpc.FeedServiceStub(world.channel(reader))
        first = await calls.ListHomePosts(feed_pb2.ListHomePostsRequest())
        second = feed_pb2.ListHomePostsRequest(page_token=first.next_page_token)
        pages["home", count] = _asking(calls.ListHomePosts, feed_pb2.ListHomePostsRequest())
        pages["home's second page", count] = _asking(calls.ListHomePosts, second)
        pages["everyone", count] = _asking(calls.ListEveryonePosts, feed_pb2.ListEveryonePostsRequest())
        pages["group's timeline", count] = _asking(calls.ListGroupPosts, _in_group())
        deep = _in_group((await _nth(calls, DEEP)).next_page_token)
        pages[f"group's timeline, page {DEEP + 1}", count] = _asking(calls.ListGroupPosts, deep)
    times: dict[tuple[str, int], list[float]] = {key: [] for key in pages}
    for _ in range(ROUNDS):
        for key, ask in pages.items():
            began = time.perf_counter()
            await ask()
            times[key].append(time.perf_counter() - began)
    return {key: median(seconds) for key, seconds in times.items()}


def compared(little: Costs, much: Costs, found: Figures) -> None:
    """How the costs grow with posts, of which there are 10,000 and 1,000,000, and with follows."""
    for page in ("home", "home's second page", "everyone", "group's timeline", f"group's timeline, page {DEEP + 1}"):
        growth = median(much[page, count] / little[page, count] for count in (FEW, MANY))
        found[f"{page}, 1,000,000 posts / 10,000"] = Figure(growth, "x at most", 1.2)
    for page in ("home", "home's second page"):
        growth = median(costs[page, MANY] / costs[page, FEW] for costs in (little, much))
        found[f"{page}, 1,000 follows / 10"] = Figure(growth, "x at most", 1.2)


def _asking(method: Callable[[Any], Awaitable[Any]], request: Any) -> Callable[[], Awaitable[Any]]:
    async def ask() -> Any:
        return await method(request)

    return ask


def _in_group(token: str = "") -> feed_pb2.ListGroupPostsRequest:
    return feed_pb2.ListGroupPostsRequest(parent=f"groups/{GROUP}", page_token=token)


async def _nth(calls: Any, number: int) -> feed_pb2.ListGroupPostsResponse:
    """The group's page of that number, counted from 1."""
    page = feed_pb2.ListGroupPostsResponse()
    for _ in range(number):
        page = await calls.ListGroupPosts(_in_group(page.next_page_token))
        assert len(page.posts) == 20, len(page.posts)
    return page


async def _join(world: World, reader: Person) -> None:
    """Lets the reader be a member of the group."""
    resources = world.server.resources
    async with resources.database.transaction() as tx:
        await keep_membership(tx, GROUP, reader.id)
    await resources.access.refresh(resources.database)
    await world.caught_up("groups")


async def _follow(world: World, reader: Person, people: Sequence[UUID]) -> None:
    async def requests() -> AsyncIterator[feed_pb2.ImportActivityRequest]:
        for start in range(0, len(people), MOST_IN_A_MESSAGE):
            some = people[start : start + MOST_IN_A_MESSAGE]
            follows = [feed_pb2.ImportedFollow(follower=reader.name, followee=f"people/{who}") for who in some]
            yield feed_pb2.ImportActivityRequest(follows=follows)

    await feed_pb2_grpc.FeedServiceStub(world.channel("operator")).ImportActivity(requests())
    for follower in world.server.followers:
        await follower.caught_up(60)
