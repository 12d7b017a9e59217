"""What cases add up to, counted from the cases that there are and kept of those that are gone."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.cases import Verdict
from services.moderation.domain.reports import Reason
from services.moderation.domain.unmaskings import UnmaskingState

Counts = dict[tuple[str, str], int]

# The last part but one of a name says what it is, unless it ends in a word of its own.
_KIND = """CASE WHEN {name} LIKE 'people/%/photo' THEN 'photo'
    WHEN {name} LIKE 'groups/%/files/%' THEN 'files' WHEN {name} LIKE 'groups/%/events/%' THEN 'events'
    WHEN split_part({name}, '/', 1) IN ('posts', 'articles', 'comments', 'groups', 'blogs', 'people')
        THEN split_part({name}, '/', 1) ELSE 'other' END"""


def _named(column: str, kind: Any) -> str:
    """A number as its name, or NONE."""
    names = " ".join(f"WHEN {member.value} THEN '{member.name}'" for member in kind)
    return f"CASE {column} {names} ELSE 'NONE' END"


# Each counts one thing once: when it happened, what is counted, and under what.
_COUNTED = f"""
    SELECT reports.create_time AS moment, 'reports_by_reason' AS counted, {_named("reports.reason", Reason)} AS key
        FROM reports JOIN chosen ON chosen.id = reports.case_id
    UNION ALL SELECT reports.create_time, 'reports_by_kind', {_KIND.format(name="reports.subject")}
        FROM reports JOIN chosen ON chosen.id = reports.case_id
    UNION ALL SELECT reports.create_time, 'reports_by_use', CASE WHEN misuse THEN 'misuse' ELSE 'in_good_faith' END
        FROM reports JOIN chosen ON chosen.id = reports.case_id
    UNION ALL SELECT create_time, 'cases_by_origin', CASE WHEN held_by = '{{}}' THEN 'reports'
        WHEN report_count = 0 THEN 'filters' ELSE 'both' END FROM chosen
    UNION ALL SELECT create_time, 'cases_by_kind', {_KIND.format(name="subject")} FROM chosen
    UNION ALL SELECT first.create_time, 'decisions_by_verdict', {_named("first.verdict", Verdict)} FROM first
    UNION ALL SELECT first.create_time, 'decisions_by_reason', {_named("first.reason", Reason)} FROM first
    UNION ALL SELECT first.create_time, 'decisions_by_duration', CASE
        WHEN first.create_time - chosen.create_time <= interval '1 day' THEN 'within_a_day'
        WHEN first.create_time - chosen.create_time <= interval '3 days' THEN 'within_three_days'
        WHEN first.create_time - chosen.create_time <= interval '7 days' THEN 'within_a_week' ELSE 'later' END
        FROM first JOIN chosen ON chosen.id = first.case_id
    UNION ALL SELECT second.create_time, 'appeals_by_result',
        CASE WHEN (second.verdict, second.content_verdict) = (first.verdict, first.content_verdict)
            THEN 'confirmed' ELSE 'changed' END
        FROM decisions AS second JOIN LATERAL (
            SELECT verdict, content_verdict FROM first WHERE first.case_id = second.case_id
            ORDER BY first.id DESC LIMIT 1
        ) AS first ON true WHERE second.on_appeal
    UNION ALL SELECT first.end_time, 'decisions_undone', 'undone' FROM first WHERE first.end_explanation <> ''
    UNION ALL SELECT unmaskings.create_time, 'unmaskings_by_state', {_named("unmaskings.state", UnmaskingState)}
        FROM unmaskings JOIN chosen ON chosen.id = unmaskings.case_id"""
_COUNT = f"""
    WITH chosen AS (SELECT * FROM cases WHERE retire_time IS NULL AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(:ids))),
    first AS (
        SELECT decisions.* FROM decisions JOIN chosen ON chosen.id = decisions.case_id WHERE NOT decisions.on_appeal
    ),
    counted AS ({_COUNTED})
    SELECT extract(year FROM moment AT TIME ZONE :zone)::smallint AS year, counted, key, count(*) AS count
    FROM counted GROUP BY 1, 2, 3"""
_OF_YEAR = sa.text(f"""
    SELECT counted, key, sum(count)::bigint AS number FROM ({_COUNT} UNION ALL SELECT * FROM statistics) AS every
    WHERE year = :year GROUP BY counted, key""")
_KEEP = sa.text(f"""
    INSERT INTO statistics {_COUNT}
    ON CONFLICT (year, counted, key) DO UPDATE SET count = statistics.count + excluded.count""")


async def of_year(tx: AsyncConnection, year: int, zone: str) -> Counts:
    """What happened in a year of a time zone, by what is counted and by key; what did not happen is not there."""
    rows = await tx.execute(_OF_YEAR, {"year": year, "zone": zone, "ids": None})
    return {(row.counted, row.key): row.number for row in rows}


async def keep(tx: AsyncConnection, ids: Collection[UUID], zone: str) -> None:
    """Adds what these cases add up to, to what is kept: they are about to go, and are locked."""
    await tx.execute(_KEEP, {"ids": list(ids), "zone": zone})
