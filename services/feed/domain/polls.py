"""Polls: what can be asked, and how votes are counted."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.problems import BadInput, WrongState
from services.feed.domain.texts import graphemes, normalised

MOST_CHOICE_CHARACTERS = 80
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Poll:
    """A question's choices, and how many chose each."""

    choices: tuple[str, ...]
    multiple: bool
    end_time: datetime
    vote_counts: tuple[int, ...]
    voter_count: int = 0

    def asks_as(self, other: "Poll | None") -> bool:
        """Whether both ask the same, whatever was voted."""
        if other is None:
            return False
        mine, its = (poll.choices for poll in (self, other))
        return mine == its and (self.multiple, self.end_time) == (other.multiple, other.end_time)

    def check_end(self, now: datetime) -> None:
        """Voting lasts from 5 minutes to 31 days."""
        if not now + SHORTEST <= self.end_time <= now + LONGEST:
            sentence = "A poll ends from 5 minutes to 31 days ahead."
            raise BadInput("POLL_END_OUT_OF_RANGE", sentence, field="post.poll.end_time")

    def votes(self, places: Sequence[int], now: datetime) -> int:
        """The choices at these places as bits, if somebody may vote so now."""
        if now >= self.end_time:
            raise WrongState("POLL_ENDED", "The poll has ended.")
        if not places or not all(0 <= place < len(self.choices) for place in places):
            raise BadInput("NO_SUCH_CHOICE", "The poll has no such choice.", field="choices")
        if not self.multiple and len(places) > 1:
            raise BadInput("ONE_CHOICE_ONLY", "One can choose only one.", field="choices")
        return sum(1 << place for place in set(places))

    def with_votes(self, before: int, after: int) -> "Poll":
        """The poll when the votes of one person change; 0 is somebody who has not voted."""
        counts = tuple(
            count - (before >> place & 1) + (after >> place & 1) for place, count in enumerate(self.vote_counts)
        )
        return replace(self, vote_counts=counts, voter_count=self.voter_count + bool(after) - bool(before))


def asked(choices: Sequence[str], multiple: bool, end_time: datetime) -> Poll:
    """Checks the choices of a new poll; when it may end is for `check_end`."""
    written = tuple(" ".join(normalised(choice).split()) for choice in choices)
    for place, choice in enumerate(written):
        if not 1 <= (count := graphemes(choice)) <= MOST_CHOICE_CHARACTERS:
            sentence = "A choice has 1 to {most} characters, and this one has {count}."
            field = f"post.poll.choices[{place}].text"
            raise BadInput("CHOICE_LENGTH", sentence, field=field, most=MOST_CHOICE_CHARACTERS, count=count)
    if len({unicodedata.normalize("NFKC", choice).casefold() for choice in written}) < len(written):
        raise BadInput("CHOICES_ALIKE", "Two choices of the poll are the same.", field="post.poll.choices")
    return Poll(written, multiple, end_time, (0,) * len(written))
