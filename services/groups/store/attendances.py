"""Who comes to events, in PostgreSQL. All that changes here changes under the lock of the event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.groups.domain.gatherings import INTERESTED, Attendance, Attending, Gathering
from services.groups.store.gatherings import gathering_of
from services.groups.tables.contents import attendances, gatherings

# After (attendance, turn).
Position = tuple[int, int]


async def own(tx: AsyncConnection, gathering: UUID, person: UUID) -> Attendance | None:
    """What came of somebody's answer."""
    query = sa.select(attendances.c.attendance).where(_of(gathering, person))
    found = (await tx.execute(query)).scalar()
    return Attendance(found) if found else None


async def put(tx: AsyncConnection, gathering: UUID, person: UUID, attendance: Attendance, now: datetime) -> None:
    """Keeps what came of an answer that is another one than before: it is the last one in the row."""
    # A new row gets a new turn.
    await drop(tx, [gathering], person)
    values = {"gathering": gathering, "person": person, "attendance": attendance.value, "answer_time": now}
    await tx.execute(sa.insert(attendances).values(values))


async def waiting(tx: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Event → who waits for a place, who has waited for longest first."""
    return await _people(tx, ids, [Attendance.WAITING])


async def promote(tx: AsyncConnection, places: Sequence[tuple[UUID, UUID]]) -> None:
    """Gives places to people who wait, as (event, person); they keep their turns."""
    if places:
        theirs = sa.tuple_(attendances.c.gathering, attendances.c.person).in_(places)
        await tx.execute(sa.update(attendances).where(theirs).values(attendance=Attendance.GOING.value))


async def drop(tx: AsyncConnection, ids: Sequence[UUID], person: UUID) -> None:
    """Forgets somebody's answers to events."""
    await tx.execute(sa.delete(attendances).where(attendances.c.gathering.in_(ids), attendances.c.person == person))


async def interested(tx: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Event → who comes, waits or may come, in the order of their answers."""
    return await _people(tx, ids, INTERESTED)


async def answered_by(
    tx: AsyncConnection, group: UUID, person: UUID, now: datetime
) -> list[tuple[Gathering, Attendance]]:
    """The events of a group that lie ahead and that somebody answered, locked in the order of their ids."""
    mine = sa.select(attendances.c.gathering).where(attendances.c.person == person)
    query = sa.select(gatherings).where(gatherings.c.group_id == group, gatherings.c.end_time > now)
    query = query.where(gatherings.c.id.in_(mine)).order_by(gatherings.c.id).with_for_update()
    locked = [gathering_of(row) for row in await tx.execute(query)]
    # Only now it is certain what they answered: a statement that waited for locks still sees what was before.
    answers = sa.select(attendances.c.gathering, attendances.c.attendance).where(attendances.c.person == person)
    answers = answers.where(attendances.c.gathering.in_([gathering.id for gathering in locked]))
    found = {row.gathering: Attendance(row.attendance) for row in await tx.execute(answers)}
    return [(gathering, found[gathering.id]) for gathering in locked if gathering.id in found]


async def visible_attendings(
    tx: AsyncConnection, sight: Sight, gathering: UUID, after: Position | None, limit: int
) -> list[tuple[Attending, Position]]:
    """Who answered, of an event that the viewer sees, and whom the viewer meets: who comes first."""
    query = sa.select(attendances).where(attendances.c.gathering == gathering)
    query = query.where(meetable_clause(sight, attendances.c.person))
    place = sa.tuple_(attendances.c.attendance, attendances.c.turn)
    if after is not None:
        query = query.where(place > sa.tuple_(*after))
    rows = await tx.execute(query.order_by(attendances.c.attendance, attendances.c.turn).limit(limit))
    return [
        (Attending(row.person, Attendance(row.attendance), row.answer_time), (row.attendance, row.turn)) for row in rows
    ]


def _of(gathering: UUID, person: UUID) -> Any:
    return sa.and_(attendances.c.gathering == gathering, attendances.c.person == person)


async def _people(tx: AsyncConnection, ids: Sequence[UUID], wanted: Sequence[Attendance]) -> dict[UUID, list[UUID]]:
    query = sa.select(attendances.c.gathering, attendances.c.person).where(attendances.c.gathering.in_(ids))
    query = query.where(attendances.c.attendance.in_([attendance.value for attendance in wanted]))
    found: dict[UUID, list[UUID]] = {}
    for row in await tx.execute(query.order_by(attendances.c.turn)):
        found.setdefault(row.gathering, []).append(row.person)
    return found
