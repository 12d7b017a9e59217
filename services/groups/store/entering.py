"""Requests, invitations and bans in PostgreSQL: who wants to come in, shall, or may not."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause, unblocked_clause
from services.groups.domain.entering import Ban, Invitation, Kept, Request
from services.groups.store.visible import seen_groups
from services.groups.tables import groups
from services.groups.tables.members import bans, invitations, requests

Row = sa.Row[Any]
Position = tuple[datetime, UUID]
_TABLES: dict[type, sa.Table] = {Request: requests, Invitation: invitations, Ban: bans}


async def ask(tx: AsyncConnection, request: Request) -> None:
    values = {"note": request.note, "create_time": request.create_time}
    await tx.execute(sa.insert(requests).values(group_id=request.group, person=request.person, **values))


async def change_note(tx: AsyncConnection, request: Request) -> None:
    """Keeps what somebody says about a request that waits."""
    mine = sa.and_(requests.c.group_id == request.group, requests.c.person == request.person)
    await tx.execute(sa.update(requests).where(mine).values(note=request.note))


async def invite(tx: AsyncConnection, invitation: Invitation) -> None:
    values = {"inviter": invitation.inviter, "create_time": invitation.create_time}
    await tx.execute(sa.insert(invitations).values(group_id=invitation.group, person=invitation.person, **values))


async def ban(tx: AsyncConnection, banned: Ban) -> None:
    values = {"banned_by": banned.banned_by, "create_time": banned.create_time}
    await tx.execute(sa.insert(bans).values(group_id=banned.group, person=banned.person, **values))


async def one(tx: AsyncConnection, kind: type[Kept], group: UUID, person: UUID) -> Kept | None:
    """Somebody's request, invitation or ban."""
    table = _TABLES[kind]
    query = sa.select(table).where(table.c.group_id == group, table.c.person == person)
    found = (await tx.execute(query)).first()
    return kind(*found) if found else None


async def end(tx: AsyncConnection, kind: type[Kept], group: UUID, person: UUID) -> bool:
    """Ends somebody's request, invitation or ban; False when there is none."""
    table = _TABLES[kind]
    gone = await tx.execute(sa.delete(table).where(table.c.group_id == group, table.c.person == person))
    return gone.rowcount > 0


async def visible(
    tx: AsyncConnection, sight: Sight, kind: type[Kept], group: UUID, after: Position | None, limit: int
) -> list[Kept]:
    """Those of a group that concern people whom the viewer may meet: requests oldest first, the others newest first."""
    table = _TABLES[kind]
    place = sa.tuple_(table.c.create_time, table.c.person)
    query = sa.select(table).where(table.c.group_id == group, meetable_clause(sight, table.c.person))
    if kind is Request:
        query = query.where(place > after) if after else query
        query = query.order_by(table.c.create_time, table.c.person)
    else:
        query = query.where(place < after) if after else query
        query = query.order_by(table.c.create_time.desc(), table.c.person.desc())
    return [kind(*row) for row in await tx.execute(query.limit(limit))]


async def visible_own_invitations(
    tx: AsyncConnection, sight: Sight, before: Position | None, limit: int
) -> list[Invitation]:
    """The viewer's invitations into groups of which the viewer may know, by whom the viewer may meet, newest first."""
    known = seen_groups(sight).with_only_columns(groups.c.id)
    query = sa.select(invitations).where(invitations.c.person == sight.viewer, invitations.c.group_id.in_(known))
    query = query.where(unblocked_clause(sight, invitations.c.inviter))
    if before is not None:
        query = query.where(sa.tuple_(invitations.c.create_time, invitations.c.group_id) < before)
    query = query.order_by(invitations.c.create_time.desc(), invitations.c.group_id.desc()).limit(limit)
    return [Invitation(*row) for row in await tx.execute(query)]


async def open_invitations(tx: AsyncConnection, group: UUID, inviter: UUID) -> int:
    """How many whom somebody invited into a group did not answer yet."""
    mine = sa.and_(invitations.c.group_id == group, invitations.c.inviter == inviter)
    return (await tx.execute(sa.select(sa.func.count()).select_from(invitations).where(mine))).scalar_one()


async def end_invitations_by(tx: AsyncConnection, group: UUID, inviter: UUID) -> list[UUID]:
    """Takes back the invitations that somebody sent; whom they were for."""
    mine = sa.and_(invitations.c.group_id == group, invitations.c.inviter == inviter)
    return list((await tx.execute(sa.delete(invitations).where(mine).returning(invitations.c.person))).scalars())


async def open_requests(tx: AsyncConnection, group: UUID) -> int:
    """How many wait for an answer."""
    theirs = requests.c.group_id == group
    return (await tx.execute(sa.select(sa.func.count()).select_from(requests).where(theirs))).scalar_one()


async def end_requests(tx: AsyncConnection, group: UUID) -> list[UUID]:
    """Ends all of a group's requests; whose they were."""
    statement = sa.delete(requests).where(requests.c.group_id == group)
    return list((await tx.execute(statement.returning(requests.c.person))).scalars())
