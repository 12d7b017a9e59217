"""Spans of time, newest first, in which posts are looked for: a few thousand posts, then four times as many, and so on.

So a common word is looked for among the newest posts alone, and a rare one in few steps among all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

FIRST_POSTS = 4000
GROWTH = 4
MOST_GROWN = 5
MOST_MARKS = 16
# The marks of time of `search_marks` (migration 0024), with their hours.
STEPS = (("~a", 8), ("~b", 128), ("~c", 2048))

OLDEST = UUID(int=0)
NEWEST = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class Span:
    """Ids from `low` up to, but not including, `high`. Each of them has one of the marks, unless there are none."""

    low: UUID
    high: UUID
    marks: tuple[str, ...] = ()


def spans(low: UUID, high: UUID, newest: UUID | None, edge: UUID | None) -> Iterator[Span]:
    """Spans that together are the ids from `low` up to `high`.

    `newest` is the newest post in them, `edge` the one that has FIRST_POSTS newer ones; None if there is none.
    """
    if newest is not None and edge is not None:
        begin = hour(edge)
        hours = hour(newest) - begin + 1
        yield Span(edge, high, time_marks(begin, hour(newest)))
        high = edge
        for _ in range(MOST_GROWN):
            hours *= GROWTH
            end, begin = begin, begin - hours
            start = max(low, _first_id(begin))
            yield Span(start, high, time_marks(begin, end))
            high = start
            if start == low:
                return
    yield Span(low, high)


def time_marks(first_hour: int, last_hour: int) -> tuple[str, ...]:
    """The fewest marks that cover these hours, or none where that would be too many."""
    for sign, hours in STEPS:
        numbers = range(max(0, first_hour) // hours, last_hour // hours + 1)
        if len(numbers) <= MOST_MARKS:
            return tuple(f"{sign}{number}" for number in numbers)
    return ()


def hour(id_: UUID) -> int:
    """The hour since 1970 in which something with this UUIDv7 was made."""
    return (id_.int >> 80) // 3_600_000


def first_id(moment: datetime) -> UUID:
    """What is made from then on has this id or one after it. Of a moment before 1970 it is the very first."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _first_id(hour_: int) -> UUID:
    return UUID(int=max(0, hour_) * 3_600_000 << 80)
