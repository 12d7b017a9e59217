"""Where people's calendars are, in PostgreSQL."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.tables.contents import calendar_links


async def put(tx: AsyncConnection, person: UUID, digest: bytes, now: datetime) -> None:
    """Keeps the hash of somebody's secret, in the place of the one before."""
    values = {"digest": digest, "create_time": now}
    statement = insert(calendar_links).values(person=person, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["person"], set_=values))


async def create_time(tx: AsyncConnection, person: UUID) -> datetime | None:
    """When somebody's address was made, if there is one."""
    query = sa.select(calendar_links.c.create_time).where(calendar_links.c.person == person)
    found: datetime | None = (await tx.execute(query)).scalar()
    return found


async def owner(tx: AsyncConnection, digest: bytes) -> UUID | None:
    """Whose secret it is that has this hash."""
    found: UUID | None = (
        await tx.execute(sa.select(calendar_links.c.person).where(calendar_links.c.digest == digest))
    ).scalar()
    return found


async def drop(tx: AsyncConnection, person: UUID) -> None:
    """Lets somebody's address lead nowhere."""
    await tx.execute(sa.delete(calendar_links).where(calendar_links.c.person == person))
