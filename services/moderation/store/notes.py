"""What moderators note, and whom they ask to be told of."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.cases import Note
from services.moderation.domain.unmaskings import Unmasking, UnmaskingState
from services.moderation.tables import notes, unmaskings


async def add(tx: AsyncConnection, note: Note) -> None:
    """Stores a note."""
    await tx.execute(sa.insert(notes).values({column.name: getattr(note, column.name) for column in notes.c}))


async def page(tx: AsyncConnection, case_id: UUID, after: UUID | None, limit: int) -> list[Note]:
    """A page of the notes on a case, oldest first."""
    query = sa.select(notes).where(notes.c.case_id == case_id).order_by(notes.c.id).limit(limit)
    if after is not None:
        query = query.where(notes.c.id > after)
    return [Note(**row._asdict()) for row in await tx.execute(query)]


async def newest(tx: AsyncConnection, case_id: UUID, limit: int) -> Sequence[Note]:
    """The newest notes on a case, oldest first."""
    query = sa.select(notes).where(notes.c.case_id == case_id).order_by(notes.c.id.desc()).limit(limit)
    return [Note(**row._asdict()) for row in await tx.execute(query)][::-1]


async def add_unmasking(tx: AsyncConnection, unmasking: Unmasking) -> None:
    """Stores what a moderator asks."""
    await tx.execute(sa.insert(unmaskings).values(_values(unmasking)))


async def unmasking(tx: AsyncConnection, case_id: UUID, unmasking_id: UUID, *, lock: bool = False) -> Unmasking | None:
    """One that was asked in a case."""
    query = sa.select(unmaskings).where(unmaskings.c.id == unmasking_id, unmaskings.c.case_id == case_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).first()
    return _unmasking(row) if row else None


async def unmaskings_of(tx: AsyncConnection, case_id: UUID, after: UUID | None, limit: int) -> list[Unmasking]:
    """A page of what was asked in a case, oldest first."""
    query = sa.select(unmaskings).where(unmaskings.c.case_id == case_id).order_by(unmaskings.c.id).limit(limit)
    if after is not None:
        query = query.where(unmaskings.c.id > after)
    return [_unmasking(row) for row in await tx.execute(query)]


async def save_unmasking(tx: AsyncConnection, changed: Unmasking) -> None:
    """Stores one, which the transaction has locked."""
    await tx.execute(sa.update(unmaskings).where(unmaskings.c.id == changed.id).values(_values(changed)))


def _unmasking(row: sa.Row[Any]) -> Unmasking:
    return Unmasking(**row._asdict() | {"state": UnmaskingState(row.state)})


def _values(unmasking: Unmasking) -> dict[str, Any]:
    return {column.name: getattr(unmasking, column.name) for column in unmaskings.c}
