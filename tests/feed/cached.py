"""Looking at whether homes come from the cache, and making them cold."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from chassis.testing import World
from tests.feed.caller import Caller

TABLES = ("FROM posts", "FROM follows", "FROM marks")


@contextmanager
def queries(world: World) -> Iterator[list[str]]:
    """The statements about feed's own tables that are executed inside the block, but for what feed does by itself."""
    found: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        by_itself = asyncio.current_task() in world.server.tasks
        if not by_itself and any(table in statement for table in TABLES):
            found.append(statement)

    engine = world.server.resources.database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", keep)
    yield found
    sa.event.remove(engine, "before_cursor_execute", keep)


async def forget(world: World, *readers: Caller) -> None:
    """Makes homes cold."""
    keys = [kind + reader.id.bytes for reader in readers for kind in (b"h", b"m")]
    await world.server.resources.cache.call(b"DEL", *keys)


async def back(world: World) -> None:
    """Waits until feed has its cache again and has caught up with the log."""
    async with asyncio.timeout(10):
        while not world.server.resources.cache.available:
            await pause()
    await world.caught_up()


async def until_from_the_cache(world: World, reader: Caller) -> None:
    """Waits until a home is read from the cache, that is, without a query; the log moves meanwhile, as it does."""
    bystander = Caller(world, await world.person("bystander"))
    async with asyncio.timeout(10), bystander.channel:
        while True:
            with queries(world) as found:
                await reader.home()
            if not found:
                return
            await bystander.post()
            await world.caught_up()
            await pause()


async def pause() -> None:
    """Lets others run for a moment, between two looks at a condition."""
    await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.01)
