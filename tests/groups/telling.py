"""What groups told in its log, as its followers read it, and waiting for what its jobs do."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import plein.groups.v1.events_pb2 as events
from plein.chassis.v1 import event_log_pb2, event_log_pb2_grpc

from chassis.testing import World
from services.groups.store import chores
from tests.feed.cached import pause

GENESIS = sha256(b"genesis").digest()


async def told(world: World, group: str) -> list[Any]:
    """All events about a group and what is in it, oldest first."""
    async with world.channel("feed") as channel:
        log = event_log_pb2_grpc.EventLogServiceStub(channel)
        cursor, found = event_log_pb2.ListEventsRequest(after_chain=GENESIS), []
        while listed := (await log.ListEvents(cursor)).events:
            found += [event for event in listed if event.aggregate.startswith(group)]
            cursor.after_position, cursor.after_chain = listed[-1].position, listed[-1].chain
    return [getattr(events, event.type.rpartition(".")[2]).FromString(event.payload) for event in found]


async def kinds_told(world: World, group: str) -> list[str]:
    """The same by their names."""
    return [type(event).__name__ for event in await told(world, group)]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Waits for what a job does."""
    async with asyncio.timeout(10):
        while not await holds():
            await pause()


async def looked_at(world: World) -> None:
    """Waits until the groups were looked at for barriers."""

    async def nothing_to_check() -> bool:
        async with world.server.resources.database.snapshot() as tx:
            return await chores.next_check(tx) is None

    await until(nothing_to_check)
