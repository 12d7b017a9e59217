"""Articles: what readers see of them, and who may change that."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

import regex

from chassis.problems import BadInput, NotAllowed, Stale, WrongState
from services.blog.domain.blogs import Audience, Cover, Role

WORDS_A_MINUTE = 230
MOST_SLUG_LETTERS = 80
# Of an id, at the end of a slug: enough that no two articles share it.
END_LETTERS = 12
BEGINNING_LETTERS = 300
FURTHEST_AHEAD = timedelta(days=366)
NO_RIGHT, NOTHING_TO_SAY = "NO_RIGHT", "NOTHING_TO_SAY"

_NOT_IN_SLUG = regex.compile(r"[^\p{L}\p{N}]+")
_MARK = regex.compile(r"\p{Mn}+")
_END = regex.compile(f"[0-9a-f]{{{END_LETTERS}}}")


class State(IntEnum):
    """Where an article is on its way, as ArticleState."""

    DRAFT = 1
    SCHEDULED = 2
    PUBLISHED = 3


@dataclass(frozen=True, slots=True)
class Content:
    """What an article says."""

    title: str = ""
    text: str = ""
    summary: str = ""
    cover: Cover | None = None

    def said(self, plain_text: str) -> list[str]:
        """All that can be read in it, and where its links lead, for filters to look through."""
        return [self.title, self.summary, self.text, plain_text, self.cover.alt_text if self.cover else ""]

    @property
    def is_whole(self) -> bool:
        """Whether there is something to publish."""
        return bool(self.title and self.text)


@dataclass(frozen=True, slots=True)
class Published:
    """What readers see: the content, and what was made of its text when it was published."""

    content: Content = Content()
    html: str = ""
    plain_text: str = ""
    tags: tuple[str, ...] = ()
    mentions: tuple[UUID, ...] = ()
    reading_minutes: int = 0

    @property
    def said(self) -> list[str]:
        """All that can be read in it, for filters to look through."""
        return self.content.said(self.plain_text)

    @property
    def summary(self) -> str:
        """A few sentences for lists: the author's, or the beginning of the text."""
        return self.content.summary or beginning(self.plain_text)


@dataclass(frozen=True, slots=True)
class Article:
    """An article without its draft. `draft_title` is what the draft is called, `publish_time` when it first came out.

    `published_revision` is the draft's revision that readers see or saw last, 0 for none; `hidden` keeps others than
    the author from seeing it, `removed` everybody.
    """

    id: UUID
    blog: UUID
    author: UUID
    audience: Audience
    create_time: datetime
    state: State = State.DRAFT
    published: Published = Published()
    published_revision: int = 0
    draft_title: str = ""
    slug: str = ""
    series: UUID | None = None
    publish_time: datetime | None = None
    edit_time: datetime | None = None
    schedule_time: datetime | None = None
    scheduled_by: UUID | None = None
    schedule_problem: str = ""
    hidden: bool = False
    removed: bool = False
    version: int = 1

    @property
    def name(self) -> str:
        return f"articles/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    @property
    def is_out(self) -> bool:
        """Whether it has readers."""
        return self.state is State.PUBLISHED

    def moderated(self, *, hidden: bool, removed: bool) -> "Article":
        """The article as moderators want it."""
        return replace(self, hidden=hidden, removed=removed, version=self.version + 1)

    def meant_for(self, audience: Audience, etag: str) -> "Article":
        """The article for others than before; itself if that is the same."""
        if etag and etag != self.etag:
            raise Stale("ARTICLE_CHANGED", "The article changed since you read it.")
        return self if audience == self.audience else replace(self, audience=audience, version=self.version + 1)

    def released(self, published: Published, revision: int, now: datetime, *, held: bool = False) -> "Article":
        """The article with readers who see this, or will once moderators judged what is `held`.

        It is edited when there were some before.
        """
        return replace(
            self,
            state=State.PUBLISHED,
            hidden=self.hidden or held,
            published=published,
            published_revision=revision,
            slug=slug(published.content.title, self.id),
            publish_time=self.publish_time or now,
            edit_time=now if self.publish_time else None,
            schedule_time=None,
            scheduled_by=None,
            schedule_problem="",
            version=self.version + 1,
        )

    def check_release(self, content: Content) -> None:
        """Whether there is something in the draft that readers do not see already."""
        if not content.is_whole:
            raise WrongState("NOTHING_TO_SAY", "An article needs a title and a text before it is published.")
        if self.is_out and content == self.published.content:
            raise WrongState("NOTHING_NEW", "The draft says what readers see already.")

    def scheduled(self, moment: datetime, person: UUID, now: datetime) -> "Article":
        """The article, to be published at a moment in somebody's name."""
        if self.is_out:
            raise WrongState("ALREADY_PUBLISHED", "The article has readers already.")
        if not now <= moment <= now + FURTHEST_AHEAD:
            sentence = "An article is published at a time within a year from now."
            raise BadInput("TIME_OUT_OF_RANGE", sentence, field="publish_time")
        scheduled = replace(self, state=State.SCHEDULED, schedule_time=moment, scheduled_by=person)
        return replace(scheduled, schedule_problem="", version=self.version + 1)

    def unscheduled(self, problem: str = "") -> "Article":
        """The article as a draft that waits for no time, or could not be published at it."""
        draft = replace(self, state=State.DRAFT, schedule_time=None, scheduled_by=None)
        return replace(draft, schedule_problem=problem, version=self.version + 1)

    def check_delete(self, role: Role | None, *, own: bool) -> None:
        """Refuses who may not delete it. What never had readers is its author's alone."""
        if not own or self.publish_time is not None:
            check_publish(role, own=own)

    def withdrawn(self) -> "Article":
        """The article without readers. When it first came out, and under which address, is still known."""
        return replace(self, state=State.DRAFT, version=self.version + 1)


def may_change(role: Role | None, *, own: bool) -> bool:
    """Whether somebody with this role in the blog may change an article."""
    return role is not None and (own or role <= Role.EDITOR)


def may_publish(role: Role | None, *, own: bool) -> bool:
    """Whether somebody with this role in the blog may publish an article, and take it back."""
    return role is not None and role <= (Role.AUTHOR if own else Role.EDITOR)


def check_change(role: Role | None, *, own: bool) -> None:
    """Refuses who sees an article and may not change it."""
    if not may_change(role, own=own):
        raise NotAllowed("NOT_YOUR_ARTICLE", "Only its author and the blog's editors can change an article.")


def check_publish(role: Role | None, *, own: bool) -> None:
    """Refuses who may not publish an article or take it back."""
    check_change(role, own=own)
    if not may_publish(role, own=own):
        raise NotAllowed("NOT_A_PUBLISHER", "In this blog your articles are published by an editor.")


def reading_minutes(words: int) -> int:
    """How long somebody reads so many words."""
    return max(1, -(-words // WORDS_A_MINUTE))


def beginning(plain_text: str) -> str:
    """The beginning of a text, whole words of it."""
    text = " ".join(plain_text[: 2 * BEGINNING_LETTERS].split())
    if len(text) <= BEGINNING_LETTERS:
        return text
    return text[:BEGINNING_LETTERS].rpartition(" ")[0] + " …"


def slug(title: str, article: UUID) -> str:
    """The address of an article within the site: words that may change, and an end that stays."""
    plain = _MARK.sub("", unicodedata.normalize("NFKD", title)).casefold()
    words = _NOT_IN_SLUG.sub("-", unicodedata.normalize("NFC", plain))[:MOST_SLUG_LETTERS].strip("-")
    return f"{words or 'article'}-{str(article)[-END_LETTERS:]}"


def end_of_slug(text: str) -> str | None:
    """The end by which an article is found, or None when it can be no article's address."""
    end = text.rpartition("-")[2].lower()
    return end if _END.fullmatch(end) else None
