"""Streams that tell what is new."""

import time
from collections.abc import AsyncIterator
from typing import Any

from plein.feed.v1 import live_pb2, live_pb2_grpc

from chassis import viewer
from chassis.problems import BadInput
from chassis.resources import Resources
from services.feed.store.home_watching import HomeWatch, HomeWatching, Place
from services.feed.store.inbox_watching import InboxWatch, InboxWatching
from services.feed.store.watches import LONGEST_SECONDS
from services.feed.wire import live as wire

# What is kept of a caller's deadline for the last message.
LAST_SECONDS = 0.5
_HOME, _INBOX = b"feed/live/home", b"feed/live/inbox"


class Live(live_pb2_grpc.LiveServiceServicer):
    """All methods of the LiveService. Each stream waits for its watch, and does nothing meanwhile."""

    def __init__(self, resources: Resources) -> None:
        self._sealer = resources.pages.sealer
        self._homes = resources.one(HomeWatching)
        self._inboxes = resources.one(InboxWatching)

    async def WatchHome(
        self, request: live_pb2.WatchHomeRequest, context: Any
    ) -> AsyncIterator[live_pb2.WatchHomeResponse]:
        since = Place(*wire.place(self._opened(request.cursor, _HOME))) if request.cursor else None
        watch = HomeWatch(viewer.current(), viewer.person(), _ends_at(context), since)
        del request, since  # many streams are open at once, and for long
        self._homes.open(watch)
        try:
            while watch.end is None:
                await watch.due()
                yield self._home_message(watch)
        finally:
            self._homes.close(watch)

    def _home_message(self, watch: HomeWatch) -> live_pb2.WatchHomeResponse:
        place, news, changed, read_anew = self._homes.told(watch)
        cursor = self._sealer.seal(wire.packed_place(*place), _HOME) if place else ""
        return wire.home_message(cursor, news, changed, read_anew=read_anew, end=watch.end)

    async def WatchNotifications(
        self, request: live_pb2.WatchNotificationsRequest, context: Any
    ) -> AsyncIterator[live_pb2.WatchNotificationsResponse]:
        told = wire.number(self._opened(request.cursor, _INBOX)) if request.cursor else None
        watch = InboxWatch(viewer.current(), viewer.person(), _ends_at(context), told)
        del request, told  # as above
        self._inboxes.watches.open(watch)
        try:
            await self._inboxes.count(watch)
            yield self._inbox_message(watch)
            while watch.end is None:
                await watch.due()
                await self._inboxes.recount(watch)
                yield self._inbox_message(watch)
        finally:
            self._inboxes.watches.close(watch)

    def _inbox_message(self, watch: InboxWatch) -> live_pb2.WatchNotificationsResponse:
        before = watch.changes if watch.told is None else watch.told
        cursor = self._sealer.seal(wire.packed_number(watch.changes), _INBOX)
        watch.told = watch.changes
        changed, read_anew = watch.changes != before, watch.changes < before
        return wire.inbox_message(cursor, watch.unread, changed=changed, read_anew=read_anew, end=watch.end)

    def _opened(self, cursor: str, purpose: bytes) -> bytes:
        content = self._sealer.opened(cursor, purpose)
        if content is None:
            raise BadInput("BAD_CURSOR", "The cursor is not one of this stream.", field="cursor")
        return content


def _ends_at(context: Any) -> float:
    """When a stream has to end (time.monotonic), so that its last message still arrives."""
    left: float | None = context.time_remaining()
    return time.monotonic() + (LONGEST_SECONDS if left is None else min(LONGEST_SECONDS, left - LAST_SECONDS))
