"""Erasing people: nothing is left of somebody, or what they made as that of a former colleague."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from chassis.problems import WrongState


class Mode(IntEnum):
    """What becomes of what somebody made who is erased; ErasureMode of the API."""

    REMOVE = 1
    ANONYMISE = 2


@dataclass(frozen=True, slots=True)
class Erasure:
    """One person's erasing. `counts` tells what was erased, by sort."""

    id: UUID
    person: UUID
    mode: Mode
    create_time: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    finish_time: datetime | None = None

    @property
    def name(self) -> str:
        return f"erasures/{self.id}"

    def asked_again(self, mode: Mode) -> "Erasure":
        """The erasing, begun again: what came since goes too. What was to be anonymised may be removed instead."""
        if self.mode is Mode.REMOVE and mode is not Mode.REMOVE:
            raise WrongState("REMOVED_ALREADY", "What the person made is being removed, or was.")
        return replace(self, mode=mode, finish_time=None)

    def erased(self, sort: str, count: int) -> "Erasure":
        """The erasing when so much more was erased."""
        return replace(self, counts={**self.counts, sort: self.counts.get(sort, 0) + count})
