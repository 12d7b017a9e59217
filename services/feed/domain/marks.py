"""What one person did with one post."""

from dataclasses import dataclass

REACTIONS = 6
# Of a poll; the votes are bits of a byte.
MOST_CHOICES = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """One person's reaction (0 is none), bookmark, plain reshare, and votes in the poll (a bit for each choice)."""

    reaction: int = 0
    bookmarked: bool = False
    reshared: bool = False
    votes: int = 0

    @property
    def packed(self) -> bytes:
        """Three bytes that tell it all: they lie in the cache, and equal ones show alike."""
        return bytes((self.reaction, self.bookmarked | self.reshared << 1, self.votes))


UNMARKED = Mark()
