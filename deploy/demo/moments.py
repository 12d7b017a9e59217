"""When things happened: local office hours in the four weeks before a given now."""

from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
DAYS = 28
# The last posts are minutes old, so that the first page looks as if somebody is there.
FRESH_SHARE = 0.02
FRESH_MINUTES = 7
FRIDAY, SATURDAY = 4, 5
HOURS = {"morning": (7, 9), "lunch": (11, 13), "friday": (15, 18), "": (8, 22)}


def of_message(position: float, when: str, rng: Random, now: datetime, latest: int) -> datetime:
    """The time of the message at a position between 0 (four weeks ago) and 1 (now); `latest` counts from the end."""
    fresh = rng.randint(1, FRESH_MINUTES)
    hours, minute, keeps_weekend = HOURS[when], rng.randint(0, 3599), rng.random() < 0.3
    hour = min(rng.randrange(*hours), rng.randrange(*hours))
    if not when and position > 1 - FRESH_SHARE:
        return now - timedelta(minutes=FRESH_MINUTES * latest + fresh)
    day = (now.astimezone(ZONE) - timedelta(days=1 + int((1 - position) * (DAYS - 1)))).date()
    if when == "friday":
        day += timedelta(days=(FRIDAY - day.weekday()) % 7)
        day -= timedelta(days=7 if day >= now.astimezone(ZONE).date() else 0)
    elif day.weekday() >= SATURDAY and not keeps_weekend:
        day -= timedelta(days=day.weekday() - FRIDAY)
    return (datetime.combine(day, time(hour), ZONE) + timedelta(seconds=minute)).astimezone(UTC)


def of_reply(after: datetime, rng: Random, now: datetime) -> datetime:
    """A time soon after something and before now."""
    minutes = min(rng.randint(1, 400), rng.randint(1, 400))
    return min(after + timedelta(minutes=minutes), after + (now - after) * (minutes / 500))
