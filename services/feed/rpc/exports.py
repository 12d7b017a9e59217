"""Everything that feed keeps of a person, for the person."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from plein.feed.v1 import own_data_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.calls import refuse_ended
from services.feed import wire
from services.feed.rpc.notifications import InboxReading
from services.feed.store import exporting, notification_settings, notifications, posts, push, relations
from services.feed.store.notifications import Place
from services.feed.wire import exports as export_wire
from services.feed.wire import notifications as inbox_wire
from services.feed.wire import web_push

AT_ONCE = 200
# Of notifications each may come with a post of somebody else, and that with another.
NOTIFICATIONS_AT_ONCE = 50
Part = own_data_pb2.ExportOwnDataResponse
Found = TypeVar("Found")
# Field of the answer, table, and what a row is called there.
_RELATIONS: list[tuple[str, sa.Table, Callable[[Any], Any]]] = [
    ("tag_follows", relations.TAG_FOLLOWS, lambda row: wire.tag_follow(row.target, row.create_time)),
    ("group_follows", relations.GROUP_FOLLOWS, lambda row: wire.group_follow(row.target, row.create_time)),
    ("blocks", relations.BLOCKS, lambda row: wire.block(row.target, row.create_time)),
    ("mutes", relations.PERSON_MUTES, lambda row: wire.mute(f"people/{row.target}", row.create_time)),
    ("mutes", relations.TAG_MUTES, lambda row: wire.mute(f"tags/{row.target}", row.create_time)),
    ("mutes", relations.THREAD_MUTES, lambda row: wire.mute(f"posts/{row.target}", row.create_time)),
    ("mutes", relations.GROUP_MUTES, lambda row: wire.mute(f"groups/{row.target}", row.create_time)),
    (
        "dismissed_suggestions",
        relations.DISMISSALS,
        lambda row: export_wire.dismissed(row.target, row.create_time),
    ),
]


class Exports(InboxReading):
    """A page at a time, each in a transaction of its own: however much it is, little of it is held."""

    async def ExportOwnData(self, request: own_data_pb2.ExportOwnDataRequest, context: Any) -> AsyncIterator[Part]:
        person = viewer.person()
        for section in (self._writing, self._doing, self._standing, self._being_told):
            async for part in section(person):
                refuse_ended(self.access, viewer.current())
                yield part
        yield Part(complete=True)

    async def _writing(self, person: UUID) -> AsyncIterator[Part]:
        async for ids in self._pages(
            lambda tx, after: exporting.own_posts(tx, person, after, AT_ONCE), lambda id_: id_
        ):
            async with self.database.snapshot() as tx:
                found = {post.id: post for post in await posts.by_ids(tx, ids)}
            standing = [found[id_] for id_ in ids if id_ in found and found[id_].delete_time is None]
            yield Part(posts=[wire.post(post) for post in standing])
        async for rows in self._pages(
            lambda tx, after: exporting.own_revisions(tx, person, after, AT_ONCE), lambda row: (row.post, row.revision)
        ):
            said = [(row.post, row.create_time, row.text, row.image_alt_texts, row.poll_choices) for row in rows]
            yield Part(revisions=[export_wire.own_revision(post, wire.revision(*then)) for post, *then in said])

    async def _doing(self, person: UUID) -> AsyncIterator[Part]:
        async for rows in self._pages(
            lambda tx, after: exporting.own_marks(tx, person, after, AT_ONCE), lambda row: row.post
        ):
            done = [(row.post, row.reaction, row.react_time, row.bookmark_time, row.votes) for row in rows]
            yield Part(marks=[export_wire.own_mark(*mark) for mark in done])

    async def _standing(self, person: UUID) -> AsyncIterator[Part]:
        async for rows in self._pages(
            lambda tx, before: exporting.own_follows(tx, person, before, AT_ONCE),
            lambda row: (row.create_time, row.followee),
        ):
            yield Part(follows=[wire.follow(person, row.followee, row.create_time) for row in rows])
        async for rows in self._pages(
            lambda tx, after: exporting.own_card_follows(tx, person, after, AT_ONCE), lambda row: row.post
        ):
            yield Part(card_follows=[wire.card_follow(row.post, row.create_time) for row in rows])
        for field, table, message in _RELATIONS:
            read = partial(_listed, table, person)
            async for rows in self._pages(read, lambda row: (row.create_time, row.target)):
                part = Part()
                getattr(part, field).extend(message(row) for row in rows)
                yield part

    async def _being_told(self, person: UUID) -> AsyncIterator[Part]:
        async with self.database.snapshot() as tx:
            settings = await notification_settings.of_person(tx, person)
        yield Part(notification_settings=inbox_wire.settings(settings))
        place: Place | None = None
        while True:
            sight = self.access.sight(person)
            async with self.database.snapshot() as tx:
                found = await notifications.visible_page(tx, sight, place, NOTIFICATIONS_AT_ONCE)
                told = await self.notification_messages(tx, sight, found)
            if not found:
                break
            place = Place(found[-1].position)
            yield Part(notifications=told)
        async for devices in self._pages(
            lambda tx, before: push.of_person(tx, person, before, AT_ONCE), lambda device: device.id
        ):
            yield Part(push_subscriptions=[web_push.push_subscription(device) for device in devices])

    async def _pages(
        self,
        read: Callable[[AsyncConnection, Any], Awaitable[Sequence[Found]]],
        place: Callable[[Found], Any],
    ) -> AsyncIterator[Sequence[Found]]:
        """What `read` finds behind each place, until it finds less than a page."""
        last: Any = None
        while True:
            async with self.database.snapshot() as tx:
                found = await read(tx, last)
            if found:
                yield found
            if len(found) < AT_ONCE:
                return
            last = place(found[-1])


async def _listed(table: sa.Table, person: UUID, tx: AsyncConnection, before: Any) -> list[relations.Row]:
    return await relations.listed(tx, table, person, before, AT_ONCE)
