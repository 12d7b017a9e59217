"""What people type to find groups, and why a group is suggested to somebody."""

from dataclasses import dataclass
from uuid import UUID

import regex

# Longer questions are cut off: each word is a look into the index.
MOST_WORDS = 20
# What each sort of reason adds to the strength of a suggestion.
FELLOW_WEIGHT, TAG_WEIGHT, COLLEAGUE_WEIGHT = 3, 2, 1
# A group of many says little about two of its members.
MOST_MEMBERS = 150
MOST_FELLOWS, MOST_COLLEAGUES = 200, 200
SHOWN_REASONS = 3

# As PostgreSQL's `search_words` has them (migration 0002).
_WORD = regex.compile(r"[\p{L}\p{N}]+")


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a group is suggested: how strongly, and some of each sort."""

    strength: int
    fellow_count: int = 0
    fellows: tuple[UUID, ...] = ()
    shared_tags: tuple[str, ...] = ()
    colleague_count: int = 0


def words(query: str) -> list[str]:
    """The words of a question, in their order."""
    return _WORD.findall(query)[:MOST_WORDS]
