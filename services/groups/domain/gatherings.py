"""The events that a group holds, and who comes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import regex

from chassis.problems import BadInput, NotAllowed, Stale, WrongState
from services.groups.domain.presentations import Text, chosen

MOST_TITLE_CHARACTERS = 150
LONGEST = timedelta(days=31)
FURTHEST = timedelta(days=5 * 366)
LONGEST_REMINDER = timedelta(days=30)
USUAL_REMINDER = timedelta(days=1)
# So many people are named in one event of the log.
PEOPLE_AT_ONCE = 500
CHANGEABLE = ("title", "description", "start_time", "end_time", "time_zone", "place", "link", "limit", "reminder")
# Of these people have to know who come.
MOVING = ("start_time", "end_time", "time_zone", "place", "link")

_UNPRINTABLE = regex.compile(r"\p{C}")


class State(IntEnum):
    """Whether it will be held; GroupEventState of the API."""

    PLANNED = 1
    CANCELLED = 2


class Answer(IntEnum):
    """What somebody answers; EventAnswer of the API."""

    YES = 1
    NO = 2
    MAYBE = 3


class Attendance(IntEnum):
    """What came of an answer; Attendance of the API. Lists are in this order."""

    GOING = 1
    WAITING = 2
    MAYBE = 3
    DECLINED = 4


INTERESTED = (Attendance.GOING, Attendance.WAITING, Attendance.MAYBE)


@dataclass(frozen=True, slots=True)
class Gathering:
    """An event. Times are in UTC, `time_zone` is how they are told; a `limit` of 0 is none; a `reminder` of 0 is none.

    `revision` counts the changes of the event itself, the counts change without.
    """

    id: UUID
    group: UUID
    organiser: UUID | None
    title: str
    description: Text
    start_time: datetime
    end_time: datetime
    time_zone: str
    place: str
    link: str
    limit: int
    reminder: timedelta
    create_time: datetime
    update_time: datetime
    state: State = State.PLANNED
    going_count: int = 0
    waiting_count: int = 0
    maybe_count: int = 0
    revision: int = 1
    hidden: bool = False
    removed: bool = False

    @property
    def name(self) -> str:
        return f"groups/{self.group}/events/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'

    def remind_time(self, now: datetime) -> datetime | None:
        """When people are reminded, or None: also when it is so soon that they have just been told."""
        time = self.start_time - self.reminder
        return time if self.reminder and self.state is State.PLANNED and time > now else None

    def reminds_as(self, other: "Gathering") -> bool:
        """Whether people are reminded of both at the same time."""
        return (self.state, self.start_time, self.reminder) == (other.state, other.start_time, other.reminder)

    def is_worth_reminding(self, now: datetime) -> bool:
        """Whether it did not begin yet, and moderation does not keep it from people."""
        return self.start_time > now and not self.hidden and not self.removed

    @property
    def free_places(self) -> int | None:
        """How many more can come, or None without a limit. A limit that was lowered leaves none."""
        return max(self.limit - self.going_count, 0) if self.limit else None

    def check_changeable(self, person: UUID, keeper: bool) -> None:
        """NotAllowed for other members than its organiser and keepers."""
        if person != self.organiser and not keeper:
            raise NotAllowed("NOT_YOUR_EVENT", "Who planned an event changes it, and keepers of the group.")

    def check_ahead(self, now: datetime) -> None:
        """WrongState for what was called off or is over."""
        if self.state is State.CANCELLED:
            raise WrongState("EVENT_CANCELLED", "The event was called off.")
        if self.end_time <= now:
            raise WrongState("EVENT_ENDED", "The event is over.")

    def changed(self, etag: str, fields: Mapping[str, Any], now: datetime) -> "Gathering":
        """The event with other fields. Stale when it is no longer the one that the caller saw."""
        if etag and etag != self.etag:
            raise Stale("EVENT_CHANGED", "The event changed meanwhile.", etag=self.etag)
        self.check_ahead(now)
        changed = checked(replace(self, **fields), now, moved=not fields.keys().isdisjoint(("start_time", "end_time")))
        return self if changed == self else replace(changed, update_time=now, revision=self.revision + 1)

    def cancelled(self, now: datetime) -> "Gathering":
        """The event, called off."""
        if self.state is State.CANCELLED:
            return self
        self.check_ahead(now)
        return replace(self, state=State.CANCELLED, update_time=now, revision=self.revision + 1)

    def moved_from(self, before: "Gathering") -> bool:
        """Whether those who come have to know what changed."""
        return any(getattr(self, name) != getattr(before, name) for name in MOVING)

    def attendance(self, answer: Answer, before: Attendance | None) -> Attendance:
        """What comes of an answer. Who has a place keeps it, also when the limit was lowered."""
        if answer is Answer.NO:
            return Attendance.DECLINED
        if answer is Answer.MAYBE:
            return Attendance.MAYBE
        if before is Attendance.GOING or self.free_places is None:
            return Attendance.GOING
        # Who waits is before who comes now.
        return Attendance.GOING if self.free_places and not self.waiting_count else Attendance.WAITING

    def promoting(self, people: int) -> "Gathering":
        """The event after so many who waited got places."""
        return replace(self, going_count=self.going_count + people, waiting_count=self.waiting_count - people)

    def counting(self, before: Attendance | None, after: Attendance | None) -> "Gathering":
        """The event after somebody's attendance changed; None is no answer."""
        counts = {name: getattr(self, name) for name in COUNTS.values()}
        for attendance, step in ((before, -1), (after, 1)):
            if attendance in COUNTS:
                counts[COUNTS[attendance]] += step
        return replace(self, **counts)


COUNTS = {
    Attendance.GOING: "going_count",
    Attendance.WAITING: "waiting_count",
    Attendance.MAYBE: "maybe_count",
}


@dataclass(frozen=True, slots=True)
class Attending:
    """What one person answered, and when."""

    person: UUID
    attendance: Attendance
    answer_time: datetime


def checked(gathering: Gathering, now: datetime, *, moved: bool = True) -> Gathering:
    """The event, if it is one that can be held; BadInput names the field that is wrong.

    Only an event that is `moved` must lie ahead: another title can be given to one that has begun.
    """
    zone = gathering.time_zone
    if zone not in available_timezones():
        raise _bad("time_zone", "NO_TIME_ZONE", "There is no time zone {zone}.", zone=zone)
    if not gathering.place and not gathering.link:
        raise _bad("place", "NO_PLACE", "An event needs a place or a link.")
    if gathering.reminder < timedelta() or gathering.reminder > LONGEST_REMINDER:
        raise _bad("reminder", "BAD_REMINDER", "A reminder comes at most 30 days before.")
    if moved:
        _check_times(gathering, now)
    return gathering


def _check_times(gathering: Gathering, now: datetime) -> None:
    start, end = gathering.start_time, gathering.end_time
    if end <= start or end - start > LONGEST:
        raise _bad("end_time", "BAD_END", "An event ends after it begins, and at most 31 days later.")
    if end <= now:
        raise _bad("end_time", "IN_THE_PAST", "An event lies ahead.")
    if start - now > FURTHEST:
        raise _bad("start_time", "TOO_FAR_AHEAD", "An event is planned at most five years ahead.")


def wanted_fields(paths: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    """Which fields to change: those of the mask, or without one those that are not empty."""
    return chosen(CHANGEABLE, paths, fields)


def line(text: str, name: str, most: int, *, needed: bool = False) -> str:
    """A text on one line, such as a title or a place."""
    plain = " ".join(text.split())
    if needed and not plain:
        raise _bad(name, f"NO_{name.upper()}", "An event needs a {what}.", what=name)
    if len(plain) > most or _UNPRINTABLE.search(plain):
        raise _bad(name, f"BAD_{name.upper()}", "This is one line of at most {most} characters.", most=most)
    return plain


def link(text: str) -> str:
    """Where one takes part from afar: an address that is safe to follow, or nothing."""
    plain = text.strip()
    if not plain:
        return ""
    try:
        parts = urlsplit(plain)
        usable = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        usable = False
    if not usable or _UNPRINTABLE.search(plain) or any(sign.isspace() or sign in '"<>\\' for sign in plain):
        raise _bad("link", "BAD_LINK", "A link begins with https://.")
    return plain


def whole_seconds(moment: datetime) -> datetime:
    """As calendars have times."""
    return moment.astimezone(UTC).replace(microsecond=0)


def local(moment: datetime, zone: str) -> datetime:
    """A moment as it is told in a time zone."""
    return moment.astimezone(ZoneInfo(zone))


def in_parts(people: Iterable[UUID]) -> list[list[UUID]]:
    """People in the portions in which the log names them."""
    everybody = list(people)
    return [everybody[begin : begin + PEOPLE_AT_ONCE] for begin in range(0, len(everybody), PEOPLE_AT_ONCE)]


def _bad(name: str, reason: str, sentence: str, **facts: object) -> BadInput:
    return BadInput(reason, sentence, field=f"group_event.{name}", **facts)
