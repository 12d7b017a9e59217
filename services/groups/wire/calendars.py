"""Events as iCalendar (RFC 5545), which calendars on telephones and desks read."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from google.api import httpbody_pb2
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vDuration, vText, vUri

from services.groups.domain.gatherings import Attendance, Gathering, State, local, whole_seconds

TITLE = "Plein"
CONTENT_TYPE = "text/calendar; charset=utf-8"
# Who made it (RFC 5545, 3.7.3), in the form of a formal public identifier.
PRODUCT = "-//Plein//Groups//EN"
# How often who subscribes is asked to look again.
REFRESH = timedelta(hours=1)
_YEAR, _DAY, _SECOND = timedelta(days=366), timedelta(days=1), timedelta(seconds=1)


class Entry(NamedTuple):
    """An event in somebody's calendar, and what came of their answer."""

    gathering: Gathering
    attendance: Attendance | None = None


def single(entry: tuple[Gathering, Attendance | None], public_url: str) -> httpbody_pb2.HttpBody:
    """One event as a file."""
    return httpbody_pb2.HttpBody(content_type=CONTENT_TYPE, data=calendar([Entry(*entry)], public_url))


def subscribed(entries: Iterable[tuple[Gathering, Attendance | None]], public_url: str) -> httpbody_pb2.HttpBody:
    """Somebody's calendar, to which a program subscribes."""
    content = calendar([Entry(*entry) for entry in entries], public_url, TITLE)
    return httpbody_pb2.HttpBody(content_type=CONTENT_TYPE, data=content)


def calendar(entries: Sequence[Entry], public_url: str, title: str = "") -> bytes:
    """A whole calendar; with a title it is one that is subscribed to."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    if title:
        # RFC 7986, and what programs understand that are older than it.
        made.add("name", title)
        made.add("x-wr-calname", title)
        made.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
        made.add("x-published-ttl", vDuration(REFRESH))
    events = [(entry.gathering, _event(entry, public_url)) for entry in entries]
    # Of what is UTC by another name the library writes the moments with a Z.
    for zone in _zones(gathering for gathering, event in events if "TZID" in event["DTSTART"].params):
        made.add_component(zone)
    for _, event in events:
        made.add_component(event)
    return bytes(made.to_ical())


def _event(entry: Entry, public_url: str) -> Event:
    gathering = entry.gathering
    made = Event()
    made.add("uid", f"{gathering.id}@{urlsplit(public_url).hostname}")
    made.add("dtstamp", whole_seconds(gathering.update_time))
    made.add("created", whole_seconds(gathering.create_time))
    made.add("last-modified", whole_seconds(gathering.update_time))
    made.add("sequence", gathering.revision - 1)
    made.add("dtstart", local(gathering.start_time, gathering.time_zone))
    made.add("dtend", local(gathering.end_time, gathering.time_zone))
    made.add("summary", vText(gathering.title))
    if gathering.description.plain.strip():
        made.add("description", vText(gathering.description.plain.strip()))
    made.add("location", vText(gathering.place or gathering.link))
    made.add("url", vUri(gathering.link or f"{public_url}/{gathering.name}"))
    made.add("status", _status(entry))
    # Only what somebody goes to takes their time.
    made.add("transp", "OPAQUE" if entry.attendance is Attendance.GOING else "TRANSPARENT")
    return made


def _status(entry: Entry) -> str:
    if entry.gathering.state is State.CANCELLED:
        return "CANCELLED"
    undecided = entry.attendance in (Attendance.MAYBE, Attendance.WAITING)
    return "TENTATIVE" if undecided else "CONFIRMED"


class _Observance(NamedTuple):
    """From when on a zone has an offset."""

    onset: datetime
    before: timedelta
    offset: timedelta
    name: str
    is_daylight: bool


def _zones(gatherings: Iterable[Gathering]) -> Iterator[Timezone]:
    """The time zones of events, for as long as there are events in them, and a year: programs want both their times."""
    spans: dict[str, tuple[datetime, datetime]] = {}
    for gathering in gatherings:
        first, last = spans.get(gathering.time_zone, (gathering.start_time, gathering.end_time))
        spans[gathering.time_zone] = min(first, gathering.start_time), max(last, gathering.end_time)
    for name, (first, last) in sorted(spans.items()):
        yield _zone(name, _observances(ZoneInfo(name), first - _YEAR, last + _DAY))


def _zone(name: str, observances: Iterable[_Observance]) -> Timezone:
    made = Timezone()
    made.add("tzid", name)
    for observance in observances:
        part = TimezoneDaylight() if observance.is_daylight else TimezoneStandard()
        # An onset is told in the local time that ends with it (RFC 5545, 3.6.5).
        part.add("dtstart", (observance.onset + observance.before).replace(tzinfo=None))
        part.add("tzoffsetfrom", observance.before)
        part.add("tzoffsetto", observance.offset)
        part.add("tzname", observance.name)
        made.add_component(part)
    return made


def _observances(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[_Observance]:
    """Those that are in force between two moments: a day in which the offset changes is halved to the second."""
    first = whole_seconds(first)
    before = _offset(zone, first)
    yield _observance(zone, first, before)
    day = first
    while day < last:
        if _offset(zone, day + _DAY) != before:
            early, late = day, day + _DAY
            while late - early > _SECOND:
                middle = early + timedelta(seconds=(late - early) // _SECOND // 2)
                early, late = (middle, late) if _offset(zone, middle) == before else (early, middle)
            yield _observance(zone, late, before)
            before = _offset(zone, day + _DAY)
        day += _DAY


def _observance(zone: ZoneInfo, onset: datetime, before: timedelta) -> _Observance:
    there = onset.astimezone(zone)
    return _Observance(onset, before, _offset(zone, onset), there.tzname() or "", bool(there.dst()))


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(UTC).astimezone(zone).utcoffset() or timedelta()
