"""Series in PostgreSQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.blog.domain.series import Series
from services.blog.tables.series import series

Row = sa.Row[Any]


async def by_id(tx: AsyncConnection, blog: UUID, id_: UUID, *, lock: bool = False) -> Series | None:
    """A series of a blog that the caller may see."""
    query = sa.select(series).where(series.c.blog == blog, series.c.id == id_)
    row = (await tx.execute(query.with_for_update() if lock else query)).first()
    return _series(row) if row else None


async def of_blog(tx: AsyncConnection, blog: UUID, before: UUID | None, limit: int) -> list[Series]:
    """The series of a blog, newest first."""
    query = sa.select(series).where(series.c.blog == blog)
    if before is not None:
        query = query.where(series.c.id < before)
    return [_series(row) for row in await tx.execute(query.order_by(series.c.id.desc()).limit(limit))]


async def count(tx: AsyncConnection, blog: UUID) -> int:
    """How many series a blog has."""
    return int((await tx.execute(sa.select(sa.func.count()).where(series.c.blog == blog))).scalar_one())


async def add(tx: AsyncConnection, new: Series) -> None:
    """Stores a new series."""
    await tx.execute(sa.insert(series).values(_values(new)))


async def save(tx: AsyncConnection, changed: Series) -> None:
    """Stores a changed series, which the transaction has locked."""
    await tx.execute(sa.update(series).where(series.c.id == changed.id).values(_values(changed)))


async def delete(tx: AsyncConnection, id_: UUID) -> None:
    """Drops a series; its articles stand in none."""
    await tx.execute(sa.delete(series).where(series.c.id == id_))


def _values(domain: Series) -> dict[str, Any]:
    return {name: getattr(domain, name) for name in ("id", "blog", "title", "description", "create_time", "version")}


def _series(row: Row) -> Series:
    return Series(row.id, row.blog, row.title, row.description, row.create_time, row.version)
