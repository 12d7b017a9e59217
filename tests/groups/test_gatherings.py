"""Events of groups: planned, changed, called off, seen by members."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from plein.groups.v1 import gatherings_pb2
from sqlalchemy import text

from chassis.testing import World
from tests.feed.caller import refused
from tests.groups.caller import Meet
from tests.groups.gathering import UNKNOWN_EVENT, Guest, moment

STATE = gatherings_pb2.GroupEventState


async def test_members_see_what_is_planned(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await bob.join(group)
    planned = await Guest(bob).plan(
        group,
        " Golf\tmorning ",
        description="Bring **clubs**. <script>alert(1)</script>",
        link="https://meet.example/golf",
    )
    assert (planned.title, planned.organiser, planned.place) == ("Golf morning", bob.name, "Zaal 1")
    assert planned.time_zone == "Europe/Amsterdam"
    assert planned.reminder.seconds == 86400
    assert "<strong>clubs</strong>" in planned.description_html
    assert "<script" not in planned.description_html
    assert planned.state == STATE.GROUP_EVENT_STATE_PLANNED
    assert await Guest(ada).event(planned.name) == planned


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"title": "  "}, "title", "NO_TITLE"),
        ({"place": ""}, "place", "NO_PLACE"),
        ({"place": "", "link": "javascript:alert(1)"}, "link", "BAD_LINK"),
        ({"link": "http://meet.example"}, "link", "BAD_LINK"),
        ({"link": "https://user@meet.example"}, "link", "BAD_LINK"),
        ({"link": 'https://meet.example/"x'}, "link", "BAD_LINK"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "NO_TIME_ZONE"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "NO_TIME_ZONE"),
        ({"lasting": 0}, "end_time", "BAD_END"),
        ({"lasting": -1}, "end_time", "BAD_END"),
        ({"lasting": 24 * 32}, "end_time", "BAD_END"),
        ({"hours": -48}, "end_time", "IN_THE_PAST"),
        ({"hours": 24 * 366 * 6}, "start_time", "TOO_FAR_AHEAD"),
        ({"reminder": Duration(seconds=31 * 86400)}, "reminder", "BAD_REMINDER"),
        ({"reminder": Duration(seconds=-1)}, "reminder", "BAD_REMINDER"),
        ({"start_time": None}, "start_time", "NO_TIME"),
    ],
)
async def test_what_cannot_be_held_is_refused(meet: Meet, fields: dict[str, Any], field: str, reason: str) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(Guest(ada).plan((await ada.found()).name, **fields))
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", reason)
    assert refusal.fields == (f"group_event.{field}",)


@pytest.mark.parametrize("visibility", ["OPEN", "CLOSED", "SECRET"])
async def test_for_others_an_event_is_one_that_does_not_exist(meet: Meet, visibility: str) -> None:
    ada, eve = await meet("ada", "eve")
    group = (await ada.found(visibility=visibility)).name
    name, guest = (await Guest(ada).plan(group)).name, Guest(eve)
    unknown = f"{group}/events/{UNKNOWN_EVENT}"
    for attempt in (guest.event, guest.cancel, guest.export, guest.attendances):
        assert (await refused(attempt(name))).without(name) == (await refused(attempt(unknown))).without(unknown)
        assert (await refused(attempt(name))).code == "NOT_FOUND"
    assert (await refused(guest.change(name, title="x"))).code == "NOT_FOUND"
    assert (await refused(guest.answer(name, "YES"))).code == "NOT_FOUND"
    assert not await guest.mine()
    expected = "NOT_FOUND" if visibility == "SECRET" else "PERMISSION_DENIED"
    assert (await refused(guest.upcoming(group))).code == expected
    assert (await refused(guest.plan(group))).code == expected


async def test_its_organiser_and_keepers_change_an_event(meet: Meet) -> None:
    ada, bob, kim, max_ = await meet("ada", "bob", "kim", "max")
    group = (await ada.found()).name
    for person in (bob, kim, max_):
        await person.join(group)
    await ada.appoint(group, kim, "KEEPER")
    planned = await Guest(bob).plan(group)
    assert (await refused(Guest(max_).change(planned.name, title="Hockey"))).reason == "NOT_YOUR_EVENT"
    assert (await refused(Guest(max_).cancel(planned.name))).reason == "NOT_YOUR_EVENT"
    renamed = await Guest(bob).change(planned.name, title="Hockey", etag=planned.etag)
    assert (renamed.title, renamed.place, renamed.start_time) == ("Hockey", planned.place, planned.start_time)
    assert (await refused(Guest(kim).change(planned.name, title="Chess", etag=planned.etag))).code == "ABORTED"
    moved = await Guest(kim).change(planned.name, "place", "link", link="https://meet.example")
    assert (moved.place, moved.link, moved.title) == ("", "https://meet.example", "Hockey")
    assert (await refused(Guest(kim).change(planned.name, "organiser"))).reason == "FIELD_NOT_YOURS"
    assert (await refused(Guest(kim).change(planned.name, "link"))).reason == "NO_PLACE"


async def test_what_was_called_off_stays_and_changes_no_more(meet: Meet) -> None:
    (ada,) = await meet("ada")
    guest, group = Guest(ada), (await ada.found()).name
    planned = await guest.plan(group)
    cancelled = await guest.cancel(planned.name)
    assert cancelled.state == STATE.GROUP_EVENT_STATE_CANCELLED
    assert await guest.cancel(planned.name) == cancelled
    assert await guest.upcoming(group) == [planned.name]
    assert (await refused(guest.change(planned.name, title="x"))).reason == "EVENT_CANCELLED"
    assert (await refused(guest.answer(planned.name, "YES"))).reason == "EVENT_CANCELLED"


async def test_events_are_listed_in_the_order_in_which_they_come(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada")
    guest, group, other = Guest(ada), (await ada.found()).name, (await ada.found("Chess")).name
    late, soon, between = [(await guest.plan(group, hours=hours)).name for hours in (90, 30, 60)]
    elsewhere = (await guest.plan(other, hours=45)).name
    assert await guest.upcoming(group, 2) == [soon, between, late]
    assert await guest.mine(3) == [soon, elsewhere, between, late]
    await pass_by(world, soon, between)
    assert await guest.upcoming(group) == [late]
    assert await guest.upcoming(group, 1, past=True) == [between, soon]
    assert (await refused(guest.answer(soon, "YES"))).reason == "EVENT_ENDED"


async def test_nobody_plans_without_end(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found()).name
    for _ in range(world.server.settings.group_events_per_day):  # type: ignore[attr-defined] # those of groups
        await Guest(ada).plan(group)
    assert (await refused(Guest(ada).plan(group))).reason == "TOO_MANY_EVENTS_TODAY"


async def test_in_an_archived_group_nothing_is_planned_or_answered(meet: Meet) -> None:
    (ada,) = await meet("ada")
    guest, group = Guest(ada), (await ada.found()).name
    planned = await guest.plan(group)
    await ada.archive(group)
    assert await guest.upcoming(group) == [planned.name]
    for attempt in (guest.plan(group), guest.answer(planned.name, "YES"), guest.cancel(planned.name)):
        assert (await refused(attempt)).reason == "GROUP_ARCHIVED"


async def test_a_deleted_group_takes_its_events_along(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await bob.join(group)
    planned = await Guest(bob).plan(group)
    await ada.delete(group)
    assert (await refused(Guest(bob).event(planned.name))).code == "NOT_FOUND"
    assert not await Guest(bob).mine()
    await ada.undelete(group)
    assert await Guest(bob).mine() == [planned.name]


async def test_a_request_that_is_repeated_plans_one_event(meet: Meet) -> None:
    (ada,) = await meet("ada")
    guest, group, request_id = Guest(ada), (await ada.found()).name, str(uuid4())
    start = datetime.now(UTC) + timedelta(days=2)
    times: dict[str, Any] = {"start_time": moment(start), "end_time": moment(start + timedelta(hours=1))}
    first = await guest.plan(group, request_id=request_id, **times)
    assert await guest.plan(group, request_id=request_id, **times) == first
    assert await guest.upcoming(group) == [first.name]


async def test_what_law_keeps_apart_does_not_see_each_others_events(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await bob.join(group)
    planned = await Guest(ada).plan(group)
    await world.access(ada.person, segments=["network"])
    await world.access(bob.person, segments=["retail"])
    await world.bar(("network", "retail"))
    assert (await refused(Guest(bob).event(planned.name))).code == "NOT_FOUND"
    await world.bar()


async def pass_by(world: World, *names: str) -> None:
    """Lets events be over."""
    async with world.server.resources.database.transaction() as tx:
        ids = [name.rpartition("/")[2] for name in names]
        moved = (
            "UPDATE gatherings SET start_time = start_time - interval '9 days', end_time = end_time - interval '9 days'"
        )
        await tx.execute(text(f"{moved} WHERE id = ANY(CAST(:ids AS uuid[]))"), {"ids": ids})
