"""Groups: what they are called, who finds them, and how long they last."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

from chassis.problems import BadInput, Stale, WrongState

MOST_TITLE_CHARACTERS = 80
MOST_HANDLE_CHARACTERS = 60
# All those that a group has and had, or one group could keep all good ones.
MOST_HANDLES = 20
# Room for what tells handles apart that are made of the same title.
MOST_MADE_HANDLE_CHARACTERS = 50
CHANGEABLE = ("title", "handle", "visibility", "join_rule", "history")

_HANDLE_WORD = re.compile(r"[a-z0-9]+")


class Visibility(IntEnum):
    """Who finds a group; GroupVisibility of the API."""

    OPEN = 1
    CLOSED = 2
    SECRET = 3


class History(IntEnum):
    """What members see of the time before they came in; GroupHistory of the API."""

    ALL = 1
    SINCE_JOINING = 2


@dataclass(frozen=True, slots=True)
class JoinRule:
    """Who may become a member: who fits all that is not empty. `kinds` are WorkerKinds."""

    kinds: tuple[int, ...] = ()
    departments: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    def admits(self, kind: int, department: str, segments: Collection[str]) -> bool:
        """Whether somebody of this kind, department and segments fits."""
        if self.kinds and kind not in self.kinds:
            return False
        if self.departments and department not in self.departments:
            return False
        return not self.segments or not set(self.segments).isdisjoint(segments)

    def __bool__(self) -> bool:
        return bool(self.kinds or self.departments or self.segments)


@dataclass(frozen=True, slots=True)
class Group:
    """A group. `revision` counts what its owners changed, `version` all that was told of it or of its members."""

    id: UUID
    title: str
    handle: str
    visibility: Visibility
    history: History
    join_rule: JoinRule
    founder: UUID | None
    create_time: datetime
    update_time: datetime
    member_count: int = 0
    archive_time: datetime | None = None
    delete_time: datetime | None = None
    purge_time: datetime | None = None
    hidden: bool = False
    removed: bool = False
    revision: int = 1
    version: int = 1

    @property
    def name(self) -> str:
        return f"groups/{self.id}"

    @property
    def etag(self) -> str:
        return str(self.revision)

    @property
    def is_withdrawn(self) -> bool:
        """Whether it exists for nobody but its owners: then nobody sees anything of what is in it."""
        return self.hidden or self.removed or self.delete_time is not None

    @property
    def is_secret(self) -> bool:
        return self.visibility is Visibility.SECRET

    def changed(self, wanted: Mapping[str, Any], etag: str, now: datetime) -> "Group":
        """The group with other CHANGEABLE fields; itself when they are what they were."""
        if etag and etag != self.etag:
            raise Stale("GROUP_CHANGED", "The group changed since you read it.")
        self.check_open()
        changed = replace(self, **wanted)
        if changed.is_secret:
            changed = replace(changed, handle="")
        return self if changed == self else replace(changed, revision=self.revision + 1, update_time=now)

    def archived(self, now: datetime) -> "Group":
        """The group, closed from now on, or since it was."""
        self._check_kept()
        return self if self.archive_time else replace(self, archive_time=now, revision=self.revision + 1)

    def unarchived(self) -> "Group":
        """The group, open again."""
        self._check_kept()
        return replace(self, archive_time=None, revision=self.revision + 1) if self.archive_time else self

    def deleted(self, now: datetime, undelete: timedelta) -> "Group":
        """The group, gone for good after a while."""
        if self.delete_time:
            return self
        return replace(self, delete_time=now, purge_time=now + undelete, revision=self.revision + 1)

    def undeleted(self) -> "Group":
        """The group as it was before it was deleted."""
        if not self.delete_time:
            return self
        return replace(self, delete_time=None, purge_time=None, revision=self.revision + 1)

    def judged(self, *, hidden: bool, removed: bool) -> "Group":
        """The group after moderation decided: hidden from all but its owners, removed for all, or neither."""
        return replace(self, hidden=hidden, removed=removed)

    def with_members(self, change: int) -> "Group":
        """The group after members came or went."""
        return replace(self, member_count=self.member_count + change, version=self.version + 1)

    def told(self) -> "Group":
        """The group with a version of its own for what is told next."""
        return replace(self, version=self.version + 1)

    def check_open(self) -> None:
        """Refuses to go on with a group that is archived or deleted."""
        self._check_kept()
        if self.archive_time:
            raise WrongState("GROUP_ARCHIVED", "The group is archived: it can be read, and nothing else.")

    def _check_kept(self) -> None:
        if self.delete_time:
            raise WrongState("GROUP_DELETED", "The group is deleted. Bring it back first.")
        if self.hidden:
            raise WrongState("GROUP_HIDDEN", "Moderation hides the group. Nothing can be changed until it is decided.")


def title(text: str) -> str:
    """A title as it is stored: composed, on one line."""
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    if not composed:
        raise BadInput("NO_TITLE", "A group needs a title.", field="group.title")
    if len(composed) > MOST_TITLE_CHARACTERS:
        sentence = "A title has at most {most} characters."
        raise BadInput("TITLE_TOO_LONG", sentence, field="group.title", most=MOST_TITLE_CHARACTERS)
    return composed


def handle(wanted: str) -> str:
    """A handle that somebody chose; not one that is an id, or nothing but digits."""
    if not any(letter.isalpha() for letter in wanted) or is_id(wanted):
        sentence = "{handle} is no handle: it needs a letter, and must not look like an id."
        raise BadInput("BAD_HANDLE", sentence, field="group.handle", handle=wanted)
    return wanted


def made_handle(title: str) -> str:
    """A handle made of a title; "group" when nothing of it can stand in one."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    made = "-".join(_HANDLE_WORD.findall(plain))[:MOST_MADE_HANDLE_CHARACTERS].strip("-")
    return made if any(letter.isalpha() for letter in made) and not is_id(made) else f"group-{made}".strip("-")


def free_handle(made: str, taken: Collection[str]) -> str:
    """The first of "golf", "golf-2", "golf-3" … that nobody has."""
    number, free = 1, made
    while free in taken:
        number += 1
        free = f"{made}-{number}"
    return free


def wanted(paths: Sequence[str], fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be changed: the fields of the mask's `paths`, or without any, those that are not empty."""
    for path in paths:
        if path not in CHANGEABLE:
            raise BadInput("FIELD_NOT_YOURS", "{path} cannot be changed here.", field="update_mask", path=path)
    chosen = {name: fields[name] for name in CHANGEABLE if (name in paths if paths else fields[name])}
    if "title" in chosen and not chosen["title"]:
        raise BadInput("NO_TITLE", "A group needs a title.", field="group.title")
    if "visibility" in chosen and not chosen["visibility"]:
        raise BadInput("NO_VISIBILITY", "Say who finds the group.", field="group.visibility")
    return chosen


def is_id(text: str) -> bool:
    """Whether a text is read as an id rather than as a handle."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
