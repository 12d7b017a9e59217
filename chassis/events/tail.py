"""Reads the log of this process's own service as it grows, from shortly before its end, without keeping its place."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from plein.chassis.v1.event_log_pb2 import Event
from sqlalchemy import text

from chassis.database import Database
from chassis.events.chain import Cursor, continued
from chassis.events.log import MOST_LISTED, EventLog
from chassis.events.reactions import PACE_PER_EVENT_SECONDS
from chassis.problems import OutOfRange, WrongState

log = logging.getLogger(__name__)

WAIT_SECONDS = 5.0
# How long the next step waits at least, and after a large one: later ones are larger and cost less.
PACE_SECONDS, LONGEST_PACE_SECONDS = 0.02, 0.1
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
# No log ever gets so far: who waits for it is woken by the end of the process alone.
_NEVER = 2**63

_BEGINNING = text(
    "SELECT head.position AS head, greatest(head.position - :back, head.floor) AS position, "
    "coalesce(events.chain, head.floor_chain) AS chain FROM eventlog.head "
    "LEFT JOIN eventlog.events ON events.position > head.floor "
    "AND events.position = greatest(head.position - :back, head.floor)"
)


class Reader(Protocol):
    """Who is told what a log holds."""

    def begin(self, cursor: Cursor, head: int) -> None:
        """Reading begins after `cursor`, of a log that ends at `head`. Once more when its past is another one."""

    async def take(self, events: Sequence[Event]) -> None:
        """What comes next. It is given again, perhaps with more, when it could not be taken."""


class Tail:
    """One process's reading, for what it holds in memory. Another process, or a later one, has a tail of its own."""

    def __init__(self, events: EventLog, database: Database, reader: Reader, *, back: int) -> None:
        self._events = events
        self._database = database
        self._reader = reader
        self._back = back

    async def run(self) -> None:
        """Reads until this process is about to stop, however often the database goes away meanwhile."""
        cursor: Cursor | None = None
        pause = 0.0
        while not self._events.released:
            try:
                cursor = cursor or await self._begun()
                cursor = await self._step(cursor)
                pause = 0.0
                continue
            except (WrongState, OutOfRange) as problem:
                log.warning("The log is not what it was, and is read anew: %s", problem)
                cursor = None
            except Exception as error:
                if not pause:
                    log.warning("Reading the own log is interrupted: %s", error, exc_info=error)
            pause = min(max(2 * pause, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            await self._events.wait_for_events(_NEVER, pause)

    async def _begun(self) -> Cursor:
        async with self._database.snapshot() as tx:
            found = (await tx.execute(_BEGINNING, {"back": self._back})).one()
        cursor = Cursor(found.position, found.chain)
        self._reader.begin(cursor, found.head)
        return cursor

    async def _step(self, cursor: Cursor) -> Cursor:
        events, _ = await self._events.list_soon_after(*cursor, MOST_LISTED)
        if not events:
            await self._events.wait_for_events(cursor.position, WAIT_SECONDS)
            return cursor
        after = continued(cursor, events)
        await self._reader.take(events)
        await asyncio.sleep(min(max(PACE_SECONDS, len(events) * PACE_PER_EVENT_SECONDS), LONGEST_PACE_SECONDS))
        return after
