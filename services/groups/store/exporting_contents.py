"""What somebody made in groups and answered, for that person, in PostgreSQL: some at a time, by ids."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.groups.domain.files import File
from services.groups.domain.gatherings import Attendance
from services.groups.store.files import file_of, seen_files
from services.groups.store.gatherings import Seen, seen, seen_gatherings
from services.groups.tables.contents import attendances, files, gatherings
from services.groups.tables.discovery import dismissals


class Answer(NamedTuple):
    """What somebody answered to an event."""

    group: UUID
    gathering: UUID
    attendance: Attendance
    answer_time: datetime


async def files_of(sight: Sight, limit: int, tx: AsyncConnection, after: UUID | None) -> list[File]:
    """The files that the viewer brought and sees."""
    query = seen_files(sight).where(files.c.uploader == sight.viewer).order_by(files.c.id).limit(limit)
    return [file_of(row) for row in await tx.execute(query.where(files.c.id > after) if after else query)]


async def gatherings_of(sight: Sight, limit: int, tx: AsyncConnection, after: UUID | None) -> list[Seen]:
    """The events that the viewer planned and sees."""
    query = seen_gatherings(sight).where(gatherings.c.organiser == sight.viewer)
    query = query.order_by(gatherings.c.id).limit(limit)
    return [seen(row) for row in await tx.execute(query.where(gatherings.c.id > after) if after else query)]


async def answers_of(person: UUID, limit: int, tx: AsyncConnection, after: UUID | None) -> list[Answer]:
    """What somebody answered."""
    joined = attendances.join(gatherings, gatherings.c.id == attendances.c.gathering)
    query = sa.select(attendances, gatherings.c.group_id).select_from(joined)
    query = query.where(attendances.c.person == person).order_by(attendances.c.gathering).limit(limit)
    rows = await tx.execute(query.where(attendances.c.gathering > after) if after else query)
    return [Answer(row.group_id, row.gathering, Attendance(row.attendance), row.answer_time) for row in rows]


async def dismissed_by(person: UUID, limit: int, tx: AsyncConnection, after: UUID | None) -> list[UUID]:
    """The groups that somebody does not want suggested."""
    query = sa.select(dismissals.c.group_id).where(dismissals.c.person == person).order_by(dismissals.c.group_id)
    query = query.limit(limit)
    return list((await tx.execute(query.where(dismissals.c.group_id > after) if after else query)).scalars())
