"""Cases in PostgreSQL. Moderators find only those in which they are not concerned, decided in the same statement."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.cases import UNDECIDED, Case, State, Verdict
from services.moderation.domain.reports import Reason
from services.moderation.tables import cases


async def undecided(tx: AsyncConnection, subject: str) -> Case | None:
    """The case about a subject that is not decided yet. The transaction holds the subject."""
    query = sa.select(cases).where(cases.c.subject == subject, cases.c.state.in_(UNDECIDED))
    return _one((await tx.execute(query.with_for_update())).first())


async def by_id(tx: AsyncConnection, case_id: UUID, *, lock: bool = False) -> Case | None:
    """A case, whoever asks."""
    query = sa.select(cases).where(cases.c.id == case_id)
    return _one((await tx.execute(query.with_for_update() if lock else query)).first())


async def add(tx: AsyncConnection, case: Case) -> None:
    """Stores a new case."""
    await tx.execute(sa.insert(cases).values(_values(case)))


async def save(tx: AsyncConnection, case: Case) -> None:
    """Stores a case, which the transaction has locked."""
    await tx.execute(sa.update(cases).where(cases.c.id == case.id).values(_values(case)))


def _one(row: sa.Row[Any] | None) -> Case | None:
    return case_of(row) if row else None


def case_of(row: sa.Row[Any]) -> Case:
    """A row as a case."""
    values = row._asdict()
    values["group"] = values.pop("group_name")
    values["state"], values["verdict"] = State(values["state"]), Verdict(values["verdict"])
    values["concerned"] = tuple(values["concerned"])
    values["reasons"] = tuple(Reason(reason) for reason in values["reasons"])
    return Case(**values)


def _values(case: Case) -> dict[str, Any]:
    values = {column.name: getattr(case, column.name) for column in cases.c if column.name != "group_name"}
    values["concerned"], values["reasons"] = list(case.concerned), list(case.reasons)
    return values | {"group_name": case.group}
