"""Series: articles of a blog that belong together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.problems import BadInput, NotAllowed, Stale, TooMuch
from services.blog.domain.blogs import Role

MOST_SERIES = 200


@dataclass(frozen=True, slots=True)
class Series:
    """A series without its articles, which know in which they stand."""

    id: UUID
    blog: UUID
    title: str
    description: str
    create_time: datetime
    version: int = 1

    @property
    def name(self) -> str:
        return f"blogs/{self.blog}/series/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def changed(self, changes: Mapping[str, Any], etag: str) -> "Series":
        """The series with another title or description, or other articles."""
        if etag and etag != self.etag:
            raise Stale("SERIES_CHANGED", "The series changed since you read it.")
        changed = replace(self, **changes, version=self.version + 1)
        check_title(changed.title)
        return changed


def check_title(title: str) -> None:
    """Whether a series can be called so."""
    if not title:
        raise BadInput("NO_TITLE", "A series needs a title.", field="series.title")


def check_editor(role: Role | None) -> None:
    """Whether somebody with this role in the blog makes series."""
    if role is None or role > Role.EDITOR:
        raise NotAllowed("NOT_AN_EDITOR", "Series are made by the blog's owners and editors.")


def check_room(count: int) -> None:
    """Whether a blog can have one more."""
    if count >= MOST_SERIES:
        raise TooMuch("TOO_MANY_SERIES", "A blog has at most {most} series.", most=MOST_SERIES, retry_seconds=3600)
