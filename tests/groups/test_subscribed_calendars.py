"""Calendars that people subscribe to, at an address that is itself the permission."""

from typing import Any

from icalendar import Calendar
from plein.groups.v1 import gatherings_pb2

from chassis.testing import World
from tests.feed.caller import refused
from tests.groups.caller import Caller, Meet
from tests.groups.entering import let_in
from tests.groups.gathering import Guest

NEVER = "0" * 64


async def test_an_event_is_taken_along_as_a_file(meet: Meet) -> None:
    (ada,) = await meet("ada")
    name = (await Guest(ada).plan((await ada.found()).name, "Golf")).name
    assert titles(await Guest(ada).export(name)) == ["Golf"]


async def test_a_calendar_has_the_events_of_ones_groups_but_those_one_declined(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group, secret, other = [
        (await ada.found(title, kind)).name
        for title, kind in (("Golf", "OPEN"), ("Surprise", "SECRET"), ("Chess", "OPEN"))
    ]
    await let_in(ada, group, bob)
    await let_in(ada, secret, bob)
    for place, title in ((group, "One"), (group, "Two"), (group, "Three"), (secret, "Four"), (other, "Five")):
        planned = await Guest(ada).plan(place, title)
        if title == "Two":
            await Guest(bob).answer(planned.name, "NO")
        if title == "Three":
            await Guest(ada).cancel(planned.name)
    address, program = await Guest(bob).reset_link(), Guest(Caller(world, None))
    calendar = await program.calendar(address)
    assert sorted(titles(calendar)) == ["Four", "One", "Three"]
    statuses = {str(event["SUMMARY"]): str(event["STATUS"]) for event in read(calendar).walk("VEVENT")}
    assert statuses == {"Four": "CONFIRMED", "One": "CONFIRMED", "Three": "CANCELLED"}


async def test_who_is_put_out_has_the_events_no_more(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await let_in(ada, group, bob)
    await Guest(ada).plan(group)
    address, program = await Guest(bob).reset_link(), Guest(Caller(world, None))
    assert titles(await program.calendar(address)) == ["Golf"]
    await ada.remove(group, bob)
    assert titles(await program.calendar(address)) == []


async def test_an_address_can_be_revoked_and_renewed(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada")
    guest, program = Guest(ada), Guest(Caller(world, None))
    asked = gatherings_pb2.GetCalendarLinkRequest()
    assert (await refused(guest.calendars.GetCalendarLink(asked))).reason == "NO_CALENDAR_LINK"
    first = await guest.reset_link()
    kept = await guest.calendars.GetCalendarLink(asked)
    assert (kept.url, kept.HasField("create_time")) == ("", True)
    second = await guest.reset_link()
    assert await program.calendar(second)
    never = await refused(program.calendar(NEVER))
    assert never.code == "NOT_FOUND"
    assert await refused(program.calendar(first)) == never
    await guest.revoke_link()
    await guest.revoke_link()
    assert await refused(program.calendar(second)) == never
    assert (await refused(guest.calendars.GetCalendarLink(asked))).reason == "NO_CALENDAR_LINK"


async def test_the_address_of_somebody_who_left_leads_nowhere(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await let_in(ada, group, bob)
    await Guest(ada).plan(group)
    address, program = await Guest(bob).reset_link(), Guest(Caller(world, None))
    await world.access(bob.person, active=False)
    assert await refused(program.calendar(address)) == await refused(program.calendar(NEVER))


def read(content: bytes) -> Any:
    return Calendar.from_ical(content)


def titles(content: bytes) -> list[str]:
    return [str(event["SUMMARY"]) for event in read(content).walk("VEVENT")]
