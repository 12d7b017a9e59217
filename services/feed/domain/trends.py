"""Tags that more people use than usual."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

LEAST_PEOPLE = 3
DAYS_BEFORE = 14


@dataclass(frozen=True, slots=True)
class Usage:
    """Who used a tag: in the last 24 hours, and the people of each of the 14 days before, added up."""

    tag: str
    people: int
    posts: int
    people_before: int

    @property
    def usual_people(self) -> float:
        """Of an average day."""
        return self.people_before / DAYS_BEFORE

    @property
    def rise(self) -> float:
        """How many times the usual. One person more is always usual, so that a new tag does not rise without end."""
        return self.people / (self.usual_people + 1)


def rising(usages: Sequence[Usage], without: Collection[str] = ()) -> list[Usage]:
    """Those that rise, the steepest first, without some tags. Fewer than 3 people would tell who they are."""
    found = [
        usage
        for usage in usages
        if usage.people >= LEAST_PEOPLE and usage.people > usage.usual_people and usage.tag not in without
    ]
    return sorted(found, key=lambda usage: (-usage.rise, -usage.people, usage.tag))
