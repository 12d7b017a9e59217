"""A post of somebody with 20,000 followers, whose homes are all in the cache."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from statistics import median
from uuid import UUID

from plein.feed.v1 import feed_pb2, feed_pb2_grpc
from uuid_utils.compat import uuid7

from chassis.cache import Cache
from chassis.testing import Person, World
from tests.bench.alone import feed_alone
from tests.bench.figures import Figure, Figures, p

MANY, FEW, POSTS = 20_000, 20, 100
FLOOR = bytes(16)


async def measure(found: Figures) -> None:
    """Acknowledgement and arrival everywhere, for an author with many followers and one with few."""
    async with feed_alone() as world:
        star, colleague = await world.person("star"), await world.person("colleague")
        people = [uuid7() for _ in range(MANY)]
        await _follow(world, star, people)
        await _follow(world, colleague, people[:FEW])
        await _warm(world, people)
        few, many, meanwhile = [], [], []
        for _ in range(POSTS):
            few.append(await _post(world, colleague, people[:FEW]))
            many.append(await _post(world, star, people))
            both = await asyncio.gather(_post(world, star, people), _post(world, colleague, people[:FEW]))
            meanwhile.append(both[1])
    medians, slowest = ([of([told for told, _ in times]) for times in (few, many)] for of in (median, _p99))
    found["post acknowledged, 20,000 followers / 20, median"] = Figure(medians[1] / medians[0], "x at most", 1.2)
    found["post acknowledged, 20,000 followers / 20, p99"] = Figure(slowest[1] / slowest[0], "x at most", 1.2)
    found["post acknowledged, 20,000 followers, p99"] = Figure(slowest[1] * 1000, "ms")
    found["post in all 20,000 homes, p99"] = Figure(_p99([there for _, there in many]) * 1000, "ms", 500)
    arrived = _p99([there for _, there in meanwhile])
    found["another's post in 20 homes beside one in 20,000, p99"] = Figure(arrived * 1000, "ms", 500)


def _p99(seconds: list[float]) -> float:
    return p(seconds, 99)


async def _post(world: World, author: Person, people: Sequence[UUID]) -> tuple[float, float]:
    """Seconds until the author had the answer, and until the post stood in every home."""
    feed = feed_pb2_grpc.FeedServiceStub(world.channel(author))
    began = time.perf_counter()
    post = await feed.CreatePost(feed_pb2.CreatePostRequest(post=feed_pb2.Post(text="Nieuws voor iedereen")))
    told = time.perf_counter() - began
    id_ = UUID(post.name.removeprefix("posts/")).bytes
    cache = world.server.resources.cache
    async with asyncio.timeout(10):
        # A few are asked again and again, since asking costs the service; then all.
        while not await _everywhere(cache, id_, people[:: max(1, len(people) // 50)]):
            pass
        there = time.perf_counter() - began
        while not await _everywhere(cache, id_, people):
            there = time.perf_counter() - began
    return told, there


async def _everywhere(cache: Cache, id_: bytes, people: Sequence[UUID]) -> bool:
    for start in range(0, len(people), 500):
        commands = [(b"LPOS", b"h" + person.bytes, id_, b"MAXLEN", 5) for person in people[start : start + 500]]
        if None in await cache.pipeline(commands):
            return False
    return True


async def _follow(world: World, author: Person, people: Sequence[UUID]) -> None:
    async def requests() -> AsyncIterator[feed_pb2.ImportActivityRequest]:
        for start in range(0, len(people), 500):
            some = people[start : start + 500]
            follows = [feed_pb2.ImportedFollow(follower=f"people/{who}", followee=author.name) for who in some]
            yield feed_pb2.ImportActivityRequest(follows=follows)

    await feed_pb2_grpc.FeedServiceStub(world.channel("operator")).ImportActivity(requests())
    for follower in world.server.followers:
        await follower.caught_up(60)


async def _warm(world: World, people: Sequence[UUID]) -> None:
    for person in people:
        await world.server.resources.cache.call(b"RPUSH", b"h" + person.bytes, FLOOR)
