"""What people did with posts, in PostgreSQL: reactions, bookmarks, plain reshares, votes. One row a person and post."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.feed.domain.marks import Mark
from services.feed.tables import marks

Row = sa.Row[Any]


async def of_person(tx: AsyncConnection, person: UUID, posts: Sequence[UUID]) -> dict[UUID, Mark]:
    """One person's marks on posts; posts without one are left out."""
    if not posts:
        return {}
    rows = await tx.execute(sa.select(marks).where(marks.c.person == person, marks.c.post.in_(posts)))
    return {row.post: marked(row) for row in rows}


async def newest_of_person(tx: AsyncConnection, person: UUID, limit: int) -> list[Row]:
    """Rows of one person's marks on the newest posts that have one, for the cache."""
    query = sa.select(marks).where(marks.c.person == person).order_by(marks.c.post.desc()).limit(limit)
    return list(await tx.execute(query))


async def versions(tx: AsyncConnection, pairs: Sequence[tuple[UUID, UUID]]) -> list[Row]:
    """Rows of (post, person) pairs, for the cache."""
    return list(await tx.execute(sa.select(marks).where(sa.tuple_(marks.c.post, marks.c.person).in_(pairs))))


async def voters(tx: AsyncConnection, posts: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """For each of these posts who voted in its poll; without what for."""
    if not posts:
        return {}
    query = sa.select(marks.c.post, sa.func.array_agg(marks.c.person).label("people"))
    query = query.where(marks.c.post.in_(posts), marks.c.votes > 0).group_by(marks.c.post)
    return {row.post: row.people for row in await tx.execute(query)}


async def put(tx: AsyncConnection, post: UUID, person: UUID, **changed: Any) -> Row:
    """Stores a part of one person's mark (such as `reaction` and `react_time`) and answers the row."""
    statement = insert(marks).values(post=post, person=person, **EMPTY | changed)
    statement = statement.on_conflict_do_update(
        index_elements=["post", "person"], set_=changed | {"version": marks.c.version + 1}
    )
    row: Row = (await tx.execute(statement.returning(marks))).one()
    return row


async def add_reactions(tx: AsyncConnection, added: Sequence[tuple[UUID, UUID, int]], now: datetime) -> None:
    """Stores new reactions of people who have no mark on the post, (post, person, reaction) each."""
    if added:
        rows = [{"post": post, "person": person, "reaction": sort} for post, person, sort in added]
        await tx.execute(sa.insert(marks), [EMPTY | row | {"react_time": now} for row in rows])


async def reshare_many(tx: AsyncConnection, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Stores that people reshared posts without a comment, (post, person) each."""
    if pairs:
        statement = insert(marks)
        changed = {"reshared": True, "version": marks.c.version + 1}
        statement = statement.on_conflict_do_update(index_elements=["post", "person"], set_=changed)
        rows = [EMPTY | {"post": post, "person": person, "reshared": True} for post, person in pairs]
        await tx.execute(statement, rows)


async def visible_reactions(
    tx: AsyncConnection, sight: Sight, post: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Rows (person, reaction, react_time) of those whom the viewer may meet, newest first."""
    query = sa.select(marks.c.person, marks.c.reaction, marks.c.react_time)
    query = query.where(marks.c.post == post, marks.c.reaction > 0, meetable_clause(sight, marks.c.person))
    if before is not None:
        query = query.where(sa.tuple_(marks.c.react_time, marks.c.person) < before)
    return list(await tx.execute(query.order_by(marks.c.react_time.desc(), marks.c.person.desc()).limit(limit)))


def marked(row: Row) -> Mark:
    """A row as a mark."""
    return Mark(row.reaction, row.bookmark_time is not None, row.reshared, row.votes)


# A new mark that says nothing.
EMPTY = {"reaction": 0, "reshared": False, "votes": 0, "version": 1}
