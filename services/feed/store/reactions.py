"""Reactions in PostgreSQL. A reaction that was taken away stays as 0, so that its version goes on rising."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.feed.tables import reactions

Row = sa.Row[Any]


async def of_person(tx: AsyncConnection, person: UUID, posts: Sequence[UUID]) -> dict[UUID, int]:
    """One person's reactions to posts; posts without one are left out."""
    query = sa.select(reactions.c.post, reactions.c.reaction).where(
        reactions.c.person == person, reactions.c.post.in_(posts), reactions.c.reaction > 0
    )
    return {row.post: row.reaction for row in await tx.execute(query)}


async def versions(tx: AsyncConnection, pairs: Sequence[tuple[UUID, UUID]]) -> list[Row]:
    """Rows (post, person, reaction, version) of (post, person) pairs, for the cache."""
    key = sa.tuple_(reactions.c.post, reactions.c.person)
    query = sa.select(reactions.c.post, reactions.c.person, reactions.c.reaction, reactions.c.version)
    return list(await tx.execute(query.where(key.in_(pairs))))


async def newest_of_person(tx: AsyncConnection, person: UUID, posts: Sequence[UUID]) -> list[Row]:
    """Rows (post, reaction, version) of one person's reactions to posts, for the cache."""
    query = sa.select(reactions.c.post, reactions.c.reaction, reactions.c.version)
    return list(await tx.execute(query.where(reactions.c.person == person, reactions.c.post.in_(posts))))


async def put(tx: AsyncConnection, post: UUID, person: UUID, reaction: int, now: datetime, version: int) -> None:
    """Stores one person's reaction; 0 takes it away."""
    values = {"reaction": reaction, "create_time": now, "version": version}
    statement = insert(reactions).values(post=post, person=person, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["post", "person"], set_=values))


async def add_many(tx: AsyncConnection, added: Sequence[tuple[UUID, UUID, int, int]], now: datetime) -> None:
    """Stores new reactions, (post, person, reaction, version) each."""
    if added:
        columns = ("post", "person", "reaction", "version")
        await tx.execute(
            sa.insert(reactions), [dict(zip(columns, row, strict=True)) | {"create_time": now} for row in added]
        )


async def visible_to(
    tx: AsyncConnection, sight: Sight, post: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Rows (person, reaction, create_time) of those whom the viewer may meet, newest first."""
    query = sa.select(reactions.c.person, reactions.c.reaction, reactions.c.create_time).where(
        reactions.c.post == post, reactions.c.reaction > 0, meetable_clause(sight, reactions.c.person)
    )
    if before is not None:
        query = query.where(sa.tuple_(reactions.c.create_time, reactions.c.person) < before)
    return list(
        await tx.execute(query.order_by(reactions.c.create_time.desc(), reactions.c.person.desc()).limit(limit))
    )
