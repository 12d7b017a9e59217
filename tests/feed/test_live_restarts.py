"""Streams go on elsewhere, and later, where they ended; or say that what was missed is not known."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from chassis.service import Server
from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Caller, Meet
from tests.feed.listening import listening


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    return await start(SERVICE, answers, live_heartbeat_seconds=0.5)


@asynccontextmanager
async def another_process(world: World) -> AsyncIterator[World]:
    """The same service once more, with the same database."""
    settings = world.server.settings.model_copy(update={"drain_seconds": 5})
    server = Server(SERVICE, settings)
    await server.start()
    try:
        yield replace(world, server=server, _channels=[])
    finally:
        await server.stop()


async def test_a_stream_says_when_its_process_stops_and_goes_on_in_another(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with another_process(world) as other:
        elsewhere = Caller(other, ada.person)
        async with listening(elsewhere) as listener:
            await bob.post()
            await listener.count(1)
            began = time.monotonic()
            stopping = asyncio.create_task(other.server.stop())
            assert await listener.ended() == "SERVER_STOPS"
            await stopping
            assert time.monotonic() - began < 3
        cursor = listener.heard[-1].cursor
        await elsewhere.channel.close()
    await bob.post()
    async with listening(ada, cursor) as listener:
        await listener.count(1)
        await listener.next()
        assert listener.heard[-1].new_post_count == 1


async def test_a_stream_goes_on_after_a_restart(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as listener:
        pass
    missed = [await bob.post(), await bob.post()]
    async with another_process(world) as later, listening(Caller(later, ada.person), listener.heard[0].cursor) as again:
        assert (await again.count(2)).newest_post == missed[-1].name
        assert not any(told.read_anew for told in again.heard)


async def test_who_missed_more_than_is_kept_has_to_read_anew(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as listener:
        pass
    await bob.post()
    await world.caught_up("feed")
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text("SELECT eventlog.prune('0 seconds')"))
    async with another_process(world) as later, listening(Caller(later, ada.person), listener.heard[0].cursor) as again:
        assert again.heard[0].read_anew
        assert again.heard[0].new_post_count == 0
        await bob.post()
        assert not (await again.count(1)).read_anew


async def test_a_log_that_was_restored_has_to_be_read_anew(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    async with listening(ada) as listener:
        head = await world.server.resources.events.head()
        await bob.post()
        lost = (await listener.count(1)).cursor
        await restore(world, head)
        await bob.post()
        assert (await listener.until(lambda told: told.read_anew, seconds=15)).new_post_count == 0
        await bob.post()
        await listener.count(1)
    async with listening(ada, lost) as again:
        assert again.heard[0].read_anew


async def restore(world: World, position: int) -> None:
    """Takes the log back to a position, as a backup does."""
    forget = "DELETE FROM eventlog.events WHERE position > :position"
    head = "UPDATE eventlog.head SET (position, chain) = (SELECT position, chain FROM eventlog.events WHERE "
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text(forget), {"position": position})
        await tx.execute(text(head + "position = :position)"), {"position": position})
