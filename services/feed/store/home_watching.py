"""What comes into the homes of those who listen in this process: the end of feed's own log, held in memory."""

import asyncio
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

from plein.chassis.v1.event_log_pb2 import Event
from plein.feed.v1 import events_pb2

from chassis.events import Cursor
from chassis.resources import Resources
from chassis.viewer import Viewer
from services.feed import wire
from services.feed.domain.live import MOST_CHANGED, MOST_REMEMBERED, Arrival, Glimpse, News, Past, Shown
from services.feed.store import live
from services.feed.store.lately import Lately
from services.feed.store.mutes import Mutes
from services.feed.store.watches import Watch, Watches

# So far back a stream can go on; at a few events a second, half an hour.
KEPT_EVENTS = 5000
CHAIN_BYTES = 8
# Another process may have read the log a little further than this one. A log that was restored never gets so far.
AHEAD_SECONDS = 3.0
MODERATED = {f"plein.feed.v1.{name}" for name in ("PostHidden", "PostRemoved", "PostRestored")}
CHANGES = MODERATED | {f"plein.feed.v1.{name}" for name in ("PostEdited", "CardChanged", "PostDeleted")}
CREATED = events_pb2.PostCreated.DESCRIPTOR.full_name


class Place(NamedTuple):
    """A place in the log, as cursors hold it."""

    position: int
    chain: bytes


class Told(NamedTuple):
    """What one message tells, and up to where; there is no place before the first stream is settled."""

    place: Place | None
    news: News
    changed: list[UUID]
    read_anew: bool


class HomeWatch(Watch):
    """One stream, and what reached it since it began."""

    __slots__ = ("arrivals", "asked_at", "begins_at", "changed", "read_anew", "settled", "since")

    def __init__(self, caller: Viewer, person: UUID, ends_at: float, since: Place | None) -> None:
        super().__init__(caller, person, ends_at)
        self.since = since
        self.begins_at: int | None = None
        self.asked_at = time.monotonic()
        self.settled = False
        self.read_anew = False
        self.arrivals: Sequence[Arrival] = ()
        self.changed: Sequence[Glimpse] = ()

    def begin_anew(self) -> None:
        """What was told so far leads nowhere."""
        self.since = self.begins_at = None
        self.settled, self.read_anew = False, True
        self.arrivals = self.changed = ()


class HomeWatching:
    """Takes in the log, and wakes whom it concerns. A new stream is settled first: what it missed is looked up."""

    def __init__(self, resources: Resources) -> None:
        self.watches: Watches[HomeWatch] = Watches(resources.access, resources.settings.live_heartbeat_seconds)
        self._database = resources.database
        self._events = resources.events
        self._access = resources.access
        self._mutes = resources.one(Mutes)
        self._lately = resources.one(Lately)
        self._past = Past(0, [b""])
        self._head = sys.maxsize
        self._known: WeakValueDictionary[UUID, Arrival] = WeakValueDictionary()
        self._unsettled: set[HomeWatch] = set()
        self._opened = asyncio.Event()
        # What is looked up for a stream and what is taken in from the log come one after the other.
        self._turn = asyncio.Lock()
        # When this process last heard that moderators decided on a post.
        self.moderated_at = float("-inf")

    @property
    def place(self) -> Place:
        """Up to where streams have been told."""
        return Place(self._past.end, self._past.chain)

    def open(self, watch: HomeWatch) -> None:
        """From now on the stream is told what happens; first, what happened since its cursor."""
        self.watches.open(watch)
        self._unsettled.add(watch)
        self._opened.set()

    def close(self, watch: HomeWatch) -> None:
        """Its caller is gone."""
        self.watches.close(watch)
        self._unsettled.discard(watch)

    def told(self, watch: HomeWatch) -> Told:
        """What its person sees now of what reached the stream. What changed, and that all did, is told once."""
        sight = self._access.sight(watch.person)
        news = News.of(watch.arrivals, sight, self._mutes.of(watch.person))
        changed = dict.fromkeys(glimpse.id for glimpse in watch.changed if glimpse.was_seen(sight))
        told = Told(self.place if watch.settled else watch.since, news, list(changed), watch.read_anew)
        watch.changed, watch.read_anew = (), False
        return told

    def begin(self, cursor: Cursor, head: int) -> None:
        """Begins to hold the past after `cursor`. Whoever had been told of another past has to read anew."""
        self._past = Past(cursor.position, [cursor.chain[:CHAIN_BYTES]])
        self._head = head
        for watch in self.watches.every():
            if watch.settled:
                watch.begin_anew()
                self._unsettled.add(watch)
        self.retry()

    async def take(self, events: Sequence[Event]) -> None:
        """Takes in what comes next in the log."""
        async with self._turn:
            created, changed = _posts_in(events)
            shown: dict[UUID, Shown] = {}
            reach: dict[UUID, set[UUID]] = {}
            originals: dict[UUID, Glimpse] = {}
            if created or changed:
                async with self._database.snapshot() as tx:
                    written = self._lately.among(created.keys() - changed)
                    shown = await live.shown_by_ids(tx, {*created, *changed}, written)
                    originals = await live.glimpses(tx, changed - created.keys())
                    reach = await live.reached(tx, shown.values(), self.watches.people)
            if any(event.type in MODERATED for event in events):
                self.moderated_at = time.monotonic()
            # Nothing is awaited from here on, so that what streams are told and their cursors agree.
            self._remember(events, created, shown, originals)
            self._tell(shown, created, reach)
            if self._unsettled:
                self._opened.set()

    async def settle(self) -> None:
        """Waits for new streams, and finds what each of them missed."""
        await self._opened.wait()
        self._opened.clear()
        head = await self._events.head()
        async with self._turn:
            late = self._late(head)
            if not late:
                return
            past, people = self._past, {watch.person for watch in late}
            missed = past.since(min(place.position for place in late.values()))
            reach: dict[UUID, set[UUID]] = {}
            if missed:
                async with self._database.snapshot() as tx:
                    reach = await live.reached(tx, [one.shown for one in missed], people)
            for watch, (position, _) in late.items():
                if past is self._past:
                    newer = (one for one in missed if one.position > position)
                    self._start(watch, [one for one in newer if watch.person in reach[one.shown.post.id]])

    def retry(self) -> None:
        """Looks again at streams for which it was too early, or for which nothing could be looked up."""
        if self._unsettled:
            self._opened.set()

    def _late(self, head: int) -> dict[HomeWatch, Place]:
        """The new streams that missed something; of the others, those that did not begin, or missed too much, start."""
        late = {}
        for watch in list(self._unsettled if self._past.end >= self._head else ()):
            if watch.since is None:
                # What was there before is no news, though it may not have been read from the log.
                watch.begins_at = head if watch.begins_at is None else watch.begins_at
                if self._past.end >= watch.begins_at:
                    self._start(watch, [])
            elif self._past.holds(*watch.since):
                late[watch] = watch.since
            elif watch.since.position <= self._past.end or time.monotonic() - watch.asked_at > AHEAD_SECONDS:
                watch.begin_anew()
                self._start(watch, [])
        return late

    def _start(self, watch: HomeWatch, arrivals: list[Arrival]) -> None:
        self._unsettled.discard(watch)
        watch.settled = True
        watch.arrivals = arrivals[-MOST_REMEMBERED:]
        watch.wake()

    def _remember(
        self,
        events: Sequence[Event],
        created: Mapping[UUID, int],
        shown: Mapping[UUID, Shown],
        originals: Mapping[UUID, Glimpse],
    ) -> None:
        past = self._past
        past.chains += [event.chain[:CHAIN_BYTES] for event in events]
        arrivals = {id_: Arrival(position, shown[id_]) for id_, position in created.items() if id_ in shown}
        past.arrivals += arrivals.values()
        self._known.update(arrivals)
        for id_, one in shown.items():
            if (known := self._known.get(id_)) is not None:
                known.shown = one
        for arrival in past.arrivals if originals else ():
            original = arrival.shown.original
            if original is not None and original.id in originals:
                arrival.shown = replace(arrival.shown, original=originals[original.id])
        past.forget(KEPT_EVENTS)

    def _tell(self, shown: Mapping[UUID, Shown], created: Mapping[UUID, int], reach: Mapping[UUID, set[UUID]]) -> None:
        """Lets the streams of those whom it concerns tell it, what came later after what came before."""
        for id_ in sorted(reach, key=lambda id_: created.get(id_, 0)):
            for watch in (watch for person in reach[id_] for watch in self.watches.of(person) if watch.settled):
                if id_ in created:
                    watch.arrivals = [*watch.arrivals[1 - MOST_REMEMBERED :], self._known[id_]]
                else:
                    watch.changed = [*watch.changed[1 - MOST_CHANGED :], shown[id_].post]
                self.watches.hint(watch)


def _posts_in(events: Iterable[Event]) -> tuple[dict[UUID, int], set[UUID]]:
    """The posts of their own that were written, each with its position, and the posts and replies that were changed."""
    created, changed = {}, set()
    for event in events:
        if not event.payload:  # it was erased
            continue
        if event.type == CREATED:
            post = events_pb2.PostCreated.FromString(event.payload)
            if post.post == post.root and not post.imported:
                created[wire.post_id(post.post)] = event.position
        elif event.type in CHANGES:
            changed.add(wire.post_id(events_pb2.PostDeleted.FromString(event.payload).post))  # the first field of all
    return created, changed
