"""Numbers in which nobody can be recognised.

A number below `smallest` is not told. From the total and the other numbers it could be worked out, so more of them are
left out until those that are missing are several and together large enough, or the total goes as well (k-anonymity with
complementary suppression).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chassis.problems import WrongState
from services.moderation.domain.cases import Verdict
from services.moderation.domain.reports import Reason
from services.moderation.domain.unmaskings import UnmaskingState

LEAST_MISSING = 2

KINDS = ("posts", "articles", "comments", "groups", "files", "events", "blogs", "people", "photo", "other")
DURATIONS = ("within_a_day", "within_three_days", "within_a_week", "later")
_VERDICTS = tuple(verdict.name for verdict in Verdict if verdict)
_REASONS = tuple(reason.name for reason in Reason)

# What is counted → by what, in this order.
TABLES: Mapping[str, Sequence[str]] = {
    "reports_by_reason": _REASONS,
    "reports_by_kind": KINDS,
    "reports_by_use": ("in_good_faith", "misuse"),
    "cases_by_origin": ("reports", "filters", "both"),
    "cases_by_kind": KINDS,
    "decisions_by_verdict": _VERDICTS,
    "decisions_by_reason": (*_REASONS, "NONE"),
    "decisions_by_duration": DURATIONS,
    "appeals_by_result": ("confirmed", "changed"),
    "decisions_undone": ("undone",),
    "unmaskings_by_state": tuple(state.name for state in UnmaskingState),
}


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers by key, and their sum; None for what is not told."""

    name: str
    cells: Mapping[str, int | None]
    total: int | None


def check_over(year: int, today: date) -> None:
    """Whether a year is over."""
    if year >= today.year:
        raise WrongState("YEAR_NOT_OVER", "The year {year} is not over yet.", year=year)


def anonymous(counts: Mapping[tuple[str, str], int], smallest: int) -> list[Table]:
    """All tables, of counts by table and key."""
    return [_table(name, {key: counts.get((name, key), 0) for key in TABLES[name]}, smallest) for name in TABLES]


def _table(name: str, counts: Mapping[str, int], smallest: int) -> Table:
    missing = {key for key, count in counts.items() if 0 < count < smallest}
    # The smallest of the others go first, since they tell the least.
    others = sorted((key for key, count in counts.items() if count >= smallest), key=lambda key: counts[key])
    while missing and others and not _is_safe(counts, missing, smallest):
        missing.add(others.pop(0))
    total = None if missing and not _is_safe(counts, missing, smallest) else sum(counts.values())
    return Table(name, {key: None if key in missing else count for key, count in counts.items()}, total)


def _is_safe(counts: Mapping[str, int], missing: set[str], smallest: int) -> bool:
    """Whether what is missing is several numbers, and together large enough to be told."""
    return len(missing) >= LEAST_MISSING and sum(counts[key] for key in missing) >= smallest
