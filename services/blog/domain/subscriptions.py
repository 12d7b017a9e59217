"""Subscriptions to blogs, authors and tags, and the addresses at which programs read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.problems import TooMuch, WrongState

MOST_SUBSCRIPTIONS = 1000
MOST_ADDRESSES = 100


class Sort(StrEnum):
    """What one can subscribe to, as resource names begin."""

    BLOG = "blogs"
    AUTHOR = "people"
    TAG = "tags"


@dataclass(frozen=True, slots=True)
class Target:
    """A blog, an author or a tag. `value` is an id in its one spelling, or a folded tag."""

    sort: Sort
    value: str

    @property
    def name(self) -> str:
        """The resource name, as it is stored."""
        return f"{self.sort}/{self.value}"

    @property
    def id(self) -> UUID:
        """The id of a blog or an author."""
        return UUID(self.value)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a program reads a target in a person's name.

    `etag` and `change_time` are of what was read last: since when it is as it is, whoever may see what.
    """

    id: UUID
    person: UUID
    target: Target
    create_time: datetime
    etag: str = ""
    change_time: datetime | None = None


def targets_of(blog: UUID, author: UUID, tags: Iterable[str]) -> list[Target]:
    """All that one can have subscribed to, to be told of an article."""
    named = [Target(Sort.BLOG, str(blog)), Target(Sort.AUTHOR, str(author))]
    return named + [Target(Sort.TAG, tag) for tag in tags]


def check_target(target: Target, person: UUID) -> None:
    """Nobody is told of what they write themselves."""
    if target == Target(Sort.AUTHOR, str(person)):
        raise WrongState("YOURSELF", "You know what you write yourself.")


def check_subscription_count(count: int) -> None:
    if count >= MOST_SUBSCRIPTIONS:
        sentence = "You have {most} subscriptions, which is the most: end some first."
        raise TooMuch("TOO_MANY_SUBSCRIPTIONS", sentence, most=MOST_SUBSCRIPTIONS)


def check_address_count(count: int) -> None:
    if count >= MOST_ADDRESSES:
        sentence = "You have {most} addresses, which is the most: revoke some first."
        raise TooMuch("TOO_MANY_ADDRESSES", sentence, most=MOST_ADDRESSES)


def last_modified(change_time: datetime, now: datetime) -> datetime | None:
    """What HTTP is told of when something changed last, in whole seconds; None while it could change in that second.

    Rounded up, so that whoever has it has seen all that changed before (RFC 9110, 8.8.2).
    """
    rounded = change_time.replace(microsecond=0)
    if rounded < change_time:
        rounded += timedelta(seconds=1)
    return rounded if rounded <= now else None


def is_unchanged(
    etag: str, modified: datetime | None, if_none_match: str | None, if_modified_since: datetime | None
) -> bool:
    """Whether a reader has what there is (RFC 9110, 13.2.2): tags decide where there are any, compared weakly."""
    if if_none_match is not None:
        known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return "*" in known or etag in known
    return if_modified_since is not None and modified is not None and modified <= if_modified_since
