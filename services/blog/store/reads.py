"""How often articles were read. Who did is nowhere: docs/decisions/0012-reads-without-readers.md."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.cache import Cache, CacheUnavailable
from chassis.resources import Resources
from services.blog.domain.reads import KEY_BYTES
from services.blog.tables.discovery import article_reads, read_marks


class DayKeys:
    """The key of today's marks, the same in all processes. It is in their memory and in the cache until the day ends.

    Without a cache a process makes one of its own: then whoever reads through two of them counts twice that day.
    """

    def __init__(self, resources: Resources) -> None:
        self._cache: Cache = resources.cache
        self._day = date.min
        self._key = b""
        self._is_shared = False

    async def key(self, day: date, end: datetime) -> bytes:
        """The key of a day that is over at `end`."""
        if day != self._day:
            self._day, self._key, self._is_shared = day, secrets.token_bytes(KEY_BYTES), False
        if not self._is_shared:
            await self._share(day, end)
        return self._key

    async def _share(self, day: date, end: datetime) -> None:
        name, own = f"blog:reads:{day}", self._key
        try:
            offer = b"SET", name, own, b"NX", b"EXAT", int(end.timestamp())
            _, shared = await self._cache.pipeline([offer, (b"GET", name)])
        except CacheUnavailable:
            return
        if day == self._day and shared is not None:
            self._key, self._is_shared = shared, True


async def count(tx: AsyncConnection, article: UUID, day: date, mark: bytes) -> None:
    """Counts a read, once for each mark of a day."""
    noted = insert(read_marks).values(day=day, mark=mark).on_conflict_do_nothing()
    if (await tx.execute(noted.returning(read_marks.c.day))).first() is None:
        return
    counted = insert(article_reads).values(article=article, reads=1)
    more = {"reads": article_reads.c.reads + 1}
    await tx.execute(counted.on_conflict_do_update(index_elements=["article"], set_=more))


async def counts(tx: AsyncConnection, articles: Sequence[UUID]) -> dict[UUID, int]:
    """How often these articles were read; those that were not are left out."""
    query = sa.select(article_reads).where(article_reads.c.article.in_(articles))
    return {row.article: row.reads for row in await tx.execute(query)}


async def forget_before(tx: AsyncConnection, day: date) -> None:
    """Drops the marks of the days before."""
    await tx.execute(sa.delete(read_marks).where(read_marks.c.day < day))
