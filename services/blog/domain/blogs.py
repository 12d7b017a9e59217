"""Blogs and who may do what in them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from chassis.problems import BadInput, NotAllowed, Stale, TooMuch, WrongState

# Who may let the organisation speak.
SPEAKERS = frozenset({"editor", "administrator"})
# Of one person: a blog of the own, and blogs of teams.
MOST_OWN = {1: 1, 2: 10}
MOST_AUTHORS = 200


class Kind(IntEnum):
    """Whose a blog is, as BlogKind."""

    PERSON = 1
    TEAM = 2
    ORGANISATION = 3


class Role(IntEnum):
    """What somebody may do in a blog, as BlogRole: each may do what those with a higher number may."""

    OWNER = 1
    EDITOR = 2
    AUTHOR = 3
    CONTRIBUTOR = 4


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see a root: these kinds of worker, or everyone; of these, the members of the group if there is one."""

    kinds: tuple[int, ...] = ()
    group: UUID | None = None

    def within(self, wider: "Audience") -> bool:
        """Whether it reaches nobody whom the wider one does not."""
        fewer_kinds = not wider.kinds or (bool(self.kinds) and set(self.kinds) <= set(wider.kinds))
        return fewer_kinds and (wider.group is None or self.group == wider.group)


EVERYONE = Audience()


@dataclass(frozen=True, slots=True)
class Cover:
    """An image at the top; its large size in pixels."""

    image: UUID
    alt_text: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Blog:
    """Where somebody writes. `owner` answers for it; `removed` is what nobody sees, `hidden` what others do not."""

    id: UUID
    kind: Kind
    owner: UUID
    title: str
    description: str
    audience: Audience
    create_time: datetime
    update_time: datetime
    cover: Cover | None = None
    hidden: bool = False
    removed: bool = False
    version: int = 1

    @property
    def name(self) -> str:
        return f"blogs/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def changed(self, changes: Mapping[str, Any], etag: str, now: datetime) -> "Blog":
        """The blog with another title, description or cover; itself if that is the same."""
        if etag and etag != self.etag:
            raise Stale("BLOG_CHANGED", "The blog changed since you read it.")
        changed = replace(self, **changes)
        if not changed.title:
            raise BadInput("NO_TITLE", "A blog needs a title.", field="blog.title")
        return self if changed == self else replace(changed, update_time=now, version=self.version + 1)

    def owned_by(self, owner: UUID) -> "Blog":
        """The blog when somebody else answers for it."""
        return replace(self, owner=owner, version=self.version + 1)

    def moderated(self, *, hidden: bool, removed: bool) -> "Blog":
        """The blog as moderators want it."""
        return replace(self, hidden=hidden, removed=removed, version=self.version + 1)


def check_beginning(kind: Kind, roles: Collection[str], owned: int) -> None:
    """Whether somebody with these roles, who has so many blogs of the kind, may begin one."""
    if kind is Kind.ORGANISATION and not SPEAKERS.intersection(roles):
        raise NotAllowed("NOT_A_SPEAKER", "A blog of the organisation is begun by editors and administrators.")
    if owned >= MOST_OWN.get(kind, owned + 1):
        sentence = "You own {count} blogs of this kind, and that is the most."
        raise TooMuch("TOO_MANY_BLOGS", sentence, count=owned, retry_seconds=3600)


def check_owner(role: Role | None) -> None:
    """Whether somebody with this role in a blog decides about it."""
    if role is not Role.OWNER:
        raise NotAllowed("NOT_AN_OWNER", "Only owners of the blog can do this.")


def check_new_role(role: Role, owners: Collection[UUID], authors: int, person: UUID, before: Role | None) -> None:
    """Whether a person, who had the role `before`, can get this one in a blog with these owners and so many authors."""
    if role is not Role.OWNER:
        check_owner_stays(owners, person)
    if before is None and authors >= MOST_AUTHORS:
        raise TooMuch("TOO_MANY_AUTHORS", "A blog has at most {most} authors.", most=MOST_AUTHORS, retry_seconds=3600)


def check_owner_stays(owners: Collection[UUID], person: UUID) -> None:
    """Whether an owner is left when a person is none any more."""
    if set(owners) == {person}:
        raise WrongState("LAST_OWNER", "A blog keeps an owner: give somebody else that role first.")
