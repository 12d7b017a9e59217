"""How a group presents itself: what it is about, its rules, tags, picture and pinned posts."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import regex

from chassis.problems import BadInput, Stale

MOST_PINS = 5
SUMMARY_CHARACTERS = 200
COVER_SIZES = {"large": 1600, "small": 480}
CHANGEABLE = ("description", "rules", "tags")

# As feed has them, so that a tag is the same thing everywhere.
_TAG = regex.compile(r"#?([\p{L}\p{M}\p{N}_]+)")
_WHITE = regex.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote in Markdown, and what was made of it once: safe HTML, and plain text to find it by."""

    markdown: str = ""
    html: str = ""
    plain: str = ""


NO_TEXT = Text()


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture by its stored objects, `large` and `small`, and the size of the large one in pixels."""

    large: UUID
    small: UUID
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one group. `pins` are posts, the one that was pinned last first; `revision` counts the changes."""

    group: UUID
    description: Text = NO_TEXT
    rules: Text = NO_TEXT
    tags: tuple[str, ...] = ()
    cover: Cover | None = None
    pins: tuple[UUID, ...] = ()
    update_time: datetime | None = None
    revision: int = 0

    @property
    def name(self) -> str:
        return f"groups/{self.group}/page"

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'

    @property
    def summary(self) -> str:
        """The beginning of the description, cut between words."""
        text = _WHITE.sub(" ", self.description.plain).strip()
        if len(text) <= SUMMARY_CHARACTERS:
            return text
        beginning = text[: SUMMARY_CHARACTERS - 1]
        return (beginning.rpartition(" ")[0] or beginning) + "…"

    def changed(self, etag: str, fields: Mapping[str, Any], now: datetime) -> "Page":
        """The page with other fields. Stale when it is no longer the one that the caller saw."""
        if etag and etag != self.etag:
            raise Stale("PAGE_CHANGED", "The group's page changed meanwhile.", etag=self.etag)
        return self._with(now, **fields)

    def with_cover(self, cover: Cover | None, now: datetime) -> "Page":
        """The page with another picture, or without one."""
        return self._with(now, cover=cover)

    def with_pin(self, post: UUID, now: datetime) -> "Page":
        """The page with a post at its head, unless it is there; of too many the one goes that was pinned first."""
        return self if post in self.pins else self._with(now, pins=(post, *self.pins)[:MOST_PINS])

    def without_pin(self, post: UUID, now: datetime) -> "Page":
        """The page without a post at its head."""
        return self._with(now, pins=tuple(pin for pin in self.pins if pin != post))

    def _with(self, now: datetime, **fields: Any) -> "Page":
        changed = replace(self, **fields)
        return self if changed == self else replace(changed, revision=self.revision + 1, update_time=now)


def tags(wanted: Iterable[str], field: str) -> tuple[str, ...]:
    """Tags as they are stored: composed, in lower case, each once. BadInput for what is no tag."""
    found: dict[str, None] = {}
    for tag in wanted:
        match = _TAG.fullmatch(unicodedata.normalize("NFKC", tag.strip()))
        if not match:
            sentence = "{tag} is no tag: it has letters, digits and underscores."
            raise BadInput("BAD_TAG", sentence, field=field, tag=tag)
        found[match[1].casefold()] = None
    return tuple(found)


def wanted_fields(paths: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    """Which fields to change: those of the mask, or without one those that are not empty."""
    return chosen(CHANGEABLE, paths, fields)


def chosen(changeable: Sequence[str], paths: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    """Those of the changeable fields that the mask names, or without a mask those that are not empty."""
    for path in paths:
        if path not in changeable:
            raise BadInput("FIELD_NOT_YOURS", "{path} cannot be changed here.", field="update_mask", path=path)
    return [name for name in changeable if (name in paths if paths else fields[name])]
