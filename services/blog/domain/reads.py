"""How often articles are read, without who reads them: docs/decisions/0012-reads-without-readers.md."""

import hmac
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

KEY_BYTES = 32
MARK_BYTES = 16
# Fewer would show one reader come.
STEP = 10


def mark(key: bytes, article: UUID, person: UUID) -> bytes:
    """What stands for that somebody read an article on the day of the key. Without the key it tells nothing."""
    return hmac.digest(key, article.bytes + person.bytes, "sha256")[:MARK_BYTES]


def told(count: int) -> int:
    """How many reads others are told of."""
    return count - count % STEP


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day in the organisation's time zone."""
    return moment.astimezone(zone).date()


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """When a day is over, and its key is to be gone."""
    return datetime.combine(day + timedelta(days=1), time.min, zone)
