"""On which mornings people are written to, and until when it is quiet."""

from datetime import UTC, date, datetime, time

import pytest

from services.feed.domain.digests import day_of, due_digests, quiet_until
from services.feed.domain.notifications import Digest, QuietHours

AMSTERDAM = "Europe/Amsterdam"
NIGHT = QuietHours(time(22), time(7))
SUNDAY, MONDAY, TUESDAY = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 23, 6, 29, tzinfo=UTC), SUNDAY),
        (datetime(2026, 11, 23, 6, 30, tzinfo=UTC), MONDAY),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), MONDAY),
        (datetime(2026, 7, 6, 5, 30, tzinfo=UTC), date(2026, 7, 6)),
    ],
)
def test_a_day_begins_with_its_morning(moment: datetime, day: date) -> None:
    assert day_of(moment, AMSTERDAM) == day


@pytest.mark.parametrize(
    ("planned", "day", "due"),
    [
        (MONDAY, MONDAY, ()),
        (MONDAY, TUESDAY, (Digest.DAILY,)),
        (SUNDAY, MONDAY, (Digest.DAILY, Digest.WEEKLY)),
        (date(2026, 11, 20), SUNDAY, ()),
        (date(2026, 11, 20), TUESDAY, (Digest.DAILY, Digest.WEEKLY)),
        (date(2020, 1, 1), SUNDAY, (Digest.DAILY, Digest.WEEKLY)),
    ],
)
def test_what_was_missed_is_made_up_for_once(planned: date, day: date, due: tuple[Digest, ...]) -> None:
    assert due_digests(planned, day) == due


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (datetime(2026, 11, 25, 20, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 25, 21, 0, tzinfo=UTC), datetime(2026, 11, 26, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 26, 5, 0, tzinfo=UTC), datetime(2026, 11, 26, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 26, 6, 0, tzinfo=UTC), None),
    ],
)
def test_it_is_quiet_over_midnight(moment: datetime, until: datetime | None) -> None:
    assert quiet_until(NIGHT, moment, AMSTERDAM) == until


def test_quiet_hours_are_those_of_the_persons_own_time_zone() -> None:
    quiet = QuietHours(time(22), time(7), "America/New_York")
    moment = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
    assert quiet_until(quiet, moment, AMSTERDAM) == datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment", [datetime(2026, 10, 25, 1, 15, tzinfo=UTC), datetime(2026, 3, 29, 0, 45, tzinfo=UTC)]
)
def test_the_end_lies_ahead_where_the_clock_is_changed(moment: datetime) -> None:
    until = quiet_until(QuietHours(time(1), time(2, 30)), moment, AMSTERDAM)
    assert until is not None
    assert until > moment
