"""Reports in PostgreSQL. Who reported leaves this module for the reporter, and for two who unmask together."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.reports import Reason, Recent, Report, Result
from services.moderation.tables import decisions, reports

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


async def of_case(tx: AsyncConnection, case_id: UUID, after: UUID | None, limit: int) -> list[Report]:
    """A page of what was reported of a case, in the order of ids that are random."""
    query = sa.select(reports).where(reports.c.case_id == case_id).order_by(reports.c.id).limit(limit)
    if after is not None:
        query = query.where(reports.c.id > after)
    return [_report(row) for row in await tx.execute(query)]


async def is_of_case(tx: AsyncConnection, report_id: UUID, case_id: UUID) -> bool:
    """Whether there is such a report in a case."""
    query = sa.select(reports.c.id).where(reports.c.id == report_id, reports.c.case_id == case_id)
    return (await tx.execute(query)).first() is not None


async def decide(tx: AsyncConnection, results: Mapping[UUID, Result], now: datetime) -> None:
    """Keeps what became of the reports of cases (case → result), of which the log will tell."""
    cases = [(case, result.value) for case, result in results.items()]
    wanted = sa.values(sa.column("case_id", sa.Uuid), sa.column("result", sa.SmallInteger), name="wanted").data(cases)
    statement = sa.update(reports).where(reports.c.case_id == wanted.c.case_id)
    await tx.execute(statement.values(result=wanted.c.result, decide_time=now, told=False))


async def mark_misuse(tx: AsyncConnection, case_id: UUID, misused: Collection[UUID]) -> int:
    """Keeps which reports of a case were made against better knowledge; how many of them there are."""
    ids = sa.literal(list(misused), ARRAY(sa.Uuid))
    statement = sa.update(reports).where(reports.c.case_id == case_id, reports.c.id == sa.any_(ids))
    return (await tx.execute(statement.values(misuse=True))).rowcount


async def reopen(tx: AsyncConnection, case_id: UUID) -> int:
    """Keeps that nothing became of the reports of a case yet; how many, those since the decision among them."""
    values = {"result": Result.NONE, "decide_time": None, "misuse": False, "told": False}
    return (await tx.execute(sa.update(reports).where(reports.c.case_id == case_id).values(values))).rowcount


async def untold(tx: AsyncConnection, limit: int) -> list[tuple[UUID, int]]:
    """Marks some reports that were decided as told: their ids, each with how often its case was decided by now."""
    some = sa.select(reports.c.id).where(reports.c.decide_time.is_not(None), ~reports.c.told)
    some = some.order_by(reports.c.decide_time).limit(limit).with_for_update(skip_locked=True)
    statement = sa.update(reports).where(reports.c.id.in_(some)).values(told=True)
    often = sa.select(sa.func.count()).where(decisions.c.case_id == reports.c.case_id).scalar_subquery()
    return [(id_, count) for id_, count in await tx.execute(statement.returning(reports.c.id, often))]


async def reporters(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Report → who made it, of those that there are: for feed, which tells them, and for two who unmask together."""
    query = sa.select(reports.c.id, reports.c.reporter)
    query = query.where(reports.c.id == sa.any_(sa.literal(list(ids), ARRAY(sa.Uuid))))
    return {row.id: row.reporter for row in await tx.execute(query)}


async def unmask(tx: AsyncConnection, report_id: UUID, now: datetime) -> None:
    """Keeps when it was agreed that a moderator may know who reported."""
    await tx.execute(sa.update(reports).where(reports.c.id == report_id).values(unmask_time=now))


def _one(row: sa.Row[Any] | None) -> Report | None:
    return _report(row) if row else None


def _report(row: sa.Row[Any]) -> Report:
    return Report(**row._asdict() | {"reason": Reason(row.reason), "result": Result(row.result)})
