"""Which objects are stored, in PostgreSQL. They are noted before they are stored and forgotten after they are removed:
so a crash leaves nothing that no row knows of. Triggers let go of what no row of a file or a page names any more.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.tables.contents import objects


async def note(tx: AsyncConnection, ids: Sequence[UUID], remove_time: datetime) -> None:
    """Notes what is about to be stored; it is removed then, unless it is kept before."""
    await tx.execute(sa.insert(objects), [{"id": id_, "remove_time": remove_time} for id_ in ids])


async def keep(tx: AsyncConnection, ids: Sequence[UUID]) -> bool:
    """Keeps objects that are stored; False when the time for one of them had passed."""
    kept = sa.update(objects).where(objects.c.id.in_(ids)).values(remove_time=None)
    return (await tx.execute(kept)).rowcount == len(ids)


async def drop(tx: AsyncConnection, ids: Sequence[UUID], now: datetime) -> None:
    """Lets objects be removed."""
    await tx.execute(sa.update(objects).where(objects.c.id.in_(ids)).values(remove_time=now))


async def due(tx: AsyncConnection, now: datetime, limit: int) -> list[UUID]:
    """Objects that are to be removed, locked."""
    query = sa.select(objects.c.id).where(objects.c.remove_time <= now).order_by(objects.c.remove_time).limit(limit)
    return list((await tx.execute(query.with_for_update(skip_locked=True))).scalars())


async def forget(tx: AsyncConnection, ids: Sequence[UUID]) -> None:
    """Notes that objects were removed."""
    await tx.execute(sa.delete(objects).where(objects.c.id.in_(ids)))
