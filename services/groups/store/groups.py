"""Groups and their handles in PostgreSQL."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.domain.groups import Group, free_handle
from services.groups.domain.members import Role
from services.groups.store.visible import group_of
from services.groups.tables import groups, handles
from services.groups.tables.members import members
from services.groups.tables.people import retellings

_LOCK_PERSON = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def locked(tx: AsyncConnection, id_: UUID) -> Group | None:
    """A group, which nobody else changes, enters or leaves until the transaction ends."""
    found = (await tx.execute(sa.select(groups).where(groups.c.id == id_).with_for_update())).first()
    return group_of(found) if found else None


async def one(tx: AsyncConnection, id_: UUID) -> Group | None:
    """A group as it stands, whoever may know of it."""
    found = (await tx.execute(sa.select(groups).where(groups.c.id == id_))).first()
    return group_of(found) if found else None


async def add(tx: AsyncConnection, group: Group) -> None:
    await tx.execute(sa.insert(groups).values(id=group.id, founder=group.founder, **_columns(group)))


async def save(tx: AsyncConnection, group: Group) -> None:
    """Keeps all of a group that is locked."""
    await tx.execute(sa.update(groups).where(groups.c.id == group.id).values(**_columns(group)))


async def retell(tx: AsyncConnection, id_: UUID) -> None:
    """Lets all members of a group be told once more, from the first one on."""
    statement = insert(retellings).values(group_id=id_)
    await tx.execute(statement.on_conflict_do_update(index_elements=["group_id"], set_={"after": None}))


async def claim_handle(tx: AsyncConnection, group: UUID, handle: str) -> bool:
    """Lets a handle lead to a group; False when it leads to another one."""
    await tx.execute(insert(handles).values(handle=handle, group_id=group).on_conflict_do_nothing())
    owner: UUID = (await tx.execute(sa.select(handles.c.group_id).where(handles.c.handle == handle))).scalar_one()
    return owner == group


async def make_handle(tx: AsyncConnection, group: UUID, made: str) -> str:
    """Lets the first handle like this that is free lead to a group."""
    like = handles.c.handle.startswith(f"{made}-", autoescape=True)
    while True:
        query = sa.select(handles.c.handle).where(sa.or_(handles.c.handle == made, like), handles.c.group_id != group)
        free = free_handle(made, set((await tx.execute(query)).scalars()))
        if await claim_handle(tx, group, free):
            return free


async def drop_handles(tx: AsyncConnection, group: UUID) -> None:
    """Lets nothing lead to a group but its id."""
    await tx.execute(sa.delete(handles).where(handles.c.group_id == group))


async def handles_of(tx: AsyncConnection, group: UUID) -> int:
    """How many handles lead to a group."""
    query = sa.select(sa.func.count()).select_from(handles).where(handles.c.group_id == group)
    return (await tx.execute(query)).scalar_one()


async def lock_founder(tx: AsyncConnection, person: UUID) -> None:
    """Lets somebody found one group after the other."""
    await tx.execute(_LOCK_PERSON, {"key": f"founder {person}"})


async def founded_since(tx: AsyncConnection, person: UUID, moment: datetime) -> int:
    """How many groups somebody founded since then."""
    mine = sa.and_(groups.c.founder == person, groups.c.create_time > moment)
    return (await tx.execute(sa.select(sa.func.count()).select_from(groups).where(mine))).scalar_one()


async def owned(tx: AsyncConnection, person: UUID) -> int:
    """Of how many groups somebody is an owner."""
    mine = sa.and_(members.c.person == person, members.c.role == Role.OWNER.value)
    return (await tx.execute(sa.select(sa.func.count()).select_from(members).where(mine))).scalar_one()


def _columns(group: Group) -> dict[str, object]:
    return {
        "title": group.title,
        "handle": group.handle,
        "visibility": group.visibility.value,
        "history": group.history.value,
        "kinds": list(group.join_rule.kinds),
        "departments": list(group.join_rule.departments),
        "segments": list(group.join_rule.segments),
        "member_count": group.member_count,
        "create_time": group.create_time,
        "update_time": group.update_time,
        "archive_time": group.archive_time,
        "delete_time": group.delete_time,
        "purge_time": group.purge_time,
        "hidden": group.hidden,
        "removed": group.removed,
        "revision": group.revision,
        "version": group.version,
    }
