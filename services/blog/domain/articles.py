"""Articles: what readers see of them, and who may change that."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from chassis.problems import NotAllowed
from services.blog.domain.blogs import Audience, Cover, Role


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


@dataclass(frozen=True, slots=True)
class Published:
    """What readers see: the content, and what was made of its text when it was published."""

    content: Content = Content()
    html: str = ""
    beginning: str = ""
    tags: tuple[str, ...] = ()
    mentions: tuple[UUID, ...] = ()
    reading_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Article:
    """An article without its draft. `draft_title` is what the draft is called, `publish_time` when it first came out.

    `published_revision` is the draft's revision that readers see, 0 for none; `hidden` keeps others than the author
    from seeing it, `removed` everybody.
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
    publish_time: datetime | None = None
    edit_time: datetime | None = None
    schedule_time: datetime | None = None
    scheduled_by: UUID | None = None
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
