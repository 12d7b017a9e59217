"""Until when people are mute and kept out."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.sanctions import Sanction
from services.moderation.tables import sanctions


async def locked(tx: AsyncConnection, people: Collection[UUID]) -> list[Sanction]:
    """What people are under, in the order of their ids; nobody else changes it meanwhile."""
    ordered = sorted(people)
    statement = insert(sanctions).values([{"person": person, "version": 0} for person in ordered])
    await tx.execute(statement.on_conflict_do_nothing())
    query = sa.select(sanctions).where(sanctions.c.person == sa.any_(sa.literal(ordered, ARRAY(sa.Uuid))))
    found = await tx.execute(query.order_by(sanctions.c.person).with_for_update())
    return [_sanction(row) for row in found]


async def is_held(tx: AsyncConnection, person: UUID) -> bool:
    """Whether identity was told to keep somebody out."""
    query = sa.select(sanctions.c.told_until.is_not(None)).where(sanctions.c.person == person)
    return bool((await tx.execute(query)).scalar())


async def next_due(tx: AsyncConnection, now: datetime) -> Sanction | None:
    """Somebody of whom identity has to be told, locked; those with whom others are busy are left to them."""
    query = sa.select(sanctions).where(sanctions.c.due_time <= now).order_by(sanctions.c.due_time).limit(1)
    row = (await tx.execute(query.with_for_update(skip_locked=True))).first()
    return _sanction(row) if row else None


async def save(tx: AsyncConnection, changed: Sequence[Sanction]) -> None:
    """Stores what the transaction has locked."""
    columns = [column.name for column in sanctions.c]
    values = [{name: getattr(sanction, name) for name in columns} | {"which": sanction.person} for sanction in changed]
    if values:
        await tx.execute(sa.update(sanctions).where(sanctions.c.person == sa.bindparam("which")), values)


def _sanction(row: sa.Row[Any]) -> Sanction:
    return Sanction(**row._asdict())
