"""Which people are erased, and how far that is, in PostgreSQL."""

from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.blog.domain.erasures import Erasure, Mode
from services.blog.tables.erasures import erasures

_FIELDS = [erasures.c[field.name] for field in fields(Erasure)]
# A stand-in is kept apart from whom the person was, and known to nobody as active.
_INTRODUCE = sa.text("""
    WITH clock AS (UPDATE access.clocks SET ticks = ticks + 1 WHERE name = 'people' RETURNING ticks)
    INSERT INTO access.people (person, kind, segments, active, epoch, changed)
    SELECT :stand_in, kind, segments, false, 0, (SELECT ticks FROM clock) FROM access.people WHERE person = :person
    ON CONFLICT DO NOTHING""")


async def add(tx: AsyncConnection, erasure: Erasure) -> None:
    """Stores one; of two for the same person the first stays."""
    await tx.execute(insert(erasures).values(_values(erasure)).on_conflict_do_nothing())


async def of_person(tx: AsyncConnection, person: UUID) -> Erasure | None:
    """A person's, locked."""
    query = sa.select(*_FIELDS).where(erasures.c.person == person).with_for_update()
    return _one((await tx.execute(query)).first())


async def by_id(tx: AsyncConnection, id_: UUID) -> Erasure | None:
    """One by its id."""
    return _one((await tx.execute(sa.select(*_FIELDS).where(erasures.c.id == id_))).first())


async def next_unfinished(tx: AsyncConnection) -> Erasure | None:
    """One that is to be gone on with, locked; what another process works at is left to it."""
    query = sa.select(*_FIELDS).where(erasures.c.finish_time.is_(None)).order_by(erasures.c.create_time)
    return _one((await tx.execute(query.limit(1).with_for_update(skip_locked=True))).first())


async def save(tx: AsyncConnection, erasure: Erasure) -> None:
    """Stores how far one is."""
    await tx.execute(sa.update(erasures).where(erasures.c.id == erasure.id).values(_values(erasure)))


async def introduce_stand_in(tx: AsyncConnection, erasure: Erasure) -> None:
    """Lets the stand-in be kept from the same people as the person: barriers do not end with an erasure."""
    await tx.execute(_INTRODUCE, {"stand_in": erasure.stand_in, "person": erasure.person})


def _values(erasure: Erasure) -> dict[str, Any]:
    return {field.name: getattr(erasure, field.name) for field in fields(erasure)}


def _one(row: "sa.Row[Any] | None") -> Erasure | None:
    return Erasure(**(row._asdict() | {"mode": Mode(row.mode)})) if row else None
