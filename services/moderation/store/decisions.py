"""Decisions and appeals in PostgreSQL."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.cases import Verdict
from services.moderation.domain.decisions import Appeal, Decision
from services.moderation.domain.reports import Reason
from services.moderation.tables import appeals, decisions


async def add(tx: AsyncConnection, *added: Decision) -> None:
    """Stores new decisions."""
    columns = [column.name for column in decisions.c]
    await tx.execute(sa.insert(decisions), [{name: getattr(decision, name) for name in columns} for decision in added])


async def end(tx: AsyncConnection, decision: Decision) -> None:
    """Keeps that a decision does not count any more."""
    statement = sa.update(decisions).where(decisions.c.id == decision.id)
    await tx.execute(statement.values(end_time=decision.end_time, end_explanation=decision.end_explanation))


async def of_cases(tx: AsyncConnection, cases: Collection[UUID]) -> dict[UUID, list[Decision]]:
    """What was decided in cases, oldest first."""
    array = sa.literal(list(cases), ARRAY(sa.Uuid))
    query = sa.select(decisions).where(decisions.c.case_id == sa.any_(array)).order_by(decisions.c.id)
    found: dict[UUID, list[Decision]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.case_id, []).append(_decision(row))
    return found


async def earlier(tx: AsyncConnection, *, subject: str, person: UUID, besides: UUID, limit: int) -> list[Decision]:
    """What was decided in other cases about the same subject or person, newest first."""
    about = sa.or_(decisions.c.subject == subject, decisions.c.person == person)
    query = sa.select(decisions).where(about, decisions.c.case_id != besides)
    return [_decision(row) for row in await tx.execute(query.order_by(decisions.c.id.desc()).limit(limit))]


async def lasting(tx: AsyncConnection, people: Collection[UUID], now: datetime) -> dict[tuple[UUID, Verdict], datetime]:
    """(person, MUTE or SUSPEND) → until when, of all decisions that count."""
    query = sa.select(decisions.c.person, decisions.c.verdict, sa.func.max(decisions.c.until).label("until"))
    query = query.where(
        decisions.c.person == sa.any_(sa.literal(list(people), ARRAY(sa.Uuid))),
        decisions.c.end_time.is_(None),
        decisions.c.until > now,
    ).group_by(decisions.c.person, decisions.c.verdict)
    return {(row.person, Verdict(row.verdict)): row.until for row in await tx.execute(query)}


async def add_appeal(tx: AsyncConnection, appeal: Appeal) -> None:
    """Stores an appeal."""
    await tx.execute(sa.insert(appeals).values({column.name: getattr(appeal, column.name) for column in appeals.c}))


async def appeals_of(tx: AsyncConnection, cases: Collection[UUID]) -> dict[UUID, Appeal]:
    """Decision → the appeal against it, of all decisions in cases."""
    query = sa.select(appeals).where(appeals.c.case_id == sa.any_(sa.literal(list(cases), ARRAY(sa.Uuid))))
    return {row.decision: Appeal(**row._asdict()) for row in await tx.execute(query)}


def _decision(row: sa.Row[Any]) -> Decision:
    values = row._asdict()
    values["verdict"], values["content_verdict"] = Verdict(row.verdict), Verdict(row.content_verdict)
    values["reason"] = Reason(row.reason) if row.reason else None
    return Decision(**values)
