"""Erasing people: what is left of somebody is nothing, or words of a former colleague."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from chassis.problems import WrongState

# The version of an id that an application makes by rules of its own (RFC 9562); people's ids are of others.
_OWN_VERSION = 8


class Mode(IntEnum):
    """What becomes of the articles of somebody who is erased."""

    REMOVE = 1
    ANONYMISE = 2


@dataclass(frozen=True, slots=True)
class Erasure:
    """One person's erasing. `stand_in` takes the person's place where a row needs somebody: see `stand_in`.

    `step` is what is worked at; all are gone through again until nothing was `found` any more. `counts` tells what was
    erased, by sort.
    """

    id: UUID
    person: UUID
    stand_in: UUID
    mode: Mode
    create_time: datetime
    step: int = 0
    found: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    finish_time: datetime | None = None

    @property
    def name(self) -> str:
        return f"erasures/{self.id}"

    def asked_again(self, mode: Mode) -> "Erasure":
        """The erasing, begun again: what came since goes too. What was to be anonymised may be removed instead."""
        if self.mode is Mode.REMOVE and mode is not Mode.REMOVE:
            raise WrongState("REMOVED_ALREADY", "What the person wrote is being removed, or was.")
        return replace(self, mode=mode, step=0, found=False, finish_time=None)

    def erased(self, sort: str, count: int) -> "Erasure":
        """The erasing when so much of what the step looks for was erased; none ends the step."""
        if count == 0:
            return replace(self, step=self.step + 1)
        return replace(self, found=True, counts={**self.counts, sort: self.counts.get(sort, 0) + count})

    def gone_through(self, now: datetime) -> "Erasure":
        """The erasing after its last step: it begins again when there was something, and ends when there was not."""
        return replace(self, step=0, found=False) if self.found else replace(self, finish_time=now)


def stand_in(random: UUID) -> UUID:
    """An id in the place of somebody's, from a random one. It tells of itself that it is nobody's."""
    return UUID(int=random.int & ~(0xF << 76) | _OWN_VERSION << 76)


def is_stand_in(person: UUID) -> bool:
    """Whether an author is somebody who was erased."""
    return person.version == _OWN_VERSION
