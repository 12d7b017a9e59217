"""Who comes to an event: with a limit, a row of people who wait, and nobody who is gone."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial

from google.protobuf.duration_pb2 import Duration
from plein.groups.v1 import events_pb2

from chassis.testing import World
from services.groups.jobs.reminders import remind_due
from tests.feed.caller import patiently, refused
from tests.groups.caller import Caller, Meet
from tests.groups.entering import let_in
from tests.groups.gathering import Guest, counts, moment
from tests.groups.telling import told


async def test_people_change_their_minds(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await bob.join(group)
    name, guest = (await Guest(ada).plan(group)).name, Guest(bob)
    assert await guest.attendance(name) == ""
    for answer, comes, counted in (
        ("YES", "GOING", (1, 0, 0)),
        ("YES", "GOING", (1, 0, 0)),
        ("MAYBE", "MAYBE", (0, 0, 1)),
        ("NO", "DECLINED", (0, 0, 0)),
        ("YES", "GOING", (1, 0, 0)),
    ):
        assert await guest.answer(name, answer) == comes
        assert await guest.attendance(name) == comes
        assert counts(await Guest(ada).event(name)) == counted
    assert await Guest(ada).attendance(name) == ""


async def test_who_waits_gets_the_first_place_that_becomes_free(meet: Meet) -> None:
    ada, *others = await meet("ada", "bob", "cas", "dee", "eva")
    group = (await ada.found()).name
    await asyncio.gather(*(other.join(group) for other in others))
    name = (await Guest(ada).plan(group, limit=2)).name
    bob, cas, dee, eva = map(Guest, others)
    came = [await guest.answer(name, "YES") for guest in (bob, cas, dee, eva)]
    assert came == ["GOING", "GOING", "WAITING", "WAITING"]
    assert await dee.answer(name, "YES") == "WAITING"
    assert counts(await eva.event(name)) == (2, 2, 0)
    await cas.answer(name, "MAYBE")
    assert [await guest.attendance(name) for guest in (bob, cas, dee, eva)] == ["GOING", "MAYBE", "GOING", "WAITING"]
    assert await cas.answer(name, "YES") == "WAITING"
    assert await ada_sees(ada, name) == [
        (others[0].name, "GOING"),
        (others[2].name, "GOING"),
        (others[3].name, "WAITING"),
        (others[1].name, "WAITING"),
    ]
    await eva.answer(name, "NO")
    assert counts(await eva.event(name)) == (2, 1, 0)


async def test_a_higher_limit_lets_in_and_a_lower_one_sends_nobody_away(meet: Meet) -> None:
    ada, *others = await meet("ada", "bob", "cas", "dee", "eva")
    group = (await ada.found()).name
    await asyncio.gather(*(other.join(group) for other in others))
    name = (await Guest(ada).plan(group, limit=1)).name
    for other in others:
        await Guest(other).answer(name, "YES")
    assert counts(await Guest(ada).change(name, limit=3)) == (3, 1, 0)
    assert counts(await Guest(ada).change(name, limit=2)) == (3, 1, 0)
    assert await Guest(others[0]).answer(name, "YES") == "GOING"
    await Guest(others[0]).answer(name, "NO")
    assert counts(await Guest(ada).event(name)) == (2, 1, 0)
    assert counts(await Guest(ada).change(name, "limit")) == (3, 0, 0)


async def test_fifty_who_answer_at_once_do_not_share_ten_places(world: World, meet: Meet) -> None:
    """Every place is taken by one, nobody is lost, and those who go make room for those who wait."""
    (ada,), guests = await meet("ada"), await meet(*(f"guest{number}" for number in range(50)))
    group = (await ada.found()).name
    await let_in(ada, group, *guests)
    name = (await Guest(ada).plan(group, limit=10)).name
    came = await asyncio.gather(*(patiently(partial(Guest(guest).answer, name, "YES")) for guest in guests))
    assert sorted(came) == ["GOING"] * 10 + ["WAITING"] * 40
    assert counts(await Guest(ada).event(name)) == (10, 40, 0)
    changes = [(guest, random.choice(["NO", "MAYBE"])) for guest in random.sample(guests, 25)]
    await asyncio.gather(*(patiently(partial(Guest(guest).answer, name, answer)) for guest, answer in changes))
    event, listed = await Guest(ada).event(name), [attendance for _, attendance in await ada_sees(ada, name)]
    assert counts(event) == (10, 15, listed.count("MAYBE"))
    assert (listed.count("GOING"), listed.count("WAITING")) == (10, 15)
    assert len(listed) == 50


async def test_the_row_of_those_who_wait_is_as_a_simple_list_would_have_it(meet: Meet) -> None:
    """Eighty answers and changes of the limit by chance, each compared with the model."""
    ada, *others = await meet("ada", *(f"guest{number}" for number in range(6)))
    group = (await ada.found()).name
    await let_in(ada, group, *others)
    name, limit, row = (await Guest(ada).plan(group, limit=2)).name, 2, Row()
    for _ in range(80):
        if random.random() < 0.1:
            limit = random.choice([0, 1, 2, 3, 5])
            await Guest(ada).change(name, "limit", limit=limit)
        else:
            guest, answer = random.choice(others), random.choice(["YES", "YES", "NO", "MAYBE"])
            assert await Guest(guest).answer(name, answer) == row.answer(guest.name, answer, limit)
        row.fill(limit)
        assert sorted(await ada_sees(ada, name)) == sorted(row.standing.items())
        event = await Guest(ada).event(name)
        kinds = list(row.standing.values())
        assert counts(event) == tuple(map(kinds.count, ("GOING", "WAITING", "MAYBE")))


class Row:
    """Who answered what, those who wait in their order, told as simply as it can be."""

    def __init__(self) -> None:
        self.standing: dict[str, str] = {}
        self.waiting: list[str] = []

    def answer(self, guest: str, answer: str, limit: int) -> str:
        before = self.standing.get(guest, "")
        if answer == "YES" and before in ("GOING", "WAITING"):
            return before
        if guest in self.waiting:
            self.waiting.remove(guest)
        self.standing[guest] = {"NO": "DECLINED", "MAYBE": "MAYBE", "YES": "WAITING"}[answer]
        if answer == "YES":
            self.waiting.append(guest)
        self.fill(limit)
        return self.standing[guest]

    def fill(self, limit: int) -> None:
        while self.waiting and (not limit or list(self.standing.values()).count("GOING") < limit):
            self.standing[self.waiting.pop(0)] = "GOING"


async def test_who_leaves_makes_room(world: World, meet: Meet) -> None:
    ada, bob, cas, dee = await meet("ada", "bob", "cas", "dee")
    group = (await ada.found()).name
    for person in (bob, cas, dee):
        await person.join(group)
    name = (await Guest(ada).plan(group, limit=1)).name
    for person in (bob, cas, dee):
        await Guest(person).answer(name, "YES")
    await bob.leave(group)
    await world.caught_up("groups")
    assert await ada_sees(ada, name) == [(cas.name, "GOING"), (dee.name, "WAITING")]
    await ada.remove(group, cas)
    await world.caught_up("groups")
    assert await ada_sees(ada, name) == [(dee.name, "GOING")]
    assert counts(await Guest(ada).event(name)) == (1, 0, 0)


async def test_pages_of_answers_follow_each_other(meet: Meet) -> None:
    ada, bob, cas = await meet("ada", "bob", "cas")
    group = (await ada.found()).name
    for person in (bob, cas):
        await person.join(group)
    name = (await Guest(ada).plan(group)).name
    await Guest(bob).answer(name, "NO")
    await Guest(cas).answer(name, "MAYBE")
    await Guest(ada).answer(name, "YES")
    expected = [(ada.name, "GOING"), (cas.name, "MAYBE"), (bob.name, "DECLINED")]
    assert await Guest(ada).attendances(name, 1) == expected


async def test_people_are_reminded_once_and_once_more_when_it_moves(world: World, meet: Meet) -> None:
    ada, bob, cas, dee = await meet("ada", "bob", "cas", "dee")
    group = (await ada.found()).name
    for person in (bob, cas, dee):
        await person.join(group)
    name = (await Guest(ada).plan(group, hours=3, limit=1, reminder=Duration(seconds=2 * 3600))).name
    await Guest(bob).answer(name, "YES")
    await Guest(cas).answer(name, "YES")
    await Guest(dee).answer(name, "NO")
    resources, now = world.server.resources, datetime.now(UTC)
    assert await remind_due(resources, now) == 0
    later = now + timedelta(hours=1, minutes=1)
    assert await remind_due(resources, later) == 1
    assert await remind_due(resources, later) == 0
    assert await reminded(world, name) == [[bob.name, cas.name]]
    start = now + timedelta(hours=6)
    await Guest(ada).change(name, start_time=moment(start), end_time=moment(start + timedelta(hours=1)))
    assert await remind_due(resources, later) == 0
    assert await remind_due(resources, later + timedelta(hours=3)) == 1
    assert len(await reminded(world, name)) == 2


async def test_nobody_is_reminded_of_what_has_begun_or_was_called_off(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada")
    group, guest = (await ada.found()).name, Guest(ada)
    hour, none = Duration(seconds=3600), Duration()
    begun, off, never = [(await guest.plan(group, hours=3, reminder=before)).name for before in (hour, hour, none)]
    soon = (await guest.plan(group, hours=3)).name
    for name in (begun, off, never, soon):
        await guest.answer(name, "YES")
    await guest.cancel(off)
    while await remind_due(world.server.resources, datetime.now(UTC) + timedelta(hours=4)):
        pass
    assert [await reminded(world, name) for name in (begun, off, never, soon)] == [[], [], [], []]


async def test_who_sees_no_event_answers_none(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found(visibility="CLOSED")).name
    name = (await Guest(ada).plan(group)).name
    assert (await refused(Guest(bob).answer(name, "YES"))).code == "NOT_FOUND"
    assert counts(await Guest(ada).event(name)) == (0, 0, 0)


async def ada_sees(ada: Caller, name: str) -> list[tuple[str, str]]:
    return await Guest(ada).attendances(name)


async def reminded(world: World, name: str) -> list[list[str]]:
    """Whom each reminder of an event names, as the log has them."""
    events = await told(world, name)
    return [list(event.people) for event in events if isinstance(event, events_pb2.GroupEventReminded)]
