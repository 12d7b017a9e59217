"""Who blocks whom, in PostgreSQL: the table of feed, and the replica of access that decides."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import drop_block, keep_block
from services.feed.store import relations
from services.feed.tables.relations import blocks

_LOCK_PAIR = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:pair, 0))")


async def lock_pair(tx: AsyncConnection, person: UUID, other: UUID) -> None:
    """Lets nobody else change how these two stand to each other until the transaction ends."""
    one, two = sorted((person, other))
    await tx.execute(_LOCK_PAIR, {"pair": f"{one} {two}"})


async def begin(tx: AsyncConnection, person: UUID, other: UUID, now: datetime) -> datetime | None:
    """Since when the one blocks the other, or None when it was so already."""
    begun = await relations.begin(tx, blocks, person, other, now)
    if begun is None:
        return None
    await keep_block(tx, person, other)
    since: datetime = begun.create_time
    return since


async def end(tx: AsyncConnection, person: UUID, other: UUID) -> bool:
    """Ends a block; False when there was none."""
    if await relations.end(tx, blocks, person, other) is None:
        return False
    await drop_block(tx, person, other)
    return True


async def since(tx: AsyncConnection, person: UUID, other: UUID) -> datetime | None:
    """Since when the one blocks the other."""
    return await relations.since(tx, blocks, person, other)


async def between(tx: AsyncConnection, person: UUID, other: UUID) -> tuple[bool, int]:
    """Whether one of two people blocks the other, and a version of this that rises whenever it may have changed."""
    query = sa.select(sa.func.bool_or(blocks.c.active), sa.func.sum(blocks.c.version))
    pairs = sa.tuple_(blocks.c.person, blocks.c.target).in_([(person, other), (other, person)])
    apart, version = (await tx.execute(query.where(pairs))).one()
    return bool(apart), int(version or 0)
