"""Links with which people come in, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.domain.entering import InviteLink
from services.groups.tables.members import invite_links

_COLUMNS = [invite_links.c[name] for name in ("id", "group_id", "creator", "create_time", "expire_time", "most_uses")]
_LINKS: "sa.Select[Any]" = sa.select(*_COLUMNS, invite_links.c.use_count)


async def add(tx: AsyncConnection, link: InviteLink) -> None:
    values = {"create_time": link.create_time, "expire_time": link.expire_time, "most_uses": link.most_uses}
    values |= {"group_id": link.group, "creator": link.creator, "use_count": link.use_count}
    await tx.execute(sa.insert(invite_links).values(id=link.id, **values))


async def link(tx: AsyncConnection, id_: UUID) -> InviteLink | None:
    found = (await tx.execute(_LINKS.where(invite_links.c.id == id_))).first()
    return InviteLink(*found) if found else None


async def use(tx: AsyncConnection, id_: UUID) -> bool:
    """Counts that somebody comes in with a link; False when it has no use left."""
    statement = sa.update(invite_links).values(use_count=invite_links.c.use_count + 1)
    statement = statement.where(invite_links.c.id == id_, invite_links.c.use_count < invite_links.c.most_uses)
    return (await tx.execute(statement)).rowcount == 1


async def listed(tx: AsyncConnection, group: UUID, before: UUID | None, limit: int) -> list[InviteLink]:
    """A group's links, newest first, after the one of that id."""
    query = _LINKS.where(invite_links.c.group_id == group)
    if before is not None:
        query = query.where(invite_links.c.id < before)
    return [InviteLink(*row) for row in await tx.execute(query.order_by(invite_links.c.id.desc()).limit(limit))]


async def made_by(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[InviteLink]:
    """The links that somebody made, in all groups, oldest first."""
    query = _LINKS.where(invite_links.c.creator == person).order_by(invite_links.c.id).limit(limit)
    rows = await tx.execute(query.where(invite_links.c.id > after) if after else query)
    return [InviteLink(*row) for row in rows]


async def count(tx: AsyncConnection, group: UUID) -> int:
    """How many links a group has."""
    mine = invite_links.c.group_id == group
    return (await tx.execute(sa.select(sa.func.count()).select_from(invite_links).where(mine))).scalar_one()


async def revoke(tx: AsyncConnection, group: UUID, id_: UUID) -> None:
    await tx.execute(sa.delete(invite_links).where(invite_links.c.group_id == group, invite_links.c.id == id_))


async def revoke_by(tx: AsyncConnection, group: UUID, creators: Sequence[UUID]) -> None:
    """Lets no link of these people's work any more."""
    theirs = invite_links.c.creator.in_(creators)
    await tx.execute(sa.delete(invite_links).where(invite_links.c.group_id == group, theirs))
