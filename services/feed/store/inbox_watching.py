"""How many notifications are unread, for those who listen in this process."""

import asyncio
import logging
from uuid import UUID

from chassis.problems import Problem
from chassis.resources import Resources
from chassis.viewer import Viewer
from services.feed.store import notifications
from services.feed.store.watches import Watch, Watches

log = logging.getLogger(__name__)

# Streams that come all at once must not take every connection to the database.
COUNTED_TOGETHER = 3


class InboxWatch(Watch):
    """One stream: `changes` is how often its person's inbox had changed when it was last counted, `told` when it last
    told so."""

    __slots__ = ("changes", "stale", "told", "unread")

    def __init__(self, caller: Viewer, person: UUID, ends_at: float, told: int | None) -> None:
        super().__init__(caller, person, ends_at)
        self.changes = self.unread = 0
        self.told = told
        self.stale = True


class InboxWatching:
    """Notices which inboxes changed, in whichever process that was, and counts what is unread in those."""

    def __init__(self, resources: Resources) -> None:
        self.watches: Watches[InboxWatch] = Watches(resources.access, resources.settings.live_heartbeat_seconds)
        self._database = resources.database
        self._access = resources.access
        self._counting = asyncio.Semaphore(COUNTED_TOGETHER)

    async def look(self) -> None:
        """Wakes the streams of those whose inbox changed; one query for all of them."""
        if not self.watches.people:
            return
        async with self._database.snapshot() as tx:
            changed = await notifications.changed(tx, list(self.watches.people))
        for person, changes in changed.items():
            for watch in self.watches.of(person):
                if changes != watch.changes:
                    watch.stale = True
                    self.watches.hint(watch)

    async def count(self, watch: InboxWatch) -> None:
        """Counts what the stream's person sees now."""
        sight = self._access.sight(watch.person)
        watch.stale = False
        async with self._counting, self._database.snapshot() as tx:
            changes = await notifications.changed(tx, [watch.person])
            watch.unread = await notifications.unread_count(tx, sight)
        watch.changes = changes.get(watch.person, 0)

    async def recount(self, watch: InboxWatch) -> None:
        """Counts anew if the inbox changed. What cannot be counted now is, once `look` works again."""
        if not watch.stale or watch.end is not None:
            return
        try:
            await self.count(watch)
        except Problem as problem:
            log.debug("An inbox is not counted: %s", problem)
