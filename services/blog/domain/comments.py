"""Comments: what can be said, changed and counted, and in which order threads stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

import regex

from chassis.problems import BadInput, NotAllowed, Stale, WrongState
from services.blog.domain.drafts import normalised

MOST_CHARACTERS = 10_000
# Of its HTML, which marks can make much longer than the text.
MOST_HTML_CHARACTERS = 40_000
REACTIONS = 6
# Who holds it speaks for the management.
MANAGEMENT = "management"

_BLANKS = regex.compile(r"\s+")
# At the end of a sentence: within an address, or between letters, the mark asks nothing.
_QUESTION = regex.compile(r"[\p{L}\p{N}\p{M})\]\"'’”»*_`…][?？؟]+[)\]\"'’”»!*_]*(?=\s|$)")
_ADDRESS = regex.compile(r"\S*://\S+")


class Voice(IntEnum):
    """In whose name somebody speaks, as in the .proto."""

    OWN = 0
    AUTHOR = 1
    MANAGEMENT = 2


class Order(IntEnum):
    """How threads are listed, as in the .proto."""

    NEWEST = 1
    OLDEST = 2
    MOST_DISCUSSED = 3
    QUESTIONS_FIRST = 4


class Place(NamedTuple):
    """Where a list of threads goes on: after the thread of this rank and id, in the state as of the id `as_of`.

    The rank is the number of replies, whether it is a question, or 0, as the order has it.
    """

    as_of: UUID
    rank: int
    thread: UUID


@dataclass(frozen=True, slots=True)
class Words:
    """What a comment says: Markdown, what was made of it, and whom it mentions."""

    text: str
    html: str
    plain_text: str
    mentions: tuple[UUID, ...] = ()

    @property
    def said(self) -> tuple[str, str]:
        """All that can be read in it, and where its links lead, for filters to look through."""
        return self.text, self.plain_text


NOTHING = Words("", "", "")


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about an article. `thread` is the comment at the top, itself for one on the article.

    `hidden` keeps others than the author from seeing it, `removed` everybody. `revision` counts what it said,
    `version` every change.
    """

    id: UUID
    article: UUID
    author: UUID
    words: Words
    thread: UUID
    create_time: datetime
    reply_to: UUID | None = None
    depth: int = 0
    voice: Voice = Voice.OWN
    question: bool = False
    hidden: bool = False
    removed: bool = False
    reaction_counts: tuple[int, ...] = (0,) * REACTIONS
    edit_time: datetime | None = None
    delete_time: datetime | None = None
    revision: int = 1
    version: int = 1

    @property
    def name(self) -> str:
        return f"comments/{self.id}"

    @property
    def etag(self) -> str:
        """Tells apart what it said at different times."""
        return f'"{self.revision}"'

    @property
    def is_top(self) -> bool:
        return self.reply_to is None

    def stands_for(self, viewer: UUID) -> bool:
        """Whether there is something to see of it for somebody who may meet its author."""
        return self.delete_time is None and not self.removed and (not self.hidden or viewer == self.author)

    def edit_until(self, minutes: int) -> datetime:
        """Until when its author may change it."""
        return self.create_time + timedelta(minutes=minutes)

    def edited(self, words: Words, etag: str, now: datetime, minutes: int, *, held: bool = False) -> "Comment":
        """The comment with other words; itself if they are the same. Whether it asks is as it was, so pages stay.

        When it is `held`, others see it once moderators have judged it.
        """
        if etag and etag != self.etag:
            raise Stale("COMMENT_CHANGED", "The comment changed since you read it.")
        if now >= self.edit_until(minutes):
            sentence = "A comment can be changed for {minutes} minutes after it was written."
            raise WrongState("EDIT_WINDOW_CLOSED", sentence, minutes=minutes)
        if (words.text, words.mentions) == (self.words.text, self.words.mentions):
            return self
        changed = replace(self, words=words, edit_time=now, hidden=self.hidden or held)
        return replace(changed, revision=self.revision + 1, version=self.version + 1)

    def check_author(self, person: UUID) -> None:
        """Refuses who sees the comment, and did not write it."""
        if person != self.author:
            raise NotAllowed("NOT_YOUR_COMMENT", "Only its author can change or delete a comment.")

    def deleted(self, now: datetime) -> "Comment":
        """What is left of it: its place, and nothing that it said."""
        return replace(self, words=NOTHING, delete_time=now, version=self.version + 1)

    def without_author(self, stand_in: UUID) -> "Comment":
        """The comment when its author is erased, and the words stay."""
        return replace(self, author=stand_in, version=self.version + 1)

    def without_mention(self, person: UUID, html: str) -> "Comment":
        """The comment that leads to a person no more, who was erased; as a word the handle stays."""
        mentions = tuple(one for one in self.words.mentions if one != person)
        return replace(self, words=replace(self.words, html=html, mentions=mentions), version=self.version + 1)

    def moderated(self, *, hidden: bool, removed: bool) -> "Comment":
        """The comment as moderators want it."""
        return replace(self, hidden=hidden, removed=removed, version=self.version + 1)

    def with_reaction(self, before: int, after: int) -> "Comment":
        """The comment when one person's reaction changes; 0 is none."""
        counts = list(self.reaction_counts)
        if before:
            counts[before - 1] = max(0, counts[before - 1] - 1)
        if after:
            counts[after - 1] += 1
        return replace(self, reaction_counts=tuple(counts), version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Discussion:
    """What is said about an article. `closed_by` closed it at `close_time`."""

    article: UUID
    closed_by: UUID | None = None
    close_time: datetime | None = None
    version: int = 0

    @property
    def name(self) -> str:
        return f"articles/{self.article}/discussion"

    @property
    def closed(self) -> bool:
        return self.close_time is not None

    def closed_now(self, person: UUID, now: datetime) -> "Discussion":
        """The discussion, closed; itself if it is."""
        if self.closed:
            return self
        return replace(self, closed_by=person, close_time=now, version=self.version + 1)

    def opened(self) -> "Discussion":
        """The discussion, open; itself if it is."""
        if not self.closed:
            return self
        return replace(self, closed_by=None, close_time=None, version=self.version + 1)

    def check_open(self) -> None:
        """Refuses comments where the article's authors closed the discussion."""
        if self.closed:
            raise WrongState("DISCUSSION_CLOSED", "The authors of the article closed the discussion.")


def checked_text(text: str) -> str:
    """A text as it is stored; BadInput for one that says nothing, or too much."""
    text = normalised(text)
    if not text:
        raise BadInput("EMPTY_COMMENT", "A comment needs a text.", field="comment.text")
    if len(text) > MOST_CHARACTERS:
        sentence = "A comment has at most {most} characters, and this one has {count}."
        raise BadInput("COMMENT_TOO_LONG", sentence, field="comment.text", most=MOST_CHARACTERS, count=len(text))
    return text


def check_html(html: str) -> None:
    """Refuses a text of so many marks that nobody could load what is made of it."""
    if len(html) > MOST_HTML_CHARACTERS:
        sentence = "The comment has too many links, mentions or other marks."
        raise BadInput("TOO_MANY_MARKS", sentence, field="comment.text")


def asks(plain_text: str) -> bool:
    """Whether a text without marks asks something: a sentence of it ends with a question mark."""
    return _QUESTION.search(_BLANKS.sub(" ", _ADDRESS.sub(" ", plain_text))) is not None


def voice(*, is_author: bool, roles: Collection[str]) -> Voice:
    """In whose name somebody speaks: as one of the article's authors before anything else."""
    if is_author:
        return Voice.AUTHOR
    return Voice.MANAGEMENT if MANAGEMENT in roles else Voice.OWN


def moment_of(id_: UUID) -> datetime:
    """When a UUIDv7 was made, to the millisecond."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


def in_order(names: Sequence[UUID], found: Collection[Comment]) -> list[Comment]:
    """Comments in the order in which they were asked for, each once."""
    by_id = {comment.id: comment for comment in found}
    return [by_id[id_] for id_ in dict.fromkeys(names) if id_ in by_id]
