"""Whom somebody may want to follow, and why."""

from dataclasses import dataclass
from uuid import UUID

# What each sort of reason adds to the strength of a suggestion.
FOLLOWED_BY_WEIGHT, GROUP_WEIGHT, TAG_WEIGHT, DEPARTMENT_WEIGHT = 3, 2, 2, 2
# A group of everybody says nothing about two of its members.
MOST_MEMBERS = 500
# Of the people whom one follows, and of whom each of these follows, the newest.
MOST_FRIENDS, MOST_FOLLOWS = 300, 200
# Of the caller's interests and of the use of each, the newest.
MOST_TAGS, MOST_USES, INTEREST_DAYS = 20, 100, 90
SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A person, how strong the reasons are together, and some of each sort."""

    person: UUID
    strength: int
    followed_by_count: int = 0
    followed_by: tuple[UUID, ...] = ()
    shared_groups: tuple[UUID, ...] = ()
    shared_tags: tuple[str, ...] = ()
    same_department: bool = False
