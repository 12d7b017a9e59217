"""Reactions to comments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.blog.store.comments import among
from services.blog.tables.comments import comment_reactions

Row = sa.Row[Any]
columns = comment_reactions.c


async def of_person(tx: AsyncConnection, person: UUID, comments: Sequence[UUID]) -> dict[UUID, int]:
    """Comment → the person's reaction; comments without one are left out."""
    if not comments:
        return {}
    query = sa.select(columns.comment, columns.reaction)
    rows = await tx.execute(query.where(columns.person == person, among(columns.comment, comments)))
    return {row.comment: row.reaction for row in rows}


async def put(tx: AsyncConnection, comment: UUID, person: UUID, reaction: int, now: datetime) -> None:
    """Stores a reaction in the place of one before, which keeps its time; 0 takes it back."""
    if not reaction:
        await tx.execute(sa.delete(comment_reactions).where(columns.comment == comment, columns.person == person))
        return
    statement = insert(comment_reactions).values(comment=comment, person=person, reaction=reaction, react_time=now)
    statement = statement.on_conflict_do_update(index_elements=["comment", "person"], set_={"reaction": reaction})
    await tx.execute(statement)


async def visible_reactions(
    tx: AsyncConnection, sight: Sight, comment: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Rows (person, reaction, react_time) of those whom the viewer may meet, newest first."""
    query = sa.select(columns.person, columns.reaction, columns.react_time)
    query = query.where(columns.comment == comment, meetable_clause(sight, columns.person))
    if before is not None:
        query = query.where(sa.tuple_(columns.react_time, columns.person) < before)
    return list(await tx.execute(query.order_by(columns.react_time.desc(), columns.person.desc()).limit(limit)))


async def own_reactions(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[Row]:
    """Rows of what a person reacted to, in the order of the comments."""
    query = sa.select(comment_reactions).where(columns.person == person)
    if after is not None:
        query = query.where(columns.comment > after)
    return list(await tx.execute(query.order_by(columns.comment).limit(limit)))


async def forget(tx: AsyncConnection, comment: UUID) -> None:
    """Drops all reactions to a comment."""
    await tx.execute(sa.delete(comment_reactions).where(columns.comment == comment))
