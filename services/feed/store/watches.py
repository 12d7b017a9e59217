"""Who listens in this process, and when each of them is to be told something: at most once a second, at least every
heartbeat. One wheel turns for all of them, so that a stream costs nothing while nothing happens."""

import asyncio
import math
import time
from collections.abc import Collection
from typing import Generic, TypeVar
from uuid import UUID

from chassis.access import STALE_SECONDS, Access
from chassis.calls import refuse_ended
from chassis.problems import NotSignedIn, Unavailable
from chassis.viewer import Viewer
from services.feed.domain.live import End

# How finely time is told here.
TICK_SECONDS = 0.25
# How soon after one hint the next may come.
PAUSE_SECONDS = 1.0
# A little less than the edge and the chassis let a stream be open, so that its last message comes through.
LONGEST_SECONDS = 870.0


class Watch:
    """One stream. It is told everything at once when it asks, and so misses nothing by being slow."""

    __slots__ = ("_due", "_waiting", "caller", "end", "ends_at", "hinted", "hinted_at", "person", "slot")

    def __init__(self, caller: Viewer, person: UUID, ends_at: float) -> None:
        self.caller = caller
        self.person = person
        self.ends_at = ends_at
        self.end: End | None = None
        # When it was last woken for something new, and whether it is to be again as soon as the pause is over.
        self.hinted_at = 0.0
        self.hinted = False
        self.slot = 0
        self._due = False
        self._waiting: asyncio.Future[None] | None = None

    async def due(self) -> None:
        """Waits until there is something to tell, if only a sign of life."""
        if not self._due:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        self._due = False
        self._waiting = None

    def wake(self) -> None:
        """Lets it tell what there is."""
        self._due = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


AnyWatch = TypeVar("AnyWatch", bound=Watch)


class Watches(Generic[AnyWatch]):
    """The streams of one kind."""

    def __init__(self, access: Access, heartbeat_seconds: float) -> None:
        self._access = access
        self._heartbeat_seconds = heartbeat_seconds
        self._by_person: dict[UUID, list[AnyWatch]] = {}
        self._wheel: dict[int, set[AnyWatch]] = {}
        self._tick = _tick(time.monotonic())
        self._access_seen = -1
        self._ended: End | None = None

    @property
    def people(self) -> Collection[UUID]:
        """Whose streams are open."""
        return self._by_person.keys()

    def of(self, person: UUID) -> Collection[AnyWatch]:
        """The open streams of one person."""
        return self._by_person.get(person, ())

    def every(self) -> list[AnyWatch]:
        """All of them."""
        return [watch for some in self._by_person.values() for watch in some]

    def open(self, watch: AnyWatch) -> None:
        """From now on it is woken."""
        self._by_person.setdefault(watch.person, []).append(watch)
        self._place(watch, time.monotonic() + self._heartbeat_seconds)
        if self._ended is not None:
            self._finish(watch, self._ended)

    def close(self, watch: AnyWatch) -> None:
        """Its caller is gone, or has been told that it ends."""
        some = self._by_person.get(watch.person, [])
        if watch in some:
            some.remove(watch)
        if not some:
            self._by_person.pop(watch.person, None)
        self._lift(watch)

    def hint(self, watch: AnyWatch) -> None:
        """Lets a stream tell something new, in a moment if it has just told something."""
        now = time.monotonic()
        if now - watch.hinted_at >= PAUSE_SECONDS:
            watch.hinted_at = now
            watch.wake()
        elif not watch.hinted:
            watch.hinted = True
            self._place(watch, watch.hinted_at + PAUSE_SECONDS)

    def end_all(self, why: End) -> None:
        """Ends all, and whatever is opened from now on."""
        self._ended = why
        for watch in self.every():
            self._finish(watch, why)

    def beat(self) -> None:
        """To be called every TICK_SECONDS: wakes those whose time has come, ends those who may no longer listen."""
        now = time.monotonic()
        last, self._tick = self._tick, _tick(now)
        for tick in range(last, self._tick):
            for watch in self._wheel.pop(tick, ()):
                if watch.hinted:
                    watch.hinted, watch.hinted_at = False, now
                self._check(watch)
                watch.wake()
                if watch.end is None:
                    self._place(watch, now + self._heartbeat_seconds)
        uncertain = now - self._access.heard_at > STALE_SECONDS
        if uncertain or self._access_seen != self._access.changes:
            self._access_seen = self._access.changes
            for watch in self.every():
                self._check(watch)

    def _check(self, watch: AnyWatch) -> None:
        if watch.end is not None:
            return
        try:
            refuse_ended(self._access, watch.caller)
        except NotSignedIn:
            self._finish(watch, End.SESSION_ENDED)
        except Unavailable:
            self._finish(watch, End.ACCESS_UNCERTAIN)
        else:
            if time.time() >= watch.caller.expires_at:
                self._finish(watch, End.TOKEN_EXPIRED)
            elif time.monotonic() >= watch.ends_at:
                self._finish(watch, End.TIME_OVER)

    def _finish(self, watch: AnyWatch, why: End) -> None:
        if watch.end is None:
            watch.end = why
            watch.wake()

    def _place(self, watch: AnyWatch, moment: float) -> None:
        """Lets the wheel stop at a stream: at that moment, or when it has to end."""
        self._lift(watch)
        until_expiry = watch.caller.expires_at - time.time() + time.monotonic()
        watch.slot = max(_tick(min(moment, watch.ends_at, until_expiry)), self._tick)
        self._wheel.setdefault(watch.slot, set()).add(watch)

    def _lift(self, watch: AnyWatch) -> None:
        slot = self._wheel.get(watch.slot)
        if slot is not None:
            slot.discard(watch)
            if not slot:
                del self._wheel[watch.slot]


def _tick(moment: float) -> int:
    """The first tick that is not before a moment."""
    return math.ceil(moment / TICK_SECONDS)
