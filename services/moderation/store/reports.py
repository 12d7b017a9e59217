"""Reports in PostgreSQL. Who reported leaves this module for the reporter, and for two who unmask together."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.reports import Reason, Recent, Report, Result
from services.moderation.domain.subjects import Subject
from services.moderation.tables import reports, snapshots

_LOCK_REPORTER = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('reporter/' || :reporter, 0))")
# For how long misuse is held against somebody.
_REMEMBERED = timedelta(days=90)


async def lock_reporter(tx: AsyncConnection, reporter: UUID) -> None:
    """Lets nobody else report as this person until the transaction ends, so that what is counted stays right."""
    await tx.execute(_LOCK_REPORTER, {"reporter": str(reporter)})


async def recent(tx: AsyncConnection, reporter: UUID, now: datetime) -> Recent:
    """How much somebody reported lately."""
    query = sa.select(
        sa.func.count().filter(reports.c.create_time > now - timedelta(hours=1)),
        sa.func.count().filter(reports.c.create_time > now - timedelta(days=1)),
        sa.func.count().filter(reports.c.misuse),
    ).where(reports.c.reporter == reporter, reports.c.create_time > now - _REMEMBERED)
    return Recent(*(await tx.execute(query)).one())


async def of_reporter(tx: AsyncConnection, case_id: UUID, reporter: UUID) -> Report | None:
    """What somebody reported of a case."""
    query = sa.select(reports).where(reports.c.case_id == case_id, reports.c.reporter == reporter)
    return _one((await tx.execute(query)).first())


async def own(tx: AsyncConnection, report_id: UUID, reporter: UUID) -> Report | None:
    """A report of the caller's."""
    query = sa.select(reports).where(reports.c.id == report_id, reports.c.reporter == reporter)
    return _one((await tx.execute(query)).first())


async def all_own(
    tx: AsyncConnection, reporter: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Report]:
    """A page of the caller's reports, newest first."""
    place = sa.tuple_(reports.c.create_time, reports.c.id)
    query = sa.select(reports).where(reports.c.reporter == reporter)
    query = query.order_by(reports.c.create_time.desc(), reports.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(place < sa.tuple_(*(sa.literal(part) for part in before)))
    return [_report(row) for row in await tx.execute(query)]


async def add(tx: AsyncConnection, report: Report) -> None:
    """Stores a new report."""
    await tx.execute(sa.insert(reports).values({column.name: getattr(report, column.name) for column in reports.c}))


async def keep_snapshot(tx: AsyncConnection, case_id: UUID, seen: Subject, now: datetime) -> None:
    """Keeps what a subject said when it was reported, once for each revision."""
    values = {"case_id": case_id, "revision": seen.revision, "title": seen.title, "text": seen.text}
    values |= {"images": list(seen.images), "update_time": seen.update_time, "take_time": now}
    await tx.execute(insert(snapshots).values(values).on_conflict_do_nothing())


def _one(row: sa.Row[Any] | None) -> Report | None:
    return _report(row) if row else None


def _report(row: sa.Row[Any]) -> Report:
    return Report(**row._asdict() | {"reason": Reason(row.reason), "result": Result(row.result)})
