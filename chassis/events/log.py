"""One process's side of its service's event log: it holds the pen when it can, lists, and lets followers wait."""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

from plein.chassis.v1.event_log_pb2 import Event, ListEventsRequest, ListEventsResponse
from plein.chassis.v1.event_log_pb2_grpc import EventLogServiceServicer
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError

from chassis.database import Database
from chassis.deadline import remaining
from chassis.events.outbox import MOST_IN_A_TRANSACTION
from chassis.moments import timestamp
from chassis.problems import OutOfRange, WrongState

log = logging.getLogger(__name__)

MOST_LISTED = 500
MOST_RECENT = 1000
# How soon an event is seen that another process committed, and how soon a busy pen is tried again.
POLL_SECONDS = 0.2
BUSY_SECONDS = 0.005
# For how long it is believed that the head is where it was last seen: longer ago, the database may be out of reach.
HEAD_SECONDS = 1.0
# How long those who keep asking wait for more at least, so that a busy log is written in fewer, larger steps.
PACE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 1.0
# What is kept of a call's time to answer in.
ANSWER_SECONDS = 0.5

_COMMITS = text("SELECT current_setting('synchronous_commit')")
# A statement that is its own transaction: for long there may be nothing to write.
_SEQUENCE = f"SELECT written, head FROM eventlog.sequence_events({MOST_IN_A_TRANSACTION})"
_READ = text(
    "SELECT head.position AS head, events.* FROM eventlog.head "
    "LEFT JOIN eventlog.read_after(:position, :chain, :most) AS events ON true ORDER BY events.position"
)


class EventLog:
    """The log. `servicer` offers it to other services."""

    def __init__(self, database: Database) -> None:
        self.servicer: EventLogServiceServicer = _Servicer(self)
        self._database = database
        self._head = 0
        self._seen_at = float("-inf")
        self._recent = _Recent()
        self._moved = asyncio.Condition()
        self._released = False
        self._committed = asyncio.Event()
        self._pen = asyncio.Lock()
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to give positions to what is committed. A database that does not commit durably is refused."""
        async with self._database.snapshot() as tx:
            if (await tx.execute(_COMMITS)).scalar_one() == "off":
                raise RuntimeError("The event log needs durable commits: set synchronous_commit to on")
        self._database.after_write(self._committed.set)
        self._committed.set()
        self._keeping = asyncio.create_task(self._keep_sequencing())

    async def stop(self) -> None:
        """Puts the pen down. What it leaves in the outbox, the next start or another process finds."""
        await self.release()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def release(self) -> None:
        """Answers everybody who waits for events, and lets nobody wait from now on: the server is about to stop."""
        self._released = True
        async with self._moved:
            self._moved.notify_all()

    @property
    def released(self) -> bool:
        """Whether nobody waits any more, since the server is about to stop."""
        return self._released

    async def head(self) -> int:
        """The position of the newest event; all that this process committed before has one."""
        if self._committed.is_set() or self._pen.locked():
            await self._sequence()
        return self._head

    async def list_after(self, position: int, chain: bytes, limit: int) -> tuple[list[Event], int]:
        """At most `limit` events after a cursor, and the head's position; all that this process committed is there.

        WrongState (LOG_DIVERGED) when this log never wrote the cursor, OutOfRange (LOG_TRUNCATED) when it is too old.
        """
        if self._committed.is_set() or self._pen.locked():
            await self._sequence()
        try:
            async with self._database.snapshot() as tx:
                rows = (await tx.execute(_READ, {"position": position, "chain": chain, "most": limit})).all()
        except DBAPIError as error:
            self._recent.forget()  # which may hold what the log lost, though its head is where it was
            raise _refusal(error, position) from error
        return [_event(row) for row in rows if row.position is not None], rows[0].head

    async def list_soon_after(self, position: int, chain: bytes, limit: int) -> tuple[list[Event], int]:
        """As `list_after`, for those who keep asking: what was just read for another of them is not read again.

        What another process commits may be missing for as long as it takes to look, POLL_SECONDS.
        """
        known = self._recent.after(position, chain, limit)
        if known or (known is not None and self._ends_at(position)):
            return known, max(self._head, known[-1].position if known else position)
        events, head = await self.list_after(position, chain, limit)
        self._recent.keep(events)
        return events, head

    def _ends_at(self, position: int) -> bool:
        return position == self._head and time.monotonic() - self._seen_at < HEAD_SECONDS

    async def wait_for_events(self, position: int, seconds: float) -> None:
        """Returns when the head has passed `position`, or after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self._head > position or self._released)

    async def listed(self, request: ListEventsRequest) -> ListEventsResponse:
        """The answer to a follower, who may wait for the first event but not past the call's deadline."""
        cursor = request.after_position, request.after_chain
        limit = request.page_size or MOST_LISTED
        if not request.wait_seconds:
            events, head = await self.list_after(*cursor, limit)
            return ListEventsResponse(events=events, head_position=head)
        events, head = await self.list_soon_after(*cursor, limit)
        if not events:
            seconds = remaining(request.wait_seconds + ANSWER_SECONDS) - ANSWER_SECONDS
            await self.wait_for_events(request.after_position, seconds)
            if not self._ends_at(request.after_position):
                events, head = await self.list_soon_after(*cursor, limit)
        return ListEventsResponse(events=events, head_position=head)

    async def _keep_sequencing(self) -> None:
        pause = POLL_SECONDS
        while True:
            try:
                free = await self._sequence()
            except Exception as error:
                if pause == POLL_SECONDS:
                    log.error("The event log stands still until its database works again: %s", error)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                await asyncio.sleep(pause)
                continue
            pause = POLL_SECONDS
            await asyncio.sleep(PACE_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS if free else BUSY_SECONDS):
                    await self._committed.wait()

    async def _sequence(self) -> bool:
        """Gives positions to what was committed before; False when another process was doing that."""
        async with self._pen:
            self._committed.clear()
            written = MOST_IN_A_TRANSACTION
            try:
                while written == MOST_IN_A_TRANSACTION:
                    written, head = await self._database.peek(_SEQUENCE)
                    await self._tell(written, head)
            except BaseException:
                self._committed.set()
                self._recent.forget()
                raise
        return written >= 0

    async def _tell(self, written: int, head: int) -> None:
        """Wakes who waits. A head that went back is taken over too: the database was restored.

        It went back as well when what was just written does not reach from the head that was known to the one there is.
        """
        self._seen_at = time.monotonic()
        if head - max(0, written) < self._head:
            self._recent.forget()
        if head != self._head:
            async with self._moved:
                self._head = head
                self._moved.notify_all()


class _Recent:
    """The last events that were read, without a gap: who follows the own log in several ways reads it once."""

    def __init__(self) -> None:
        self._events: list[Event] = []

    def after(self, position: int, chain: bytes, limit: int) -> list[Event] | None:
        """Events that are known to follow on a cursor; None when the cursor is not among them."""
        if not self._events:
            return None
        place = position - self._events[0].position
        if not 0 <= place < len(self._events) or self._events[place].chain != chain:
            return None
        return self._events[place + 1 : place + 1 + limit]

    def keep(self, events: list[Event]) -> None:
        if events and self._events and events[0].position == self._events[-1].position + 1:
            self._events = [*self._events, *events][-MOST_RECENT:]
        elif events and (not self._events or events[-1].position > self._events[-1].position):
            self._events = events[-MOST_RECENT:]

    def forget(self) -> None:
        """The database was away, or is another one."""
        self._events = []


class _Servicer(EventLogServiceServicer):
    def __init__(self, events: EventLog) -> None:
        self._events = events

    async def ListEvents(self, request: ListEventsRequest, context: Any) -> ListEventsResponse:
        return await self._events.listed(request)


def _event(row: Row[Any]) -> Event:
    return Event(
        position=row.position,
        event_id=str(row.event_id),
        aggregate=row.aggregate,
        version=row.version,
        type=row.type,
        payload=row.payload,
        payload_hash=row.payload_hash,
        chain=row.chain,
        write_time=timestamp(row.written_at),
    )


def _refusal(error: DBAPIError, position: int) -> Exception:
    """What `eventlog.read_after` says with a SQLSTATE of its own."""
    match getattr(error.orig, "sqlstate", None):
        case "EL001":
            return OutOfRange("LOG_TRUNCATED", "The log no longer keeps what follows {position}.", position=position)
        case "EL002":
            return WrongState("LOG_DIVERGED", "This log never wrote the cursor at {position}.", position=position)
    return error
