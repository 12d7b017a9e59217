"""Cases in PostgreSQL. Moderators find only those in which they are not concerned, decided in the same statement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import Truth, meetable_clause
from services.moderation.domain.cases import UNDECIDED, Case, State, Verdict
from services.moderation.domain.reports import Reason
from services.moderation.tables import cases, decisions, reports


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a moderator lists; what is empty does not matter."""

    states: Collection[State]
    author: UUID | None = None
    assignee: UUID | None = None
    offered_to: UUID | None = None
    reason: Reason | None = None


async def undecided(tx: AsyncConnection, subject: str) -> Case | None:
    """The case about a subject that is not decided yet. The transaction holds the subject."""
    query = sa.select(cases).where(cases.c.subject == subject, cases.c.state.in_(UNDECIDED))
    return _one((await tx.execute(query.with_for_update())).first())


async def by_id(tx: AsyncConnection, case_id: UUID) -> Case | None:
    """A case, whoever asks."""
    return _one((await tx.execute(sa.select(cases).where(cases.c.id == case_id))).first())


async def own(tx: AsyncConnection, case_id: UUID, author: UUID, *, lock: bool = False) -> Case | None:
    """A case about something of the caller's."""
    query = sa.select(cases).where(cases.c.id == case_id, cases.c.author == author)
    return _one((await tx.execute(query.with_for_update() if lock else query)).first())


async def visible(tx: AsyncConnection, sight: Sight, case_id: UUID, *, lock: bool = False) -> Case | None:
    """A case in which a moderator is not concerned; with `lock`, nobody else changes it meanwhile."""
    query = sa.select(cases).where(cases.c.id == case_id, _unconcerned(sight))
    return _one((await tx.execute(query.with_for_update() if lock else query)).first())


async def visible_by_ids(
    tx: AsyncConnection, sight: Sight, ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, Case]:
    """Those of these cases in which a moderator is not concerned, locked in the order of their ids."""
    array = sa.literal(list(ids), ARRAY(sa.Uuid))
    query = sa.select(cases).where(cases.c.id == sa.any_(array), _unconcerned(sight)).order_by(cases.c.id)
    found = map(_case, await tx.execute(query.with_for_update() if lock else query))
    return {case.id: case for case in found}


async def visible_page(tx: AsyncConnection, sight: Sight, wanted: Wanted, after: UUID | None, limit: int) -> list[Case]:
    """A page of the cases in which a moderator is not concerned, oldest first."""
    query = sa.select(cases).where(cases.c.state.in_(wanted.states), _unconcerned(sight))
    for column, value in [
        (cases.c.author, wanted.author),
        (cases.c.assignee, wanted.assignee),
        (cases.c.offered_to, wanted.offered_to),
    ]:
        query = query if value is None else query.where(column == value)
    if wanted.reason is not None:
        query = query.where(cases.c.reasons.contains([wanted.reason]))
    if after is not None:
        query = query.where(cases.c.id > after)
    return [_case(row) for row in await tx.execute(query.order_by(cases.c.id).limit(limit))]


async def add(tx: AsyncConnection, case: Case) -> None:
    """Stores a new case."""
    await tx.execute(sa.insert(cases).values(_values(case)))


async def save(tx: AsyncConnection, *changed: Case) -> None:
    """Stores cases, which the transaction has locked."""
    values = [_values(case) | {"which": case.id} for case in changed]
    await tx.execute(sa.update(cases).where(cases.c.id == sa.bindparam("which")), values)


def _unconcerned(sight: Sight) -> Truth:
    """Whether a moderator neither wrote it, nor answers for where it stands, nor reported it, nor is kept apart by law.

    Whom an author blocks still judges: otherwise authors would choose their judges.
    """
    reported = sa.select(sa.literal(1)).where(reports.c.subject == cases.c.subject, reports.c.reporter == sight.viewer)
    return sa.and_(
        cases.c.author != sight.viewer,
        sa.literal(sight.viewer, sa.Uuid) != sa.all_(cases.c.concerned),
        ~reported.exists(),
        meetable_clause(sight.despite_blocks(), cases.c.author),
    )


def _one(row: sa.Row[Any] | None) -> Case | None:
    return _case(row) if row else None


def _case(row: sa.Row[Any]) -> Case:
    values = row._asdict()
    values["group"] = values.pop("group_name")
    values["state"], values["verdict"] = State(values["state"]), Verdict(values["verdict"])
    values["concerned"], values["held_by"] = tuple(values["concerned"]), tuple(values["held_by"])
    values["reasons"] = tuple(Reason(reason) for reason in values["reasons"])
    return Case(**values)


def _values(case: Case) -> dict[str, Any]:
    values = {column.name: getattr(case, column.name) for column in cases.c if column.name != "group_name"}
    values["concerned"], values["reasons"] = list(case.concerned), list(case.reasons)
    return values | {"group_name": case.group, "held_by": list(case.held_by)}


async def own_page(tx: AsyncConnection, author: UUID, before: UUID | None, limit: int) -> Sequence[Case]:
    """A page of the cases of which their author was told, newest first."""
    told = sa.select(sa.literal(1)).where(decisions.c.case_id == cases.c.id, decisions.c.verdict != Verdict.NO_ACTION)
    query = sa.select(cases).where(cases.c.author == author, sa.or_(cases.c.hidden_while_pending, told.exists()))
    if before is not None:
        query = query.where(cases.c.id < before)
    return [_case(row) for row in await tx.execute(query.order_by(cases.c.id.desc()).limit(limit))]
