"""Cases whose time is over."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

_DUE = """
    SELECT id, subject FROM cases WHERE state IN (3, 6) AND retire_time IS NULL AND update_time < :before
    AND NOT EXISTS (SELECT 1 FROM decisions WHERE case_id = cases.id AND end_time IS NULL AND until > :now)"""
_FIND = sa.text(f"{_DUE} ORDER BY update_time LIMIT :most")
_LOCK_SUBJECTS = sa.text("SELECT 1 FROM subjects WHERE name = ANY(:names) ORDER BY name FOR UPDATE")
_LOCK = sa.text(f"{_DUE} AND id = ANY(:ids) ORDER BY id FOR UPDATE")
# What moderators wrote and people reported. Appeals go with their decisions, unmaskings with their reports.
_WORDS = ("reports", "snapshots", "kept_images", "notes")
_FORGET = tuple(sa.text(f"DELETE FROM {table} WHERE case_id = ANY(:ids)") for table in _WORDS)
_STILL_COUNTS = """
    SELECT 1 FROM decisions WHERE case_id = cases.id AND end_time IS NULL
    AND (verdict IN (2, 3) OR content_verdict IN (2, 3))"""
_DELETE = sa.text(f"DELETE FROM cases WHERE id = ANY(:ids) AND NOT EXISTS ({_STILL_COUNTS})")
_FORGET_APPEALS = sa.text("DELETE FROM appeals WHERE case_id = ANY(:ids)")
_FORGET_WORDS = sa.text("UPDATE decisions SET explanation = '', end_explanation = '' WHERE case_id = ANY(:ids)")
_MARK = sa.text("UPDATE cases SET retire_time = :now WHERE id = ANY(:ids)")
_DELETE_SUBJECTS = sa.text("""
    DELETE FROM subjects WHERE name = ANY(:names) AND measure = 0
    AND NOT EXISTS (SELECT 1 FROM cases WHERE subject = subjects.name)""")


async def due(tx: AsyncConnection, before: datetime, now: datetime, most: int) -> dict[UUID, str]:
    """Cases that nothing happened with since `before`, and their subjects; locked, as those who decide lock them.

    A case whose author is still mute or kept out for it is none of them.
    """
    values = {"before": before, "now": now}
    found = (await tx.execute(_FIND, values | {"most": most})).all()
    await tx.execute(_LOCK_SUBJECTS, {"names": list({row.subject for row in found})})
    locked = await tx.execute(_LOCK, values | {"ids": [row.id for row in found]})
    return {row.id: row.subject for row in locked}


async def retire(tx: AsyncConnection, ids: Collection[UUID], now: datetime) -> None:
    """Deletes cases with all that belongs to them. Of one that still hides its subject stays that, without words."""
    these = {"ids": list(ids)}
    for statement in (*_FORGET, _DELETE, _FORGET_APPEALS, _FORGET_WORDS):
        await tx.execute(statement, these)
    await tx.execute(_MARK, these | {"now": now})


async def forget_subjects(tx: AsyncConnection, names: Collection[str]) -> None:
    """Deletes what stands about subjects of which there is no case any more. The transaction holds them."""
    await tx.execute(_DELETE_SUBJECTS, {"names": list(set(names))})
