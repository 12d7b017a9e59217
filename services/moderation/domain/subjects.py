"""What is reported: how it stands with its owner, and what moderation did about it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from uuid import UUID


class Measure(IntEnum):
    """What others see of a subject because of moderation; the harsher, the higher."""

    NONE = 0
    HIDDEN = 1
    REMOVED = 2


# What is never hidden before somebody looked at it: a few colleagues could make a whole group or person vanish.
_NEVER_HIDDEN_UNSEEN = ("groups", "people", "blogs")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a subject said when it was reported."""

    revision: str
    title: str
    text: str
    images: tuple[str, ...]
    update_time: datetime | None
    take_time: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that can be reported, as its owner shows it. `concerned` must not judge it, nor may its author."""

    name: str
    author: UUID
    root: str
    parent: str = ""
    group: str = ""
    concerned: tuple[UUID, ...] = ()
    title: str = ""
    text: str = ""
    images: tuple[str, ...] = ()
    revision: str = ""
    update_time: datetime | None = None
    hidden: bool = False
    removed: bool = False

    def in_group_of(self, keepers: Iterable[UUID]) -> "Subject":
        """The same, which those must not judge either who answer for its group."""
        return replace(self, concerned=tuple(sorted({*self.concerned, *keepers})))

    def snapshot(self, now: datetime) -> Snapshot:
        """What it says, to be kept."""
        return Snapshot(self.revision, self.title, self.text, self.images, self.update_time, now)

    @property
    def may_be_hidden_unseen(self) -> bool:
        """Whether reports alone can hide it; of people, groups and blogs only what hangs under them."""
        return not (self.name.count("/") == 1 and self.name.partition("/")[0] in _NEVER_HIDDEN_UNSEEN)


@dataclass(frozen=True, slots=True)
class Standing:
    """What moderation did about one subject, and what it said when that was judged."""

    name: str
    measure: Measure = Measure.NONE
    judged_revision: str = ""
    judged_case: UUID | None = None
    version: int = 0

    def was_judged(self, revision: str) -> bool:
        """Whether what it says was judged already."""
        return self.judged_case is not None and self.judged_revision == revision

    def measured(self, measure: Measure) -> "Standing":
        """With another measure."""
        return self if measure is self.measure else replace(self, measure=measure, version=self.version + 1)

    def unjudged(self) -> "Standing":
        """As if it was never judged, so that it alarms again."""
        return replace(self, judged_case=None, judged_revision="", version=self.version + 1)

    def judged(self, case_id: UUID, revision: str) -> "Standing":
        """With what it said when it was judged."""
        return replace(self, judged_case=case_id, judged_revision=revision, version=self.version + 1)
