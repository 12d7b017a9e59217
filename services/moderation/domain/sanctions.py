"""Until when people are mute and kept out, as all decisions about them together say."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Sanction:
    """What one person is under. Identity was told `told_until` last, and hears the next when that is due."""

    person: UUID
    muted_until: datetime | None = None
    suspended_until: datetime | None = None
    told_until: datetime | None = None
    due_time: datetime | None = None
    version: int = 0

    @property
    def name(self) -> str:
        return f"people/{self.person}"

    def decided(self, muted: datetime | None, suspended: datetime | None, now: datetime) -> "Sanction":
        """As the decisions that count say now. What was muted until a moment that has passed is so no more."""
        fresh = replace(self, muted_until=muted, suspended_until=suspended)
        if suspended != self.told_until:
            fresh = replace(fresh, due_time=now)
        return self if fresh == self else replace(fresh, version=self.version + 1)

    def owed(self, now: datetime) -> datetime | None:
        """Until when identity is to keep the person out, seen from now: not at all once that has passed."""
        return self.suspended_until if self.suspended_until and self.suspended_until > now else None

    def told(self, until: datetime | None) -> "Sanction":
        """With what identity heard; it hears of the end when that comes."""
        return replace(self, suspended_until=until, told_until=until, due_time=until, version=self.version + 1)

    def put_off(self, patience: timedelta, now: datetime) -> "Sanction":
        """To be told later."""
        return replace(self, due_time=now + patience)
