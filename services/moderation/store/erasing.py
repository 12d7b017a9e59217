"""Erasing people. What is counted stays, under a stand-in; what they wrote and what names them goes."""

from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.cases import State
from services.moderation.domain.erasures import Erasure
from services.moderation.tables.erasures import erasures

# Sort → what is done. `own` are the cases about the person, whether by the id or by the name of what is reported.
_STEPS = {
    "reports": "UPDATE reports SET reporter = :stand_in, note = '', told = true WHERE reporter = :person",
    "snapshots": """
        DELETE FROM snapshots WHERE case_id IN (SELECT id FROM cases WHERE author = :person)""",
    "images": "DELETE FROM kept_images WHERE case_id IN (SELECT id FROM cases WHERE author = :person)",
    "appeals": "UPDATE appeals SET person = :stand_in, text = '' WHERE person = :person",
    "decisions": """
        UPDATE decisions SET person = :stand_in, explanation = '', end_explanation = '' WHERE person = :person""",
    "assignments": f"""
        UPDATE cases SET assignee = NULL, version = version + 1, state = CASE state
            WHEN {State.TAKEN.value} THEN {State.OPEN.value}
            WHEN {State.APPEAL_TAKEN.value} THEN {State.APPEALED.value} ELSE state END
        WHERE assignee = :person""",
    "offers": "UPDATE cases SET offered_to = NULL, version = version + 1 WHERE offered_to = :person",
    "cases": "UPDATE cases SET author = :stand_in, version = version + 1 WHERE author = :person",
    "concerned": """
        UPDATE cases SET concerned = array_replace(concerned, :person, :stand_in) WHERE :person = ANY(concerned)""",
    "judgements": """
        WITH judged AS (UPDATE decisions SET decider = :stand_in WHERE decider = :person)
        UPDATE cases SET decider = :stand_in WHERE decider = :person""",
    "notes": "UPDATE notes SET author = :stand_in WHERE author = :person",
    "unmaskings": """
        UPDATE unmaskings SET requester = CASE requester WHEN :person THEN :stand_in ELSE requester END,
            answerer = CASE answerer WHEN :person THEN :stand_in ELSE answerer END
        WHERE :person IN (requester, answerer)""",
    "sanctions": "DELETE FROM sanctions WHERE person = :person",
}
# The person's profile and photo have the person's id in their names; cases follow the names of their subjects.
_RENAMED = {
    "subjects": "UPDATE subjects SET name = replace(name, :before, :after) WHERE name = :before OR name LIKE :below",
    "reports": "UPDATE reports SET subject = replace(subject, :before, :after) "
    "WHERE subject = :before OR subject LIKE :below",
    "decisions": "UPDATE decisions SET subject = replace(subject, :before, :after) "
    "WHERE subject = :before OR subject LIKE :below",
    "cases": "UPDATE cases SET root = replace(root, :before, :after), parent = replace(parent, :before, :after) "
    "WHERE :before IN (root, parent) OR root LIKE :below OR parent LIKE :below",
}
_ANSWERS = sa.text("DELETE FROM once.requests WHERE caller = :caller")
# Moderators whom law kept apart from the person are kept apart from the stand-in as well.
_INTRODUCE = sa.text("""
    WITH clock AS (UPDATE access.clocks SET ticks = ticks + 1 WHERE name = 'people' RETURNING ticks)
    INSERT INTO access.people (person, kind, segments, active, epoch, changed)
    SELECT :stand_in, kind, segments, false, 0, (SELECT ticks FROM clock) FROM access.people WHERE person = :person
    ON CONFLICT DO NOTHING""")


async def locked(tx: AsyncConnection, asked: Erasure) -> Erasure:
    """The person's erasure, the first that was asked for; nobody else erases the same person meanwhile."""
    statement = insert(erasures).values({field.name: getattr(asked, field.name) for field in fields(Erasure)})
    statement = statement.on_conflict_do_update(index_elements=["person"], set_={"person": asked.person})
    return Erasure(**(await tx.execute(statement.returning(erasures))).one()._asdict())


async def save(tx: AsyncConnection, erasure: Erasure) -> None:
    """Stores what was erased."""
    changed = sa.update(erasures).where(erasures.c.id == erasure.id)
    await tx.execute(changed.values(counts=dict(erasure.counts), finish_time=erasure.finish_time))


async def erase(tx: AsyncConnection, person: UUID, stand_in: UUID) -> dict[str, int]:
    """Puts the stand-in in the place of a person everywhere; how many rows that were, by sort."""
    ids: dict[str, Any] = {"person": person, "stand_in": stand_in}
    await tx.execute(_INTRODUCE, ids)
    counts = {sort: (await tx.execute(_with_ids(step), ids)).rowcount for sort, step in _STEPS.items()}
    before, after = f"people/{person}", f"people/{stand_in}"
    names = {"before": before, "after": after, "below": f"{before}/%"}
    for step in _RENAMED.values():
        await tx.execute(sa.text(step), {name: value for name, value in names.items() if f":{name}" in step})
    counts["answers"] = (await tx.execute(_ANSWERS, {"caller": before})).rowcount
    return {sort: count for sort, count in counts.items() if count}


def _with_ids(step: str) -> sa.TextClause:
    kinds = [sa.bindparam(name, type_=sa.Uuid) for name in ("person", "stand_in") if f":{name}" in step]
    return sa.text(step).bindparams(*kinds)
