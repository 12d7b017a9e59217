"""How people stand to tags, groups and each other, in PostgreSQL: tables of one shape, which these functions take.

A row is (person, target, active, create_time, version); the target is a UUID, or a case folded tag.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.tables.relations import (
    blocks,
    dismissals,
    group_follows,
    group_mutes,
    person_mutes,
    tag_follows,
    tag_mutes,
    thread_mutes,
)

Row = sa.Row[Any]

TAG_FOLLOWS, GROUP_FOLLOWS, BLOCKS = tag_follows, group_follows, blocks
DISMISSALS = dismissals
PERSON_MUTES, TAG_MUTES, THREAD_MUTES, GROUP_MUTES = person_mutes, tag_mutes, thread_mutes, group_mutes


async def begin(tx: AsyncConnection, table: sa.Table, person: UUID, target: str | UUID, now: datetime) -> Row | None:
    """The new row (create_time, version), or None when it was so already."""
    fresh = {"active": True, "create_time": now}
    statement = insert(table).values(person=person, target=target, version=1, **fresh)
    statement = statement.on_conflict_do_update(
        index_elements=["person", "target"], set_=fresh | {"version": table.c.version + 1}, where=~table.c.active
    )
    return (await tx.execute(statement.returning(table.c.create_time, table.c.version))).first()


async def end(tx: AsyncConnection, table: sa.Table, person: UUID, target: str | UUID) -> int | None:
    """The row's new version, or None when it was not so."""
    statement = sa.update(table).where(_mine(table, person), table.c.target == target)
    statement = statement.values(active=False, version=table.c.version + 1)
    version: int | None = (await tx.execute(statement.returning(table.c.version))).scalar()
    return version


async def since(tx: AsyncConnection, table: sa.Table, person: UUID, target: str | UUID) -> datetime | None:
    """Since when it is so."""
    query = sa.select(table.c.create_time).where(_mine(table, person), table.c.target == target)
    return (await tx.execute(query)).scalar()


async def listed(
    tx: AsyncConnection,
    table: sa.Table,
    person: UUID,
    before: tuple[datetime, str | UUID] | None,
    limit: int,
    rule: sa.ColumnElement[bool] | None = None,
) -> list[Row]:
    """Rows (target, create_time) of one person, newest first; with a `rule`, those to which it applies."""
    query = sa.select(table.c.target, table.c.create_time).where(_mine(table, person))
    if rule is not None:
        query = query.where(rule)
    if before is not None:
        query = query.where(sa.tuple_(table.c.create_time, table.c.target) < before)
    return list(await tx.execute(query.order_by(table.c.create_time.desc(), table.c.target.desc()).limit(limit)))


def _mine(table: sa.Table, person: UUID) -> sa.ColumnElement[bool]:
    return (table.c.person == person) & table.c.active
