"""What people may do with each other, and what they want not to read."""

from collections.abc import Sized
from dataclasses import dataclass
from uuid import UUID

from chassis.problems import WrongState

MOST_MUTED = 1_000


@dataclass(frozen=True, slots=True)
class Silence:
    """What somebody muted: people, threads (by their roots) and groups by the integers of their UUIDs, and tags."""

    people: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    threads: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()


NOTHING_MUTED = Silence()


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What feed keeps of what HR knows of a person. The department is empty when HR does not tell."""

    person: UUID
    department: str


def check_block(person: UUID, other: UUID) -> None:
    """Nobody blocks oneself."""
    if person == other:
        raise WrongState("BLOCKS_ONESELF", "You cannot block yourself.")


def check_mute(person: UUID, target: UUID | str, muted: Sized) -> None:
    """Nobody mutes oneself, or more of a kind than a process can hold for everybody; `muted` are those of the kind."""
    if person == target:
        raise WrongState("MUTES_ONESELF", "You cannot mute yourself.")
    if len(muted) >= MOST_MUTED:
        raise WrongState("TOO_MANY_MUTED", "You can mute {most} of a kind, and no more.", most=MOST_MUTED)
