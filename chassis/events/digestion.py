"""Deals with batches of events: all of a batch or nothing, except for what can never be dealt with, which is parked."""

import asyncio
import logging
from collections.abc import Sequence

import grpc
from plein.chassis.v1.event_log_pb2 import Event

from chassis.database import Database
from chassis.events import cursors
from chassis.events.chain import Cursor
from chassis.events.cursors import Overtaken, Standing
from chassis.events.reactions import Reactions
from chassis.problems import TooLate, TooMuch, Unavailable

log = logging.getLogger(__name__)

TRIES = 3
PAUSE_SECONDS = 0.05
MOST_ERROR_LETTERS = 1000
PASSING = (Unavailable, TooLate, TooMuch, Overtaken, TimeoutError, ConnectionError)
PASSING_CODES = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,
}


def passes(error: BaseException) -> bool:
    """Whether it is worth trying again for as long as it takes: the fault is not in the event."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code() in PASSING_CODES
    return isinstance(error, PASSING)


class Digestion:
    """What one follower does with the events that it reads."""

    def __init__(self, database: Database, reactions: Reactions) -> None:
        self._database = database
        self._reactions = reactions
        self._name = reactions.cursor_name

    async def digest(self, standing: Standing, events: Sequence[Event]) -> Standing:
        """Reacts to events and moves the cursor, in one transaction; one event at a time when that does not go well.

        Raises what passes; after that, how far it came is in the database.
        """
        try:
            return await self._commit(standing, events)
        except Exception as error:
            if passes(error):
                raise
        for event in events:
            standing = await self._digest_alone(standing, event)
        return standing

    async def retry_parked(self) -> None:
        """Tries parked events again, in order: a new start may be a new version, which knows what to do with them."""
        still_parked: set[str] = set()
        for event in await cursors.parked_events(self._database, self._name):
            if event.aggregate in still_parked:
                continue
            try:
                await self._reactions.gather([event])
                async with self._database.transaction() as tx:
                    await cursors.resolve(tx, self._name, event)
                    await self._reactions.react(tx, event)
            except Exception as error:
                if passes(error):
                    raise
                still_parked.add(event.aggregate)
                self._log_parked(event, error)

    async def _digest_alone(self, standing: Standing, event: Event) -> Standing:
        for attempt in range(TRIES):
            try:
                return await self._commit(standing, [event])
            except Exception as error:
                if passes(error):
                    raise
                poison = error
            await asyncio.sleep(PAUSE_SECONDS * attempt)
        standing = await self._commit(standing, [event], poison)
        self._log_parked(event, poison)
        return standing

    async def _commit(self, standing: Standing, events: Sequence[Event], poison: Exception | None = None) -> Standing:
        """Moves the cursor past `events`; parks instead of reacting when there is `poison`, or a parked forerunner."""
        edible = [] if poison else [event for event in events if event.aggregate not in standing.parked]
        if edible:
            await self._reactions.gather(edible)
        cursor = Cursor(events[-1].position, events[-1].chain)
        if len(edible) == len(events) and not any(map(self._reactions.reacts_to, events)):
            await cursors.pass_by(self._database, self._name, standing.cursor, cursor)
            return Standing(cursor, standing.parked)
        async with self._database.transaction() as tx:
            parked = await cursors.lock(tx, self._name, standing.cursor)
            for event in events:
                if poison:
                    await cursors.park(tx, self._name, event, _described(poison))
                elif event.aggregate in parked:
                    await cursors.park(tx, self._name, event, "An earlier event of the same resource is parked.")
                else:
                    await self._reactions.react(tx, event)
            await cursors.move(tx, self._name, standing.cursor, cursor)
        return Standing(cursor, parked.union(event.aggregate for event in events) if poison else parked)

    def _log_parked(self, event: Event, error: Exception) -> None:
        what = (event.position, self._name, event.type, event.aggregate)
        log.error("Event %d of %s (%s) is parked, and what follows about %s", *what, exc_info=error)


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:MOST_ERROR_LETTERS]
