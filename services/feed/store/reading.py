"""Reads a page of somebody's home: from the cache where that has it, from PostgreSQL where it does not.

The things a page is made of (ids, posts, the reader's own marks) fall back one by one, so that a cache that is gone,
emptied or half full gives the same answer more slowly. What the reader may see is decided here, on each post.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.access import Access
from chassis.cache import CacheUnavailable
from chassis.database import Database
from services.feed import wire
from services.feed.domain.marks import UNMARKED
from services.feed.store import marks, posts, sources
from services.feed.store.building import Building
from services.feed.store.homes import NONE, Contents, Homes, Stretch, led_to
from services.feed.store.mutes import Mutes
from services.feed.store.scripts import FLOOR
from services.feed.store.sieve import REPEAT_MILLISECONDS, Authors, Basis, Entry, Material, Sieve
from services.feed.store.values import FLAGS, LEADS_TO, MESSAGE, REPLY, milliseconds, packed, value
from services.feed.store.windows import Window
from services.feed.wire.positions import Position

log = logging.getLogger(__name__)

SLACK = 2
MOST_AT_ONCE = 400
MOST_COUNTS = 2048
# More than any page: so far is looked for what stands above one.
MOST_ABOVE = 2000


@dataclass(frozen=True, slots=True)
class HomePage:
    """What a page shows, as (id, `joinable`), the id at which reading began, and whether something older follows."""

    shown: list[tuple[bytes, bytes]]
    top: bytes
    more: bool
    material: Material | None = None
    ids_read: int = 0
    basis: Basis | None = None


class HomeReader:
    """Reads homes for the people who call one feed process."""

    def __init__(self, database: Database, cached: Homes, access: Access, mutes: Mutes) -> None:
        self.building = Building(database, cached)
        self._database = database
        self._homes = cached
        self._access = access
        self._mutes = mutes
        self._authors = Authors()
        # How many ids it took lately to fill a page of those who see few of what comes.
        self._counts: dict[tuple[UUID, int], int] = {}

    def made_before(self, person: UUID, size: int) -> bytes | None:
        """The newest page as it was last made, if neither the home nor what decides about it is another one."""
        kept = self._kept(person, self._count(person, size))
        page = kept[1].material.page if kept and kept[1].material else None
        return page[1] if page is not None and page[0] == self._basis(person) else None

    async def newest(self, person: UUID, size: int) -> HomePage:
        """Up to `size` posts, newest first; filtered ones are made up for."""
        count = self._count(person, size)
        found = self._kept(person, count) or await self._cached_newest(person, count)
        stretch, contents = found or (await self._stretch(person, None, count), None)
        sieve, basis = self._sieve(person), self._basis(person)  # of one moment
        page = await self._page(person, sieve, stretch, contents, size)
        if page.ids_read > count:
            if len(self._counts) >= MOST_COUNTS:
                del self._counts[next(iter(self._counts))]
            self._counts[person, size] = min(page.ids_read, MOST_AT_ONCE)
        return replace(page, basis=basis)

    def _kept(self, person: UUID, count: int) -> tuple[Stretch, Contents] | None:
        return self._homes.kept(person, count) if self._homes.trusted else None

    def _basis(self, person: UUID) -> Basis:
        return self._access.changes, self._access.hears_groups, self._mutes.of(person)

    def _count(self, person: UUID, size: int) -> int:
        """How many ids are asked for at first."""
        return self._counts.get((person, size), size + 1 + SLACK)

    async def older(self, person: UUID, position: Position, size: int) -> HomePage:
        """The page that comes after `position.edge` of a home whose reading began at `position.top`."""
        sieve = self._sieve(person)
        await self._look_above(person, sieve, position)
        stretch = await self._stretch(person, position.edge, size + 1 + SLACK)
        page = await self._page(person, sieve, stretch, None, size)
        return replace(page, top=position.top)

    async def newer(self, person: UUID, position: Position, size: int) -> HomePage:
        """Up to `size` posts that follow upwards on what was seen, newest first."""
        material = await self._material(person, await self._above(person, position.floor))
        found = self._sieve(person).passed(material)
        # What was seen may be the reason for which something else is not shown.
        shown = [one for one in found if one[0] not in position.seen][-size:]
        return HomePage(shown, shown[0][0] if shown else position.edge, more=True)

    async def _page(
        self, person: UUID, sieve: Sieve, stretch: Stretch, contents: Contents | None, size: int
    ) -> HomePage:
        """There is more only when the reader may see something of it."""
        top = stretch.ids[0] if stretch.ids else FLOOR
        found: list[tuple[bytes, bytes]] = []
        ids_read = 0
        while True:
            ids_read += len(stretch.ids)
            material = contents.material if contents else None
            material = material or await self._material(person, stretch.ids, contents)
            found += sieve.passed(material)
            ended = stretch.reach == FLOOR or not stretch.ids
            if len(found) > size or ended:
                return HomePage(found[:size], top, len(found) > size, material if contents else None, ids_read)
            contents = None
            # Who sees little of what comes is not asked for it in crumbs.
            count = min(max(size + 1 - len(found) + SLACK, 2 * len(stretch.ids)), MOST_AT_ONCE)
            stretch = await self._stretch(person, stretch.ids[-1], count)

    async def _look_above(self, person: UUID, sieve: Sieve, position: Position) -> None:
        """Lets the sieve know which posts stand, reshared, so shortly above a page that they may repeat."""
        latest = milliseconds(position.edge) + REPEAT_MILLISECONDS
        above = await self._above(person, position.edge)
        ids = [id_ for id_ in above if id_ <= position.top and milliseconds(id_) <= latest]
        sieve.passed(await self._material(person, ids))

    async def _above(self, person: UUID, lowest: bytes) -> list[bytes]:
        """The ids of a home from `lowest` upwards, newest first: those that follow it, if they are too many."""
        stretch = await self._cached_whole(person)
        if stretch is not None and stretch.reach <= lowest:
            return [id_ for id_ in stretch.ids if id_ >= lowest][-MOST_ABOVE:]
        async with self._database.snapshot() as tx:
            window = Window(MOST_ABOVE, after=UUID(int=max(0, int.from_bytes(lowest, "big") - 1)))
            return [id_.bytes for id_ in reversed(await sources.home_ids(tx, person, window))]

    async def _material(self, person: UUID, ids: Sequence[bytes], contents: Contents | None = None) -> Material:
        """All that decides about posts, with those to which they lead, and the roots of these that are replies.

        `contents` is what was fetched already; if that is all, it keeps what was made of it.
        """
        values, own = await self._contents(person, ids, contents)
        wanted = led_to(values)
        if not wanted:
            return _kept(contents, Material(self._entries(ids, values, own, {}), []))
        beside = _beside(contents, wanted)
        # What PostgreSQL tells, the cache may not tell the changes of.
        all_cached = beside is not None and None not in beside.values
        found, marks_ = await self._contents(person, wanted, beside)
        there = {id_: (one, mark) for id_, one, mark in zip(wanted, found, marks_, strict=True) if one is not None}
        roots = list({one[LEADS_TO] for one, _ in there.values() if one[FLAGS] & REPLY})
        on_top = dict(zip(roots, (await self._contents(person, roots, None))[0], strict=True)) if roots else {}
        leads = [self._authors.lead(id_, one, on_top.get(one[LEADS_TO])) for id_, (one, _) in there.items()]
        originals = {id_: wire.with_viewer(one[MESSAGE], mark) for id_, (one, mark) in there.items()}
        material = Material(self._entries(ids, values, own, originals), leads)
        return _kept(contents if all_cached and not roots else None, material)

    def _entries(
        self,
        ids: Sequence[bytes],
        values: Sequence[bytes | None],
        own: Sequence[bytes | None],
        originals: Mapping[bytes, bytes],
    ) -> list[Entry]:
        posts_ = zip(ids, values, own, strict=True)
        made = (self._authors.entry(id_, one, mark, originals.get(one[LEADS_TO])) for id_, one, mark in posts_ if one)
        return [entry for entry in made if entry]

    def _sieve(self, person: UUID) -> Sieve:
        return Sieve(self._access.sight(person), self._mutes.of(person), self._authors)

    async def _cached_newest(self, person: UUID, count: int) -> tuple[Stretch, Contents] | None:
        if not self._homes.trusted:
            return None
        try:
            return await self._homes.newest(person, count)
        except CacheUnavailable as away:
            log.debug("A home is read from PostgreSQL: %s", away)
            return None

    async def _cached_whole(self, person: UUID) -> Stretch | None:
        if not self._homes.trusted:
            return None
        try:
            return await self._homes.whole(person)
        except CacheUnavailable as away:
            log.debug("A home is read from PostgreSQL: %s", away)
            return None

    async def _stretch(self, person: UUID, after: bytes | None, count: int) -> Stretch:
        """Ids that come after one, or the newest. Who begins to read a home that is not in the cache has it built."""
        if after is None and self._homes.trusted:
            try:
                return _first(await self.building.built(person), count)
            except CacheUnavailable as away:
                log.debug("A home is not built: %s", away)
        whole = await self._cached_whole(person) if after is not None else None
        if whole is not None and after is not None and whole.reach < after:
            ids = [id_ for id_ in whole.ids if id_ < after]
            if len(ids) > count or whole.reach == FLOOR:
                return _cut(ids, count)
        async with self._database.snapshot() as tx:
            window = Window(count + 1, before=UUID(bytes=after) if after else None)
            return _first(await sources.home_ids(tx, person, window), count)

    async def _contents(
        self, person: UUID, ids: Sequence[bytes], known: Contents | None
    ) -> tuple[list[bytes | None], Sequence[bytes | None]]:
        """The posts' values and the person's own marks on them."""
        if known is None and ids and self._homes.trusted:
            try:
                known = await self._homes.contents(person, ids, NONE)
            except CacheUnavailable as away:
                log.debug("Posts are read from PostgreSQL: %s", away)
        values: list[bytes | None] = known.values if known else [None] * len(ids)
        if None in values:
            await self._fill(ids, values)
        if known is not None and known.marks is not None:
            return values, known.marks
        return values, await self._own_marks(person, ids)

    async def _fill(self, ids: Sequence[bytes], values: list[bytes | None]) -> None:
        missing = {UUID(bytes=id_): index for index, id_ in enumerate(ids) if values[index] is None}
        async with self._database.snapshot() as tx:
            found = await posts.by_ids(tx, list(missing))
        for post in found:
            values[missing[post.id]] = value(post)
        try:
            await self._homes.put_posts(found)
        except CacheUnavailable as away:
            log.debug("Posts are not kept: %s", away)

    async def _own_marks(self, person: UUID, ids: Sequence[bytes]) -> list[bytes | None]:
        async with self._database.snapshot() as tx:
            found = await marks.of_person(tx, person, [UUID(bytes=id_) for id_ in ids])
        return [packed(found.get(UUID(bytes=id_), UNMARKED)) for id_ in ids]


def _kept(contents: Contents | None, material: Material) -> Material:
    """Keeps what was made of contents with them."""
    if contents is not None:
        contents.material = material
    return material


def _beside(contents: Contents | None, wanted: Sequence[bytes]) -> Contents | None:
    """These posts, when what was read before holds them all."""
    if contents is None or any(id_ not in contents.beside for id_ in wanted):
        return None
    return Contents([contents.beside[id_][0] for id_ in wanted], [contents.beside[id_][1] for id_ in wanted])


def _first(ids: Sequence[UUID], count: int) -> Stretch:
    return _cut([id_.bytes for id_ in ids], count)


def _cut(ids: list[bytes], count: int) -> Stretch:
    """The first of ids after which there is nothing more."""
    return Stretch(ids[:count], ids[count - 1] if len(ids) > count else FLOOR)
