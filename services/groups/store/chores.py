"""What the jobs have still to do, in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.tables import groups
from services.groups.tables.members import invitations, members, requests
from services.groups.tables.people import barrier_checks, departures, retellings

# Groups in which two segments are that a barrier keeps apart, and those in which somebody is suspended.
_SUSPECT = sa.text("""
    WITH present AS (
        SELECT DISTINCT group_id, unnest(people.segments) AS segment FROM members JOIN access.people USING (person))
    SELECT one.group_id FROM present one
        JOIN access.barriers ON barriers.segment = one.segment
        JOIN present other ON other.group_id = one.group_id AND other.segment = barriers.other_segment
    UNION SELECT group_id FROM members WHERE suspended""")
_BARRIERS = sa.text("SELECT segment, array_agg(other_segment) FROM access.barriers GROUP BY segment")


class Check(NamedTuple):
    """Where to look for people who must not meet: in one group, those of a person, or all."""

    id: int
    person: UUID | None
    group: UUID | None


async def next_check(tx: AsyncConnection) -> Check | None:
    query = sa.select(barrier_checks.c.id, barrier_checks.c.person, barrier_checks.c.group_id)
    found = (await tx.execute(query.order_by(barrier_checks.c.id).limit(1))).first()
    return Check(*found) if found else None


async def groups_to_check(tx: AsyncConnection, check: Check) -> list[UUID]:
    """The groups in which people may have to be suspended, or need not be any more."""
    if check.group is not None:
        return [check.group]
    if check.person is not None:
        query = sa.select(members.c.group_id).where(members.c.person == check.person)
        return sorted((await tx.execute(query)).scalars())
    return sorted((await tx.execute(_SUSPECT)).scalars())


async def checked(tx: AsyncConnection, check: Check) -> None:
    await tx.execute(sa.delete(barrier_checks).where(barrier_checks.c.id == check.id))


async def barriers(tx: AsyncConnection) -> Mapping[str, frozenset[str]]:
    """Segment → those from which it is kept apart."""
    return {segment: frozenset(others) for segment, others in await tx.execute(_BARRIERS)}


async def next_departure(tx: AsyncConnection) -> UUID | None:
    """Somebody who left, and is still in something or wants to."""
    return (await tx.execute(sa.select(departures.c.person).order_by(departures.c.person).limit(1))).scalar()


async def next_group_of(tx: AsyncConnection, person: UUID) -> UUID | None:
    """A group of which somebody is a member, or to which they want or are asked to come."""
    some = [sa.select(table.c.group_id).where(table.c.person == person) for table in (members, requests, invitations)]
    return (await tx.execute(sa.union_all(*some).limit(1))).scalar()


async def departed(tx: AsyncConnection, person: UUID) -> None:
    await tx.execute(sa.delete(departures).where(departures.c.person == person))


async def next_retelling(tx: AsyncConnection) -> UUID | None:
    """A group of which all members are to be told once more."""
    return (await tx.execute(sa.select(retellings.c.group_id).limit(1))).scalar()


async def retold_up_to(tx: AsyncConnection, group: UUID) -> "sa.Row[Any] | None":
    """A row (after): up to whom the members of a group that is locked were told; None when all were."""
    return (await tx.execute(sa.select(retellings.c.after).where(retellings.c.group_id == group))).first()


async def retold(tx: AsyncConnection, group: UUID, after: UUID | None) -> None:
    """Keeps up to whom members were told; without anybody, that all were."""
    mine = retellings.c.group_id == group
    if after is None:
        await tx.execute(sa.delete(retellings).where(mine))
    else:
        await tx.execute(sa.update(retellings).where(mine).values(after=after))


async def purge(tx: AsyncConnection, now: datetime, limit: int) -> int:
    """Removes groups, with all that is in them, that can be brought back no more; how many."""
    due = sa.select(groups.c.id).where(groups.c.purge_time <= now).limit(limit).with_for_update(skip_locked=True)
    return (await tx.execute(sa.delete(groups).where(groups.c.id.in_(due)))).rowcount
