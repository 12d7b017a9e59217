"""When people are written to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.feed.domain.notifications import Digest, QuietHours

MORNING = time(7, 30)
MONDAY, SATURDAY = 0, 5


def day_of(moment: datetime, time_zone: str) -> date:
    """The last day in a time zone whose morning has come."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)


def due_digests(planned: date, day: date) -> tuple[Digest, ...]:
    """Which mails are due on a day when all was planned up to an earlier one: of what was missed, one of each sort."""
    missed = list(_days(planned, day))
    daily = [Digest.DAILY] if any(missed_day.weekday() < SATURDAY for missed_day in missed) else []
    weekly = [Digest.WEEKLY] if any(missed_day.weekday() == MONDAY for missed_day in missed) else []
    return (*daily, *weekly)


def quiet_until(quiet: QuietHours | None, moment: datetime, time_zone: str) -> datetime | None:
    """When the quiet ends that there is at a moment, or None when there is none; `time_zone` is the organisation's."""
    if quiet is None:
        return None
    zone = ZoneInfo(quiet.time_zone or time_zone)
    local = moment.astimezone(zone)
    if not quiet.cover(local.time()):
        return None
    day = local.date() if quiet.end > local.time() else local.date() + timedelta(days=1)
    # Where the clock is put back, the end comes twice, and the later one counts; where it is put on, perhaps never.
    end = datetime.combine(day, quiet.end, zone).replace(fold=1).astimezone(UTC)
    return max(end, moment + timedelta(minutes=1))


def _days(after: date, until: date) -> Iterator[date]:
    for number in range(max(after.toordinal(), until.toordinal() - 7) + 1, until.toordinal() + 1):
        yield date.fromordinal(number)
