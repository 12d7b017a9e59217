"""What stands about subjects, and what they said."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.cases import Verdict
from services.moderation.domain.subjects import Measure, Snapshot, Standing
from services.moderation.store import images
from services.moderation.tables import cases, decisions, snapshots, subjects


async def locked(tx: AsyncConnection, name: str) -> Standing:
    """What stands about a subject, reported before or not; nobody else reports or judges it meanwhile."""
    # The update changes nothing but locks the row that is there.
    statement = insert(subjects).values(name=name, measure=Measure.NONE, judged_revision="", version=0)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"name": name})
    return _standing((await tx.execute(statement.returning(subjects))).one())


async def locked_by_name(tx: AsyncConnection, names: Collection[str]) -> dict[str, Standing]:
    """The same for many that were reported before, locked in the order of their names."""
    array = sa.literal(list(names), ARRAY(sa.Text))
    query = sa.select(subjects).where(subjects.c.name == sa.any_(array)).order_by(subjects.c.name).with_for_update()
    return {row.name: _standing(row) for row in await tx.execute(query)}


async def save(tx: AsyncConnection, *changed: Standing) -> None:
    """Stores what stands about subjects, which the transaction has locked."""
    columns = [column.name for column in subjects.c]
    values = [{name: getattr(standing, name) for name in columns} | {"which": standing.name} for standing in changed]
    await tx.execute(sa.update(subjects).where(subjects.c.name == sa.bindparam("which")), values)


async def measures(tx: AsyncConnection, names: Collection[str]) -> dict[str, Measure]:
    """What all decisions that count say about subjects together; what waits for one hidden is hidden at least."""
    array = sa.literal(list(names), ARRAY(sa.Text))
    verdicts = (decisions.c.verdict, decisions.c.content_verdict)
    removed = sa.or_(*(verdict == Verdict.REMOVE for verdict in verdicts))
    hidden = sa.or_(*(verdict == Verdict.HIDE for verdict in verdicts))
    measure = sa.case((removed, Measure.REMOVED), (hidden, Measure.HIDDEN), else_=Measure.NONE)
    decided = sa.select(decisions.c.subject, measure.label("measure"))
    decided = decided.where(decisions.c.subject == sa.any_(array), decisions.c.end_time.is_(None))
    pending = sa.select(cases.c.subject, sa.literal(Measure.HIDDEN.value).label("measure"))
    pending = pending.where(cases.c.subject == sa.any_(array), cases.c.hidden_while_pending)
    every = sa.union_all(decided, pending).subquery()
    query = sa.select(every.c.subject, sa.func.max(every.c.measure).label("measure")).group_by(every.c.subject)
    found = {row.subject: Measure(row.measure) for row in await tx.execute(query)}
    return {name: found.get(name, Measure.NONE) for name in names}


async def keep_snapshot(tx: AsyncConnection, case_id: UUID, taken: Snapshot) -> None:
    """Keeps what a subject said when it was reported, once for each revision."""
    values = {column.name: getattr(taken, column.name, None) for column in snapshots.c}
    values |= {"case_id": case_id, "images": list(taken.images)}
    await tx.execute(insert(snapshots).values(values).on_conflict_do_nothing())
    await images.expect(tx, case_id, set(taken.images), taken.take_time)


async def snapshots_of(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, list[Snapshot]]:
    """What the subjects of cases said when they were reported, oldest first."""
    array = sa.literal(list(ids), ARRAY(sa.Uuid))
    query = sa.select(snapshots).where(snapshots.c.case_id == sa.any_(array)).order_by(snapshots.c.take_time)
    found: dict[UUID, list[Snapshot]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.case_id, []).append(_snapshot(row))
    return found


def _standing(row: sa.Row[Any]) -> Standing:
    return Standing(row.name, Measure(row.measure), row.judged_revision, row.judged_case, row.version)


def _snapshot(row: sa.Row[Any]) -> Snapshot:
    return Snapshot(row.revision, row.title, row.text, tuple(row.images), row.update_time, row.take_time)
