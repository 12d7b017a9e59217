"""Erasing people from what was reported and decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

# The version of an id that an application makes by rules of its own (RFC 9562); people's ids are of others.
_OWN_VERSION = 8


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a person was erased; `stand_in` is in the person's place wherever a row needs somebody."""

    id: UUID
    person: UUID
    stand_in: UUID
    create_time: datetime
    finish_time: datetime
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"erasures/{self.id}"

    def erased(self, counts: Mapping[str, int], now: datetime) -> "Erasure":
        """With what was erased besides."""
        sums = {sort: self.counts.get(sort, 0) + count for sort, count in counts.items()}
        return replace(self, counts={**self.counts, **sums}, finish_time=now)


def stand_in(random: UUID) -> UUID:
    """An id in the place of somebody's, from a random one. It tells of itself that it is nobody's."""
    return UUID(int=random.int & ~(0xF << 76) | _OWN_VERSION << 76)
