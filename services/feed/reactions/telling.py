"""What all reactions share that tell people something: a batch of events becomes a few statements."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from plein.chassis.v1 import event_log_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Root
from chassis.events import Reactions
from chassis.resources import Resources
from services.feed.domain.notifications import PLANS, UNMUTABLE, Entry, first_of_each, unmuted
from services.feed.store import inbox
from services.feed.store.mutes import Mutes
from services.feed.wire import moment_of

# Who begins to follow a log, or comes back after long, tells nobody of what is no news any more.
NEWS = timedelta(days=7)
# Of what an entry tells: the root on which it is decided, who wrote it, and whether it is hidden or removed itself.
Decisive = tuple[Root, UUID, bool, bool]


class Telling(Reactions):
    """Reactions call `tell` and `take_back`; with the last event of a batch all of it goes into the inboxes."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self._mutes = resources.one(Mutes)
        self._last = 0
        self._begin_batch()

    def _begin_batch(self) -> None:
        self._wanted: list[Entry] = []
        self._gone: set[tuple[UUID, UUID]] = set()
        self._touched: set[UUID] = set()
        self._decisive: dict[UUID, Decisive] = {}

    @property
    def event_id(self) -> UUID:
        """The identity of the event that is being dealt with, the same when it is delivered again."""
        return UUID(self._event.event_id)

    @property
    def moment(self) -> datetime:
        """When what is being dealt with happened."""
        return moment_of(self._event.write_time)

    def tell(self, *entries: Entry, decisive: Decisive | None = None) -> None:
        """Lets people be told. `decisive` is that of the entries' post or article, if they are about one."""
        self._wanted.extend(entries)
        for entry in entries:
            about = entry.post or entry.article
            if about is not None and decisive is not None:
                self._decisive[about] = decisive

    def take_back(self, found: Iterable[tuple[UUID, UUID]]) -> None:
        """Takes back what was told before this batch, (recipient, cause) each."""
        self._gone.update(found)

    def touch(self, people: Iterable[UUID]) -> None:
        """Lets these people's inboxes count as changed: they see more or less of what they were told."""
        self._touched.update(people)

    def forget(self, causes: Iterable[UUID]) -> None:
        """Tells nobody what earlier events of the same batch would have told with these causes."""
        gone = set(causes)
        self._wanted = [entry for entry in self._wanted if not gone & {entry.cause, entry.article}]

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        """Begins a batch, with replicas as fresh as the database: nobody is passed over for being new."""
        self._begin_batch()
        self._last = events[-1].position
        await self.resources.access.refresh(self.resources.database)
        await self._mutes.refresh()

    async def react(self, tx: AsyncConnection, event: event_log_pb2.Event) -> None:
        self._event = event
        await super().react(tx, event)
        if event.position >= self._last:
            await self.finish(tx)
            self._begin_batch()

    async def finish(self, tx: AsyncConnection) -> None:
        """Puts what was gathered into the inboxes, in the transaction of the cursor."""
        wanted = await self._welcome(tx, [entry for entry in self._wanted if self._may_be_told(entry)])
        await inbox.settle(tx, wanted, sorted(self._gone), self._touched)

    def _may_be_told(self, entry: Entry) -> bool:
        """Nobody is told what they did themselves, or what they may not see. It is decided again when it is read.

        An entry for the members of a group is for those whom the log of groups named.
        """
        if entry.actor == entry.recipient or entry.moment < datetime.now(UTC) - NEWS:
            return False
        sight = self.resources.access.sight(entry.recipient, though_unheard=True)
        about = entry.post or entry.article
        if about is not None and (about not in self._decisive or not sight.sees_under(*self._decisive[about])):
            return False
        # What was decided on one's own words waits for somebody who is suspended meanwhile.
        return (sight.active or entry.kind in UNMUTABLE) and sight.meets(entry.actor or entry.recipient)

    async def _welcome(self, tx: AsyncConnection, entries: Sequence[Entry]) -> list[Entry]:
        """What the recipients want to be told: one entry for each cause, and none that they muted."""
        if not entries:
            return []
        muted = await inbox.muted_kinds(tx, list({entry.recipient for entry in entries}))
        heard = [entry for entry in unmuted(entries, muted) if not self._is_silent(entry)]
        return first_of_each(heard)

    def _is_silent(self, entry: Entry) -> bool:
        """Whether the recipient muted who did it, the thread, or the group to all of whose members it is told.

        What moderators did, nobody mutes.
        """
        silence = self._mutes.of(entry.recipient)
        if entry.group is not None and entry.group.int in silence.groups and entry.kind not in PLANS:
            return True
        by_muted = entry.actor is not None and entry.actor.int in silence.people
        return by_muted or (entry.thread is not None and entry.thread.int in silence.threads)
