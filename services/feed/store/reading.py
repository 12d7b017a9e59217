"""Reads a page of somebody's home: from the cache where that has it, from PostgreSQL where it does not.

The three things a page is made of (ids, posts, the reader's own marks) fall back one by one, so that a cache that
is gone, emptied or half full gives the same answer more slowly. What the reader may see is decided here, on each post.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from chassis.access import Access, Sight
from chassis.cache import CacheUnavailable
from chassis.database import Database
from services.feed import wire
from services.feed.domain.marks import UNMARKED
from services.feed.store import homes, marks, posts
from services.feed.store.homes import DELETED, HEADER, HIDDEN, KEPT_IDS, NOTHING, PLAIN, REPLY, Homes, Ids

log = logging.getLogger(__name__)

SLACK = 2
# Where a value tells them, without unpacking it.
FLAGS_AT, LEADS_TO = 25, slice(42, 58)
MOST_KNOWN_AUTHORS = 200_000


# A post as it lies in the cache, and the reader's packed mark on it.
Content = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class HomePage:
    """(Serialized post, the reader's packed mark, original if any), and after which id the next page begins, if any."""

    posts: list[tuple[bytes, bytes, bytes | None]]
    next_after: bytes | None


class HomeReader:
    """Reads homes for the people who call one feed process."""

    def __init__(self, database: Database, cached: Homes, access: Access) -> None:
        self._database = database
        self._homes = cached
        self._access = access
        self._authors: dict[bytes, UUID] = {}
        self._building: dict[UUID, asyncio.Task[list[UUID]]] = {}

    async def page(self, person: UUID, after: bytes | None, size: int) -> HomePage:
        """Up to `size` posts that come after an id, newest first; filtered ones are made up for.

        There is a next page only when the reader may see something on it.
        """
        sight, last = self._access.sight(person), after
        found: list[tuple[bytes, bytes, bytes | None]] = []
        while True:
            ids = await self._ids(person, after, size + 1 - len(found) + SLACK)
            for after, content, mark, original in await self._seen(person, sight, ids.ids):
                if len(found) == size:
                    return HomePage(found, last)
                found.append((content, mark, original))
                last = after
            if ids.ended or not ids.ids:
                return HomePage(found, None)
            after = ids.ids[-1]

    def expect_change(self, person: UUID) -> None:
        """Lets nobody wait any more for a home that began to be built before the person changed it."""
        self._building.pop(person, None)

    async def _seen(
        self, person: UUID, sight: Sight, ids: Sequence[bytes]
    ) -> list[tuple[bytes, bytes, bytes, bytes | None]]:
        """Of these posts those that the reader sees, as (id, message, mark, original's message)."""
        values, own = await self._contents(person, ids)
        originals = await self._originals(person, sight, values)
        seen = []
        for id_, value, mark in zip(ids, values, own, strict=True):
            if value is None or not self._sees(sight, id_, value):
                continue
            flags, original = value[FLAGS_AT], originals.get(value[LEADS_TO]) if originals else None
            if original is not None or not flags & PLAIN:
                seen.append((id_, value[HEADER.size :], mark, original))
        return seen

    async def _originals(self, person: UUID, sight: Sight, values: Sequence[bytes | None]) -> dict[bytes, bytes]:
        """What reshares pass on, as far as the reader sees it: id → message. A reply is decided on its root as well."""
        wanted = list({value[LEADS_TO] for value in values if value and value[LEADS_TO] != NOTHING})
        if not wanted:
            return {}
        found, own = await self._contents(person, wanted)
        roots = list({value[LEADS_TO] for value in found if value and value[FLAGS_AT] & REPLY})
        on_top = dict(zip(roots, (await self._contents(person, roots))[0], strict=True)) if roots else {}
        originals = {}
        for id_, value, mark in zip(wanted, found, own, strict=True):
            if value is None or not self._sees(sight, id_, value):
                continue
            root = on_top.get(value[LEADS_TO]) if value[FLAGS_AT] & REPLY else value
            if root is not None and self._sees(sight, value[LEADS_TO], root, though_deleted=True):
                originals[id_] = wire.with_viewer(value[HEADER.size :], mark)
        return originals

    def _sees(self, sight: Sight, id_: bytes, value: bytes, *, though_deleted: bool = False) -> bool:
        _, raw, kinds, flags, group, _ = HEADER.unpack_from(value)
        # Making a UUID costs more than everything else that is decided about a post.
        author = self._authors.get(raw) or self._new_author(raw)
        if flags & DELETED and not though_deleted:
            return False
        if group == NOTHING:
            return sight.sees(author, kinds, None, flags & HIDDEN != 0)
        written = datetime.fromtimestamp(int.from_bytes(id_[:6], "big") / 1000, UTC)
        return sight.sees(author, kinds, UUID(bytes=group), flags & HIDDEN != 0, written)

    def _new_author(self, raw: bytes) -> UUID:
        if len(self._authors) > MOST_KNOWN_AUTHORS:
            self._authors.clear()
        author = self._authors[raw] = UUID(bytes=raw)
        return author

    async def _ids(self, person: UUID, after: bytes | None, count: int) -> Ids:
        if self._homes.trusted:
            try:
                found = await (self._homes.older(person, after, count) if after else self._homes.newest(person, count))
                if found is not None:
                    return found
                if after is None:
                    return _first(await self._built(person), count)
            except CacheUnavailable as away:
                log.debug("A home is read from PostgreSQL: %s", away)
        async with self._database.snapshot() as tx:
            before = UUID(bytes=after) if after else None
            ids = await posts.home_ids(tx, person, before, count + 1)
        return _first(ids, count)

    async def _built(self, person: UUID) -> list[UUID]:
        """Builds a home once, however many requests of the same person wait for it."""
        return await asyncio.shield(self._begin_to_build(person))

    def _begin_to_build(self, person: UUID) -> "asyncio.Task[list[UUID]]":
        task = self._building.get(person)
        if task is None:
            # Not with the deadline of who happens to be the first to ask.
            task = self._building[person] = asyncio.create_task(self._build(person), context=Context())
            task.add_done_callback(lambda done: self._built_or_not(person, done))
        return task

    def _built_or_not(self, person: UUID, done: "asyncio.Task[list[UUID]]") -> None:
        if self._building.get(person) is done:
            del self._building[person]
        if not done.cancelled() and done.exception():
            log.info("A home was not built: %s", done.exception())

    async def _build(self, person: UUID) -> list[UUID]:
        nonce = await self._homes.begin(person)
        async with self._database.snapshot() as tx:
            ids = await posts.home_ids(tx, person, None, KEPT_IDS + 1)
            own = await marks.newest_of_person(tx, person, ids)
        await self._homes.complete(person, nonce, ids, [(row.post, marks.marked(row), row.version) for row in own])
        return ids

    async def _contents(self, person: UUID, ids: Sequence[bytes]) -> tuple[list[bytes | None], list[bytes]]:
        """The posts' values and the person's own packed marks on them."""
        values: list[bytes | None] = [None] * len(ids)
        own: list[bytes | None] | None = None
        if ids and self._homes.trusted:
            try:
                values, own = await self._homes.posts_and_marks(person, ids)
            except CacheUnavailable as away:
                log.debug("Posts are read from PostgreSQL: %s", away)
        if None in values:
            await self._fill(ids, values)
        if own is not None:
            return values, [mark[8:] if mark else UNMARKED.packed for mark in own]
        return values, await self._own_marks(person, ids)

    async def _fill(self, ids: Sequence[bytes], values: list[bytes | None]) -> None:
        missing = {UUID(bytes=id_): index for index, id_ in enumerate(ids) if values[index] is None}
        if not missing:
            return
        async with self._database.snapshot() as tx:
            found = await posts.by_ids(tx, list(missing))
        for post in found:
            values[missing[post.id]] = homes.value(post)
        try:
            await self._homes.put_posts(found)
        except CacheUnavailable as away:
            log.debug("Posts are not kept: %s", away)

    async def _own_marks(self, person: UUID, ids: Sequence[bytes]) -> list[bytes]:
        if not ids:
            return []
        async with self._database.snapshot() as tx:
            found = await marks.of_person(tx, person, [UUID(bytes=id_) for id_ in ids])
        return [found.get(UUID(bytes=id_), UNMARKED).packed for id_ in ids]


def _first(ids: Sequence[UUID], count: int) -> Ids:
    return Ids([id_.bytes for id_ in ids[:count]], len(ids) <= count)
