"""Members and bans in PostgreSQL. Who changes them has locked their group, or two would both be the last."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.groups.domain.entering import Applicant
from services.groups.domain.members import Member, Place, Role
from services.groups.tables.members import members
from services.groups.tables.people import people_facts

Row = sa.Row[Any]

_people = sa.table(
    "people", sa.column("person", sa.Uuid), sa.column("segments", ARRAY(sa.Text)), schema="access"
).alias("access_people")

_barriers = sa.table("barriers", sa.column("segment", sa.Text), schema="access")

# A change of the policy, or of what decides about the person, waits for who decided on what was before, and finds them.
_APPLICANT = sa.text("""
    SELECT person, kind, segments, active FROM access.people WHERE person = :person FOR SHARE""")
_HOLD_BARRIERS = sa.text("SELECT ticks FROM access.clocks WHERE name = 'barriers' FOR SHARE")
_BLOCKED = sa.text("SELECT other_segment FROM access.barriers WHERE segment = ANY(CAST(:segments AS text[]))")
_BARRED = sa.text("""
    SELECT EXISTS (
        SELECT FROM members JOIN access.people USING (person)
        WHERE group_id = :group AND NOT suspended AND people.segments && CAST(:blocked AS text[]))""")


async def applicant(tx: AsyncConnection, person: UUID) -> Applicant | None:
    """What decides about somebody who works here; it stays so until the transaction ends."""
    found = (await tx.execute(_APPLICANT, {"person": person})).first()
    if found is None or not found.active:
        return None
    query = sa.select(people_facts.c.department).where(people_facts.c.person == person)
    department = (await tx.execute(query)).scalar() or ""
    return Applicant(person, found.kind, tuple(found.segments), department)


async def barred(tx: AsyncConnection, group: UUID, segments: Sequence[str]) -> bool:
    """Whether a barrier stands between these segments and a member of a group that is locked."""
    await tx.execute(_HOLD_BARRIERS)
    blocked = list((await tx.execute(_BLOCKED, {"segments": list(segments)})).scalars())
    return bool(blocked) and (await tx.execute(_BARRED, {"group": group, "blocked": blocked})).scalar_one()


async def add(tx: AsyncConnection, member: Member) -> None:
    values = {"role": member.role.value, "join_time": member.join_time, "suspended": member.suspended}
    await tx.execute(sa.insert(members).values(group_id=member.group, person=member.person, **values))


async def save(tx: AsyncConnection, member: Member) -> None:
    statement = sa.update(members).where(_one(member.group, member.person))
    await tx.execute(statement.values(role=member.role.value, suspended=member.suspended))


async def suspend(tx: AsyncConnection, group: UUID, people: Sequence[UUID], *, suspended: bool) -> list[UUID]:
    """Lets the memberships of these people rest, or go on; of whom it was not so already."""
    theirs = sa.and_(members.c.group_id == group, members.c.person == sa.any_(sa.literal(people, ARRAY(sa.Uuid))))
    statement = sa.update(members).where(theirs, members.c.suspended != suspended).values(suspended=suspended)
    return list((await tx.execute(statement.returning(members.c.person))).scalars())


async def remove(tx: AsyncConnection, member: Member) -> None:
    await tx.execute(sa.delete(members).where(_one(member.group, member.person)))


async def member(tx: AsyncConnection, group: UUID, person: UUID) -> Member | None:
    """Somebody's membership, also one that is suspended."""
    found = (await tx.execute(sa.select(members).where(_one(group, person)))).first()
    return member_of(found) if found else None


async def other_owners(tx: AsyncConnection, member: Member) -> int:
    """How many owners a group has besides this member, without those who are suspended."""
    others = sa.and_(members.c.group_id == member.group, members.c.person != member.person, ~members.c.suspended)
    query = sa.select(sa.func.count()).select_from(members).where(others, members.c.role == Role.OWNER.value)
    return (await tx.execute(query)).scalar_one()


async def next_owner(tx: AsyncConnection, group: UUID) -> Member | None:
    """Who would be the owner of a group that has none: its longest keeper, or else its longest member.

    Where nobody else is left, it is one who is suspended.
    """
    query = sa.select(members).where(members.c.group_id == group)
    ordered = query.order_by(members.c.suspended, members.c.role.desc(), members.c.join_time)
    found = (await tx.execute(ordered.limit(1))).first()
    return member_of(found) if found else None


async def between_barriers(tx: AsyncConnection, group: UUID) -> list[tuple[Member, tuple[str, ...]]]:
    """Members who are suspended or in segments of barriers, with their segments, in the order in which they keep their
    places when some must not meet.
    """
    barred = sa.select(_barriers.c.segment).distinct()
    concerned = sa.or_(members.c.suspended, _people.c.segments.overlap(sa.func.array(barred.scalar_subquery())))
    query = sa.select(members, _people.c.segments)
    query = query.select_from(members.outerjoin(_people, _people.c.person == members.c.person))
    ordered = query.where(members.c.group_id == group, concerned).order_by(
        members.c.role.desc(), members.c.suspended, members.c.join_time, members.c.person
    )
    return [(member_of(row), tuple(row.segments or ())) for row in await tx.execute(ordered)]


async def some_after(tx: AsyncConnection, group: UUID, after: UUID | None, limit: int) -> list[Member]:
    """Members who are not suspended, by the order of their ids."""
    query = sa.select(members).where(members.c.group_id == group, ~members.c.suspended)
    if after is not None:
        query = query.where(members.c.person > after)
    return [member_of(row) for row in await tx.execute(query.order_by(members.c.person).limit(limit))]


async def keepers(tx: AsyncConnection, group: UUID, limit: int) -> list[UUID]:
    """Who can let people in: owners first."""
    query = sa.select(members.c.person).where(members.c.group_id == group, ~members.c.suspended)
    query = query.where(members.c.role >= Role.KEEPER.value).order_by(members.c.role.desc(), members.c.join_time)
    return list((await tx.execute(query.limit(limit))).scalars())


async def visible_member(tx: AsyncConnection, sight: Sight, group: UUID, person: UUID, least: Role) -> Member | None:
    """Somebody's membership, as far as the viewer may meet the person; with that role at least, or the viewer's own."""
    query = sa.select(members).where(_one(group, person), *_shown(sight, least))
    found = (await tx.execute(query)).first()
    return member_of(found) if found else None


async def visible_members(
    tx: AsyncConnection, sight: Sight, group: UUID, least: Role, after: Place | None, limit: int
) -> list[Member]:
    """Members with that role at least whom the viewer may meet, those with the most rights first."""
    query = sa.select(members).where(members.c.group_id == group, *_shown(sight, least))
    if after is not None:
        later = sa.tuple_(members.c.join_time, members.c.person) > (after.join_time, after.person)
        same = sa.and_(members.c.role == after.role, later)
        query = query.where(members.c.role <= after.role, sa.or_(members.c.role < after.role, same))
    ordered = query.order_by(members.c.role.desc(), members.c.join_time, members.c.person)
    return [member_of(row) for row in await tx.execute(ordered.limit(limit))]


def _shown(sight: Sight, least: Role) -> list[sa.ColumnElement[bool]]:
    enough = sa.or_(members.c.role >= least.value, members.c.person == sight.viewer)
    return [~members.c.suspended, enough, meetable_clause(sight, members.c.person)]


def _one(group: UUID, person: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(members.c.group_id == group, members.c.person == person)


def member_of(row: Row) -> Member:
    """A row of the table `members`."""
    return Member(row.group_id, row.person, Role(row.role), row.join_time, row.suspended)
