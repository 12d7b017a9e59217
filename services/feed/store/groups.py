"""What feed keeps of groups besides who is a member: in which nobody writes, and who keeps them."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.tables.relations import archived_groups, group_keepers


async def keep_archived(tx: AsyncConnection, group: UUID, *, archived: bool) -> None:
    """Keeps whether a group is archived."""
    if archived:
        await tx.execute(insert(archived_groups).values(group_id=group).on_conflict_do_nothing())
    else:
        await tx.execute(sa.delete(archived_groups).where(archived_groups.c.group_id == group))


async def is_archived(tx: AsyncConnection, group: UUID) -> bool:
    """Whether nobody writes in a group any more."""
    query = sa.select(sa.literal(1)).where(archived_groups.c.group_id == group)
    return (await tx.execute(query)).first() is not None


async def keep_keeper(tx: AsyncConnection, group: UUID, person: UUID, *, keeps: bool) -> None:
    """Keeps whether somebody keeps a group."""
    if keeps:
        await tx.execute(insert(group_keepers).values(group_id=group, person=person).on_conflict_do_nothing())
    else:
        mine = sa.and_(group_keepers.c.group_id == group, group_keepers.c.person == person)
        await tx.execute(sa.delete(group_keepers).where(mine))


async def kept(tx: AsyncConnection, pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those of these pairs of a group and a person in which the person keeps the group."""
    if not pairs:
        return set()
    query = sa.select(group_keepers.c.group_id, group_keepers.c.person)
    query = query.where(sa.tuple_(group_keepers.c.group_id, group_keepers.c.person).in_(list(pairs)))
    return {(group, person) for group, person in await tx.execute(query)}


async def keepers(tx: AsyncConnection, group: UUID) -> list[UUID]:
    """Who keeps a group, its owners among them."""
    query = sa.select(group_keepers.c.person).where(group_keepers.c.group_id == group).order_by(group_keepers.c.person)
    return list((await tx.execute(query)).scalars())
