"""Which people are erased, how far that is, and the places in which they stand, in PostgreSQL."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.domain.erasures import Erasure, Mode
from services.groups.store import erasing_contents
from services.groups.tables import groups
from services.groups.tables.erasures import erasures
from services.groups.tables.members import bans, invitations, invite_links
from services.groups.tables.people import barrier_checks, departures, people_facts

# Deletes or changes some of what there is of an erasure's person, and answers how much; nothing ends the step.
Step = Callable[[AsyncConnection, Erasure], Awaitable[int]]

_FIELDS = [erasures.c[field.name] for field in fields(Erasure)]
_FORGET_ANSWERS = sa.text("DELETE FROM once.requests WHERE caller = :caller")


def _access(name: str) -> sa.FromClause:
    return sa.table(name, sa.column("person", sa.Uuid), schema="access")


def _gone(table: Any, column: str) -> Step:
    async def step(tx: AsyncConnection, erasure: Erasure) -> int:
        return (await tx.execute(sa.delete(table).where(table.c[column] == erasure.person))).rowcount

    return step


def _unnamed(table: sa.Table, column: str) -> Step:
    async def step(tx: AsyncConnection, erasure: Erasure) -> int:
        mine = sa.update(table).where(table.c[column] == erasure.person)
        return (await tx.execute(mine.values({column: None}))).rowcount

    return step


async def _forget_answers(tx: AsyncConnection, erasure: Erasure) -> int:
    return (await tx.execute(_FORGET_ANSWERS, {"caller": f"people/{erasure.person}"})).rowcount


# What is left of somebody who is in no group any more, and wants to be in none.
STEPS: list[tuple[str, Step]] = [
    ("foundings", _unnamed(groups, "founder")),
    ("bans", _gone(bans, "person")),
    ("bans", _unnamed(bans, "banned_by")),
    ("invitations", _gone(invitations, "inviter")),
    ("links", _gone(invite_links, "creator")),
    *erasing_contents.STEPS,
    ("facts", _gone(people_facts, "person")),
    ("facts", _gone(departures, "person")),
    ("facts", _gone(barrier_checks, "person")),
    ("facts", _gone(_access("people"), "person")),
    ("facts", _gone(_access("mutes"), "person")),
    ("answers", _forget_answers),
]


async def begin(tx: AsyncConnection, asked: Erasure) -> Erasure:
    """The erasing of a person, locked: the one that was asked for, or one that was before."""
    await tx.execute(insert(erasures).values(_values(asked)).on_conflict_do_nothing())
    query = sa.select(*_FIELDS).where(erasures.c.person == asked.person).with_for_update()
    return _erasure((await tx.execute(query)).one())


async def by_id(tx: AsyncConnection, id_: UUID) -> Erasure | None:
    found = (await tx.execute(sa.select(*_FIELDS).where(erasures.c.id == id_))).first()
    return _erasure(found) if found else None


async def next_due(tx: AsyncConnection) -> Erasure | None:
    """One that is not finished, locked; what another process works at is left to it."""
    query = sa.select(*_FIELDS).where(erasures.c.finish_time.is_(None)).order_by(erasures.c.create_time)
    found = (await tx.execute(query.limit(1).with_for_update(skip_locked=True))).first()
    return _erasure(found) if found else None


async def save(tx: AsyncConnection, erasure: Erasure) -> None:
    await tx.execute(sa.update(erasures).where(erasures.c.id == erasure.id).values(_values(erasure)))


def _values(erasure: Erasure) -> dict[str, Any]:
    return {field.name: getattr(erasure, field.name) for field in fields(erasure)}


def _erasure(row: "sa.Row[Any]") -> Erasure:
    return Erasure(**(row._asdict() | {"mode": Mode(row.mode)}))
