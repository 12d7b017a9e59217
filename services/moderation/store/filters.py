"""The filters in PostgreSQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.filters import Effect, Kind
from services.moderation.domain.filters import Rule
from services.moderation.tables.filters import filter_revisions, filters


async def advance(tx: AsyncConnection) -> int:
    """The revision after the change that the transaction is about to make; nobody else changes a filter meanwhile."""
    revision = filter_revisions.c.revision
    statement = insert(filter_revisions).values(one=True, revision=1)
    statement = statement.on_conflict_do_update(index_elements=["one"], set_={"revision": revision + 1})
    advanced: int = (await tx.execute(statement.returning(revision))).scalar_one()
    return advanced


async def current(tx: AsyncConnection) -> tuple[list[Rule], int]:
    """All filters, and which revision that is. In a snapshot the two belong together."""
    revision = (await tx.execute(sa.select(filter_revisions.c.revision))).scalar()
    return [_rule(row) for row in await tx.execute(sa.select(filters).order_by(filters.c.folded))], revision or 0


async def count(tx: AsyncConnection) -> int:
    """How many there are."""
    counted: int = (await tx.execute(sa.select(sa.func.count()).select_from(filters))).scalar_one()
    return counted


async def page(tx: AsyncConnection, after: tuple[str, UUID] | None, most: int) -> list[Rule]:
    """Filters in the order of the alphabet."""
    query = sa.select(filters).order_by(filters.c.folded, filters.c.id).limit(most)
    if after is not None:
        place = sa.tuple_(*(sa.literal(part) for part in after))
        query = query.where(sa.tuple_(filters.c.folded, filters.c.id) > place)
    return [_rule(row) for row in await tx.execute(query)]


async def by_id(tx: AsyncConnection, id_: UUID, *, lock: bool = False) -> Rule | None:
    """A filter, if there is one."""
    query = sa.select(filters).where(filters.c.id == id_)
    row = (await tx.execute(query.with_for_update() if lock else query)).first()
    return _rule(row) if row else None


async def same(tx: AsyncConnection, rule: Rule) -> Rule | None:
    """Another filter that looks for the same."""
    alike = sa.and_(filters.c.kind == rule.kind, filters.c.folded == rule.folded, filters.c.id != rule.id)
    row = (await tx.execute(sa.select(filters).where(alike))).first()
    return _rule(row) if row else None


async def save(tx: AsyncConnection, rule: Rule) -> None:
    """Stores a filter, new or changed."""
    values = {column.name: getattr(rule, column.name) for column in filters.c}
    statement = insert(filters).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def delete(tx: AsyncConnection, id_: UUID) -> None:
    """Forgets a filter."""
    await tx.execute(sa.delete(filters).where(filters.c.id == id_))


def _rule(row: sa.Row[Any]) -> Rule:
    values = row._asdict()
    return Rule(**values | {"kind": Kind(values["kind"]), "effect": Effect(values["effect"])})
