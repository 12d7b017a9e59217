"""What editors feature, where and for how long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.problems import AlreadyExists, BadInput, Stale, TooMuch

MOST_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class Feature:
    """An article on the front page, at a place and for a time; without `end_time`, until an editor ends it."""

    id: UUID
    article: UUID
    position: int
    begin_time: datetime
    end_time: datetime | None
    editor: UUID
    create_time: datetime
    version: int = 1

    @property
    def name(self) -> str:
        return f"features/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def overlaps(self, other: "Feature") -> bool:
        """Whether there is a moment at which both are shown."""
        begins = self.end_time is None or other.begin_time < self.end_time
        return begins and (other.end_time is None or self.begin_time < other.end_time)

    def changed(self, changes: Mapping[str, Any], etag: str) -> "Feature":
        """With other fields. Stale when it changed since the editor read it; itself when nothing changes."""
        if etag and etag != self.etag:
            raise Stale("FEATURE_CHANGED", "Another editor changed this in the meantime.")
        after = replace(self, **changes)
        return self if after == self else replace(after, version=self.version + 1)


def check_feature(feature: Feature, others: Iterable[Feature]) -> None:
    """Refuses a time without a moment, an article twice at a time, and too many at a time. `others` may overlap it."""
    if feature.end_time is not None and feature.end_time <= feature.begin_time:
        raise BadInput("NO_TIME", "A feature ends after it begins.", field="feature.end_time")
    beside = [other for other in others if other.id != feature.id and other.overlaps(feature)]
    if any(other.article == feature.article for other in beside):
        raise AlreadyExists("FEATURED_ALREADY", "The article is featured in a part of that time already.")
    if len(beside) >= MOST_AT_A_TIME:
        sentence = "In that time {most} articles are featured, which is the most."
        raise TooMuch("TOO_MANY_FEATURES", sentence, most=MOST_AT_A_TIME)
