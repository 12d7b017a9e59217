"""Events as iCalendar: read again by a parser, with times as the time zones' own database has them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from services.groups.domain.gatherings import Attendance, Gathering, State
from services.groups.domain.presentations import Text
from services.groups.wire.calendars import Entry, calendar

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOME = "https://plein.example:8443"
GROUP = UUID("01993e54-0000-7000-8000-00000000000a")
EVENT = UUID("01993e54-0000-7000-8000-00000000000b")


def gathering(
    start: datetime = NOON,
    *,
    zone: str = "Europe/Amsterdam",
    title: str = "Golf",
    description: str = "",
    state: State = State.PLANNED,
    revision: int = 1,
    place: str = "Zaal 1",
    link: str = "",
) -> Gathering:
    return Gathering(
        id=EVENT,
        group=GROUP,
        organiser=None,
        title=title,
        description=Text(plain=description),
        start_time=start,
        end_time=start + timedelta(hours=2),
        time_zone=zone,
        place=place,
        link=link,
        limit=0,
        reminder=timedelta(days=1),
        create_time=datetime(2027, 1, 1, tzinfo=UTC),
        update_time=datetime(2027, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        state=state,
        revision=revision,
    )


def read(content: bytes) -> Any:
    return Calendar.from_ical(content)


def only_event(content: bytes) -> Any:
    (event,) = read(content).walk("VEVENT")
    return event


def test_an_event_comes_back_as_it_was_written() -> None:
    planned = gathering(title="Golf; koffie, taart\\", description="Eerst koffie,\ndan golf.", revision=3)
    event = only_event(calendar([Entry(planned, Attendance.GOING)], HOME))
    assert event["SUMMARY"] == "Golf; koffie, taart\\"
    assert event["DESCRIPTION"] == "Eerst koffie,\ndan golf."
    assert event["LOCATION"] == "Zaal 1"
    assert event["URL"] == f"{HOME}/groups/{GROUP}/events/{EVENT}"
    assert event["UID"] == f"{EVENT}@plein.example"
    assert event["SEQUENCE"] == 2
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    assert event.decoded("DTSTART") == NOON
    assert event.decoded("DTEND") == NOON + timedelta(hours=2)
    assert event["DTSTART"].params["TZID"] == "Europe/Amsterdam"
    assert event.decoded("DTSTAMP") == datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_what_was_called_off_says_so_and_what_is_undecided_is_tentative() -> None:
    assert only_event(calendar([Entry(gathering(state=State.CANCELLED))], HOME))["STATUS"] == "CANCELLED"
    for attendance in (Attendance.MAYBE, Attendance.WAITING):
        event = only_event(calendar([Entry(gathering(), attendance)], HOME))
        assert (event["STATUS"], event["TRANSP"]) == ("TENTATIVE", "TRANSPARENT")


def test_a_text_cannot_add_lines_of_its_own() -> None:
    evil = gathering(title="x\r\nATTACH:https://evil.example", description="y\r\nEND:VEVENT\r\nBEGIN:VALARM")
    content = calendar([Entry(evil)], HOME)
    event = only_event(content)
    assert "ATTACH" not in event
    assert not event.subcomponents


def test_lines_are_as_the_standard_has_them() -> None:
    content = calendar([Entry(gathering(description="é" * 500))], HOME, title="Plein")
    assert content.endswith(b"END:VCALENDAR\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        line.decode()  # no letter is cut in two
    calendar_read = read(content)
    assert (calendar_read["VERSION"], calendar_read["X-WR-CALNAME"]) == ("2.0", "Plein")
    assert calendar_read["PRODID"]


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_a_zone_changes_its_offset_when_the_zone_does(zone: str) -> None:
    """Each onset, in the local time that ends with it, is the moment at which the zone's own database changes."""
    days = [NOON + timedelta(days=40 * number) for number in range(10)]
    content = calendar([Entry(gathering(day, zone=zone)) for day in days], HOME)
    (described,) = read(content).walk("VTIMEZONE")
    assert described["TZID"] == zone
    parts = described.subcomponents
    assert len(parts) >= (1 if zone == "Asia/Kolkata" else 4)
    for part in parts[1:]:
        before, after = part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td
        onset = (part["DTSTART"].dt - before).replace(tzinfo=UTC)
        assert (onset - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).utcoffset() == before
        assert onset.astimezone(ZoneInfo(zone)).utcoffset() == after != before


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "GMT"])
def test_universal_time_needs_no_zone(zone: str) -> None:
    content = calendar([Entry(gathering(zone=zone))], HOME)
    assert not read(content).walk("VTIMEZONE")
    assert b"DTSTART:20270301T120000Z" in content


def test_an_empty_calendar_is_a_calendar() -> None:
    """With nothing in it the grammar is not met, which programs know and take for nothing to show."""
    assert read(calendar([], HOME, "Plein"))["VERSION"] == "2.0"
