"""The addresses at which programs read articles. Their secrets are not in the database: they follow from its ids."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.blog.domain.subscriptions import Address, Sort, Target
from services.blog.tables.subscriptions import atom_addresses

Row = sa.Row[Any]
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 2))")


async def add(tx: AsyncConnection, address: Address) -> None:
    """Stores a new address."""
    values = {"id": address.id, "person": address.person, "target": address.target.name}
    await tx.execute(sa.insert(atom_addresses).values(values | {"create_time": address.create_time}))


async def locked_count(tx: AsyncConnection, person: UUID) -> int:
    """How many addresses somebody has, locked against another one at the same time."""
    await tx.execute(_LOCK, {"person": str(person)})
    query = sa.select(sa.func.count()).where(atom_addresses.c.person == person)
    return int((await tx.execute(query)).scalar_one())


async def addresses_of(tx: AsyncConnection, person: UUID, before: UUID | None, limit: int) -> list[Address]:
    """Somebody's own addresses, newest first."""
    query = sa.select(atom_addresses).where(atom_addresses.c.person == person)
    if before is not None:
        query = query.where(atom_addresses.c.id < before)
    return [from_row(row) for row in await tx.execute(query.order_by(atom_addresses.c.id.desc()).limit(limit))]


async def address(tx: AsyncConnection, id_: UUID) -> Address | None:
    """An address, whoever's it is, or None for one that was revoked."""
    row = (await tx.execute(sa.select(atom_addresses).where(atom_addresses.c.id == id_))).first()
    return from_row(row) if row else None


async def note_change(tx: AsyncConnection, id_: UUID, etag: str, now: datetime) -> datetime | None:
    """Keeps that a document is another one than before, from now on; since when it is, whoever noted it first."""
    changed = sa.case((atom_addresses.c.etag == etag, atom_addresses.c.change_time), else_=now)
    statement = sa.update(atom_addresses).where(atom_addresses.c.id == id_).values(etag=etag, change_time=changed)
    noted: datetime | None = (await tx.execute(statement.returning(atom_addresses.c.change_time))).scalar()
    return noted


async def revoke(tx: AsyncConnection, person: UUID, id_: UUID) -> bool:
    """Forgets an address; False when somebody has no such one."""
    where = atom_addresses.c.id == id_, atom_addresses.c.person == person
    return bool((await tx.execute(sa.delete(atom_addresses).where(*where))).rowcount)


def from_row(row: Row) -> Address:
    """A row as an address."""
    sort, _, value = row.target.partition("/")
    return Address(row.id, row.person, Target(Sort(sort), value), row.create_time, row.etag, row.change_time)
