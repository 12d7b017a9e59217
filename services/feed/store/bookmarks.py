"""Bookmarks in PostgreSQL: a part of a person's mark on a post."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.feed.store.marks import EMPTY, Row
from services.feed.store.posts import visible_post_clause
from services.feed.tables import marks

# The time of a bookmark, and the post.
Edge = tuple[datetime, UUID]


async def keep(tx: AsyncConnection, post: UUID, person: UUID, now: datetime, change: UUID) -> Row | None:
    """The mark's new row, or None when the person had a bookmark there already, whose time stays."""
    fresh = {"bookmark_time": now, "bookmark_change": change}
    statement = insert(marks).values(post=post, person=person, **EMPTY | fresh)
    statement = statement.on_conflict_do_update(
        index_elements=["post", "person"],
        set_=fresh | {"version": marks.c.version + 1},
        where=marks.c.bookmark_time.is_(None),
    )
    row: Row | None = (await tx.execute(statement.returning(marks))).first()
    return row


async def remove(tx: AsyncConnection, post: UUID, person: UUID, now: datetime, change: UUID) -> Row | None:
    """The mark's new row, or None when the person had no bookmark there."""
    mine = (marks.c.post == post) & (marks.c.person == person) & marks.c.bookmark_time.is_not(None)
    gone = {"bookmark_time": None, "bookmark_change": change, "version": marks.c.version + 1}
    row: Row | None = (await tx.execute(sa.update(marks).where(mine).values(gone).returning(marks))).first()
    return row


async def changed(tx: AsyncConnection, changes: Collection[UUID]) -> list[Row]:
    """The marks whose bookmarks were changed last under these ids, for the cache."""
    if not changes:
        return []
    return list(await tx.execute(sa.select(marks).where(marks.c.bookmark_change.in_(changes))))


async def visible_page(tx: AsyncConnection, sight: Sight, limit: int, edge: Edge | None, *, newer: bool) -> list[Row]:
    """Rows (post, bookmark_time) of the viewer's bookmarks on posts that stand and may be seen, newest first.

    These are the next ones below `edge`, or above it if `newer`.
    """
    query = sa.select(marks.c.post, marks.c.bookmark_time)
    query = query.where(marks.c.person == sight.viewer, marks.c.bookmark_time.is_not(None))
    query = query.where(visible_post_clause(sight, marks.c.post))
    if edge is not None:
        place = sa.tuple_(marks.c.bookmark_time, marks.c.post)
        query = query.where(place > edge if newer else place < edge)
    order = (marks.c.bookmark_time, marks.c.post)
    found: list[Row] = list(await tx.execute(query.order_by(*(order if newer else map(sa.desc, order))).limit(limit)))
    return found[::-1] if newer else found
