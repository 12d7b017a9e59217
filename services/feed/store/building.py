"""Builds homes that are not in the cache, each once, however many requests of the same person wait for it."""

import asyncio
import logging
from contextvars import Context
from uuid import UUID

from chassis.database import Database
from services.feed.store import marks, sources
from services.feed.store.homes import ANNOUNCEMENTS, KEPT_IDS, KEPT_MARKS, Homes
from services.feed.store.windows import Window

log = logging.getLogger(__name__)

_ALL = Window(KEPT_IDS + 1)


class Building:
    """The homes that one process is building."""

    def __init__(self, database: Database, homes: Homes) -> None:
        self._database = database
        self._homes = homes
        self._tasks: dict[UUID, asyncio.Task[list[UUID]]] = {}

    def expect_change(self, person: UUID) -> None:
        """Lets nobody wait any more for a home that began to be built before the person changed it."""
        self._tasks.pop(person, None)

    async def built(self, person: UUID) -> list[UUID]:
        """The newest ids of a home, at most KEPT_IDS + 1; it is in the cache afterwards."""
        task = self._tasks.get(person)
        if task is None:
            # Not with the deadline of who happens to be the first to ask.
            task = self._tasks[person] = asyncio.create_task(self._build(person), context=Context())
            task.add_done_callback(lambda done: self._done(person, done))
        return await asyncio.shield(task)

    def _done(self, person: UUID, done: "asyncio.Task[list[UUID]]") -> None:
        if self._tasks.get(person) is done:
            del self._tasks[person]
        if not done.cancelled() and done.exception():
            log.info("A home was not built: %s", done.exception())

    async def _build(self, person: UUID) -> list[UUID]:
        nonce = await self._homes.begin(person)
        async with self._database.snapshot() as tx:
            own = await sources.home_ids(tx, person, _ALL, channels=False)
            channels = await sources.channels_of(tx, person)
            rows = await marks.newest_of_person(tx, person, KEPT_MARKS + 1)
        found = [(row.post, marks.marked(row), row.version) for row in rows]
        await self._homes.complete(person, nonce, own, found, channels)
        shared = [await self._channel(channel) for channel in (ANNOUNCEMENTS, *channels)]
        return sorted({*own, *(id_ for ids in shared for id_ in ids)}, reverse=True)[: KEPT_IDS + 1]

    async def _channel(self, channel: UUID) -> list[UUID]:
        """The newest ids of a channel, which is in the cache afterwards."""
        nonce = await self._homes.begin_channel(channel)
        async with self._database.snapshot() as tx:
            ids = await sources.channel_ids(tx, channel, _ALL)
        await self._homes.complete_channel(channel, nonce, ids)
        return ids
