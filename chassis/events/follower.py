"""Follows a log: reacts to each event exactly once, in order, whatever dies in between."""

import asyncio
import logging
import time
from collections.abc import Sequence

from plein.chassis.v1.event_log_pb2 import Event

from chassis.database import Database
from chassis.events import cursors
from chassis.events.chain import continued
from chassis.events.cursors import Overtaken, Standing
from chassis.events.digestion import Digestion, passes
from chassis.events.reactions import Reactions
from chassis.events.sources import Source
from chassis.problems import OutOfRange, TooLate, WrongState

log = logging.getLogger(__name__)

# Also how old `caught_up_at` gets while nothing happens.
WAIT_SECONDS = 5
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
NEVER = float("-inf")


class Follower:
    """One process's reading of one log.

    `position` is the last event dealt with, `caught_up_at` the monotonic time at which that was the log's newest.
    `diverged` says why the log refuses our cursor or we refuse its events: nothing moves until an operator comes.
    """

    def __init__(self, source: Source, database: Database, reactions: Reactions, *, batch: int = 200) -> None:
        self.source_name = reactions.source
        self.name = reactions.cursor_name
        self.position = 0
        self.caught_up_at = NEVER
        self.diverged: str | None = None
        self._source = source
        self._database = database
        self._reactions = reactions
        self._digestion = Digestion(database, reactions)
        self._batch = self._size = batch
        self._standing: Standing | None = None
        self._tried_parked = False
        self._moved = asyncio.Condition()
        self._pause_seconds = 0.0
        self._rest_until = 0.0

    async def run(self) -> None:
        """Follows until it is cancelled."""
        while True:
            try:
                await self._step()
                self._pause_seconds = 0
                continue
            except (WrongState, OutOfRange) as problem:
                self._diverge(f"{problem.reason}: {problem}")
            except Exception as error:
                self._stumble(error)
            self._standing = None
            await asyncio.sleep(self._pause_seconds)

    async def caught_up(self, seconds: float) -> None:
        """Waits until all that the log has by now is dealt with, also `after_commit`; TooLate after `seconds`."""
        head = -1
        try:
            async with asyncio.timeout(seconds):
                head = await self._head()
                async with self._moved:
                    await self._moved.wait_for(lambda: self.position >= head and self.caught_up_at > NEVER)
        except TimeoutError:
            sentence = "The follower of {source} is at {position} and not yet at {head}."
            name, position = self.name, self.position
            raise TooLate("NOT_CAUGHT_UP", sentence, source=name, position=position, head=head) from None

    async def _head(self) -> int:
        while True:
            try:
                cursor = (await cursors.standing(self._database, self.name)).cursor
                return (await self._source.list_after(*cursor, 1, 0)).head_position
            except Exception as error:
                if not passes(error):
                    raise
            await asyncio.sleep(FIRST_PAUSE_SECONDS)

    async def _step(self) -> None:
        """Reads once and deals with what comes. Nothing coming is a moment to look whether the cursor was moved."""
        standing = self._standing or await self._read_standing()
        await asyncio.sleep(max(0, self._rest_until - time.monotonic()))
        # Who knows nothing about the log's head, or nothing of late, asks for that first.
        unheard = time.monotonic() - self.caught_up_at > 2 * WAIT_SECONDS
        answer = await self._source.list_after(*standing.cursor, self._size, 0 if unheard else WAIT_SECONDS)
        heard_at = time.monotonic()
        continued(standing.cursor, answer.events)
        self.diverged = None
        if answer.events:
            is_full = len(answer.events) >= self._size
            standing = await self._deal_with(standing, answer.events)
            # A full batch cannot get any larger by waiting.
            self._rest_until = 0.0 if is_full else heard_at + self._reactions.rest_seconds(len(answer.events))
        if standing.cursor.position == answer.head_position:
            self.caught_up_at = heard_at
        self._standing = standing if answer.events else None
        await self._stands_at(standing.cursor.position)

    async def _read_standing(self) -> Standing:
        if not self._tried_parked:
            await self._digestion.retry_parked()
            self._tried_parked = True
        standing = await cursors.standing(self._database, self.name)
        await self._stands_at(standing.cursor.position)
        return standing

    async def _stands_at(self, position: int) -> None:
        async with self._moved:
            self.position = position
            self._moved.notify_all()

    async def _deal_with(self, standing: Standing, events: Sequence[Event]) -> Standing:
        """A batch that takes too long is halved, for as long as it does."""
        try:
            standing = await self._digestion.digest(standing, events)
        except TooLate:
            self._size = max(1, self._size // 2)
            raise
        self._size = min(2 * self._size, self._batch)
        await self._reactions.after_commit(events)
        return standing

    def _diverge(self, why: str) -> None:
        if self.diverged is None:
            log.error("%s can no longer be followed after event %d: %s", self.name, self.position, why)
        self.diverged = why
        self._pause_seconds = LONGEST_PAUSE_SECONDS

    def _stumble(self, error: Exception) -> None:
        """Logs only the first of several failures in a row; that another process was first is none."""
        if not isinstance(error, Overtaken) and not self._pause_seconds:
            log.warning("Following %s is interrupted", self.name, exc_info=error)
        longer = 0.0 if isinstance(error, Overtaken) else 2 * self._pause_seconds
        self._pause_seconds = min(max(longer, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
