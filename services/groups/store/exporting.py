"""What groups keeps of a person, for the person, in PostgreSQL: some at a time, by the ids of the groups."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.domain.entering import Invitation
from services.groups.tables import groups
from services.groups.tables.members import bans, invitations, members, requests

Row = sa.Row[Any]

MEMBERSHIPS, REQUESTS, BANS, INVITATIONS = members, requests, bans, invitations


async def group_ids(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """The groups that somebody is in, founded, asked or is invited to."""
    tables = (members, requests, invitations)
    some = [sa.select(table.c.group_id.label("id")).where(table.c.person == person) for table in tables]
    all_of_them = sa.union(*some, sa.select(groups.c.id).where(groups.c.founder == person)).subquery()
    query = sa.select(all_of_them.c.id).order_by(all_of_them.c.id).limit(limit)
    return list((await tx.execute(query.where(all_of_them.c.id > after) if after else query)).scalars())


async def own(tx: AsyncConnection, table: sa.Table, person: UUID, after: UUID | None, limit: int) -> list[Row]:
    """Somebody's rows of a table with a `group_id` and a `person`."""
    query = sa.select(table).where(table.c.person == person).order_by(table.c.group_id).limit(limit)
    return list(await tx.execute(query.where(table.c.group_id > after) if after else query))


async def sent(tx: AsyncConnection, person: UUID, after: tuple[UUID, UUID] | None, limit: int) -> list[Invitation]:
    """The invitations that somebody sent."""
    place = sa.tuple_(invitations.c.group_id, invitations.c.person)
    query = sa.select(invitations).where(invitations.c.inviter == person).order_by(place).limit(limit)
    return [Invitation(*row) for row in await tx.execute(query.where(place > after) if after else query)]
