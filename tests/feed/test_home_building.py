"""What happens while a home is being built: PostgreSQL is held up in the middle of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.cached import forget, pause, until_from_the_cache
from tests.feed.caller import Caller, Meet


@asynccontextmanager
async def held_up(world: World, reader: Caller) -> AsyncIterator["asyncio.Task[list[str]]"]:
    """Inside the block the reader's home is being built: its ids have been read, the reader's own marks have not.

    What is awaited inside must not need marks. The task is the reading that caused it.
    """
    url = world.server.resources.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    await until_from_the_cache(world, reader)
    await forget(world, reader)
    async with await psycopg.AsyncConnection.connect(url) as holder:
        await holder.execute("LOCK TABLE marks IN ACCESS EXCLUSIVE MODE")
        reading = asyncio.create_task(reader.home_names())
        async with asyncio.timeout(2):
            while await one(holder, "SELECT count(*) FROM pg_locks WHERE NOT granted AND database <> 0") == 0:
                await pause()
        yield reading
        await holder.rollback()
    await reading


async def one(connection: psycopg.AsyncConnection, query: str) -> object:
    row = await (await connection.execute(query)).fetchone()
    return row[0] if row else None


async def test_a_post_that_arrives_is_kept(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    first = await bob.post()
    await world.caught_up()
    async with held_up(world, ada):
        second = await bob.post()
        await world.caught_up()
    for _ in range(2):
        assert await ada.home_names() == [second.name, first.name]


async def test_an_own_post_is_there_for_who_reads_after_writing(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    async with held_up(world, ada):
        post = await ada.post()
        again = asyncio.create_task(ada.home_names())
        await pause()
    assert await again == [post.name]
    for _ in range(2):
        assert await ada.home_names() == [post.name]


async def test_whom_one_unfollows_does_not_come_back(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    await bob.post()
    await world.caught_up()
    async with held_up(world, ada):
        await ada.unfollow(bob)
        await world.caught_up()
    for _ in range(2):
        assert await ada.home_names() == []


async def test_who_reads_after_unfollowing_does_not_wait_for_the_home_of_before(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    await bob.post()
    await world.caught_up()
    async with held_up(world, ada) as reading:
        await ada.unfollow(bob)
        again = asyncio.create_task(ada.home_names())
        await pause()
        assert not reading.done()
    assert await again == []
    await until_from_the_cache(world, ada)
    assert await ada.home_names() == []


async def test_many_who_wait_for_one_home_cause_one_building(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    post = await bob.post()
    await world.caught_up()
    async with held_up(world, ada):
        others = [asyncio.create_task(ada.home_names()) for _ in range(20)]
        await pause()
        assert (await bob.api.ListFollowers(feed_pb2.ListFollowersRequest(parent=bob.name))).follows, "others go on"
    assert await asyncio.gather(*others) == [[post.name]] * 20
