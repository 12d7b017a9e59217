"""A cache that is frozen, gone or empty makes feed slower, and no answer different."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.chassis.own_valkey import OwnValkey
from tests.conftest import Start
from tests.feed.cached import back, queries, until_from_the_cache
from tests.feed.caller import Caller, Meet

Shown = list[tuple[str, int, int, int]]  # name, own reaction, all reactions, replies


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, own_valkey: OwnValkey) -> World:
    return await start(SERVICE, answers, redis_url=own_valkey.url)


@contextmanager
def away(server: OwnValkey, how: str) -> Iterator[None]:
    """Takes the cache away for the block: it is frozen with all its connections, or killed with all it held."""
    (server.freeze if how == "frozen" else server.kill)()
    try:
        yield
    finally:
        (server.thaw if how == "frozen" else server.start)()


async def shown(reader: Caller) -> Shown:
    return [
        (post.name, post.viewer.reaction, sum(count.count for count in post.reaction_counts), post.reply_count)
        for post in await reader.home(size=4)
    ]


async def everything_changes(ada: Caller, bob: Caller, cleo: Caller, names: list[str]) -> Shown:
    """Does all that changes Ada's home, and answers what it is then."""
    first, second, third, fourth, fifth = names
    during = (await bob.post()).name
    await ada.follow(cleo)
    await bob.delete(fifth)
    await ada.react(first, "SAD")
    await cleo.react(second)
    await cleo.post(reply_to=second)
    own = (await ada.post()).name
    newest: Shown = [(own, 0, 0, 0), (during, 0, 0, 0), (fourth, 0, 0, 0), (third, 0, 0, 0), (second, 0, 1, 1)]
    return [*newest, (first, feed_pb2.REACTION_SAD, 1, 0)]


@pytest.mark.parametrize("how", ["frozen", "killed"])
async def test_a_home_is_right_while_the_cache_is_away_and_afterwards(
    meet: Meet, world: World, own_valkey: OwnValkey, how: str
) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob)
    names = [(await author.post()).name for author in (bob, ada, cleo, bob, bob)]
    await ada.react(names[0], "HEART")
    await world.caught_up()
    expected: Shown = [(names[index], 0, 0, 0) for index in (4, 3, 1)]
    expected.append((names[0], feed_pb2.REACTION_HEART, 1, 0))
    assert await shown(ada) == expected
    with away(own_valkey, how):
        assert await shown(ada) == expected
        expected = await everything_changes(ada, bob, cleo, names)
        assert await shown(ada) == expected
    assert await shown(ada) == expected
    await back(world)
    assert await shown(ada) == expected
    await until_from_the_cache(world, ada)
    with queries(world) as found:
        assert await shown(ada) == expected
    assert found == []
    await ada.unfollow(bob)
    assert [name for name, *_ in await shown(ada)] == [expected[0][0], names[2], names[1]]


async def test_what_was_written_while_the_cache_was_away_comes_home_afterwards(
    meet: Meet, world: World, own_valkey: OwnValkey
) -> None:
    author, *readers = await meet("author", *(f"reader{number}" for number in range(5)))
    for reader in readers:
        await reader.follow(author)
        assert await reader.home_names() == []
    with away(own_valkey, "frozen"):
        names = [(await author.post()).name for _ in range(3)]
        assert await readers[0].home_names() == list(reversed(names))
    await back(world)
    for reader in readers:
        await until_from_the_cache(world, reader)
        assert await reader.home_names() == list(reversed(names))


async def test_an_emptied_cache_changes_nothing(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    names = [(await author.post()).name for author in (ada, bob, ada, bob)]
    await ada.react(names[1])
    await world.caught_up()
    expected = await shown(ada)
    for _ in range(3):
        await world.server.resources.cache.call(b"FLUSHDB")
        assert await shown(ada) == expected
        names.append((await bob.post()).name)
        await world.caught_up()
        expected = [(names[-1], 0, 0, 0), *expected]
        assert await shown(ada) == expected
