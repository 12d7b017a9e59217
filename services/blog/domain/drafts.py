"""Drafts: what an article says next, and what of it is kept."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import regex

from chassis.problems import BadInput, Stale
from services.blog.domain.articles import Content
from services.blog.domain.blogs import Cover

# Editors save every few seconds; what somebody would want to go back to is older than that.
KEPT_EVERY = timedelta(minutes=10)
SHARED_DAYS = 14
MOST_SHARES = 50

_IMAGE = regex.compile(r"articleImages/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody saved last, as the `revision`th time; `keep_time` is when a revision was last kept."""

    article: UUID
    content: Content
    person: UUID
    update_time: datetime
    keep_time: datetime
    revision: int = 1

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'

    def check_read(self, etag: str) -> None:
        """Whether somebody who read it with this etag knows what stands there; the facts say what does."""
        if etag and etag != self.etag:
            raise Stale(
                "DRAFT_CHANGED",
                "Somebody saved another version since you read the draft.",
                etag=self.etag,
                person=f"people/{self.person}",
                update_time=self.update_time.isoformat(),
            )

    def saved(self, content: Content, person: UUID, now: datetime) -> "Draft":
        """The draft when somebody saves this; itself if it says so already."""
        if content == self.content:
            return self
        kept = now if self.is_kept_from(person, now) else self.keep_time
        return Draft(self.article, content, person, now, kept, self.revision + 1)

    def is_kept_from(self, person: UUID, now: datetime) -> bool:
        """Whether what stands there is kept as a revision when this person saves something else now."""
        return self.person != person or now - self.keep_time >= KEPT_EVERY

    def restored(self, content: Content, person: UUID, now: datetime) -> "Draft":
        """The draft when it says again what it said before; what stands there is kept in any case."""
        draft = self.saved(content, person, now)
        return draft if draft is self else replace(draft, keep_time=now)


@dataclass(frozen=True, slots=True)
class Revision:
    """What a draft said as the `number`th time, and when readers began to see that, if they did."""

    article: UUID
    number: int
    content: Content
    person: UUID
    create_time: datetime
    publish_time: datetime | None = None


def content(title: str, text: str, summary: str, cover: Cover | None = None) -> Content:
    """What an article is to say, in the one form in which it is stored."""
    return Content(normalised(title), normalised(text), normalised(summary), cover)


def normalised(text: str) -> str:
    """A text composed, with one sort of line end, and without blanks around it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def image_ids(text: str) -> list[UUID]:
    """The images that stand in a Markdown text, wherever in it."""
    return [UUID(found) for found in dict.fromkeys(_IMAGE.findall(text))]


def check_shares(count: int) -> None:
    """Whether a draft can be shared with one more."""
    if count >= MOST_SHARES:
        sentence = "A draft is shared with at most {most} people."
        raise BadInput("TOO_MANY_SHARES", sentence, field="person", most=MOST_SHARES)
