"""What somebody made in groups is theirs to take along, and goes or stays as nobody's when they are erased."""

from typing import Any

import pytest
from plein.groups.v1 import gatherings_pb2

from chassis.testing import World
from services.groups.rpc import own_contents
from tests.feed.caller import refused
from tests.groups.caller import Meet
from tests.groups.entering import let_in
from tests.groups.gathering import Guest, counts
from tests.groups.seeking import Seeker
from tests.groups.sharing import Sharer
from tests.groups.test_own_data import erase, exported, standing


@pytest.mark.parametrize("page", [1, 200])
async def test_what_one_made_and_answered_comes_out_whole(meet: Meet, monkeypatch: Any, page: int) -> None:
    monkeypatch.setattr(own_contents, "AT_ONCE", page)
    ada, bob = await meet("ada", "bob")
    group, dismissed = (await ada.found()).name, (await ada.found("Chess")).name
    await let_in(ada, group, bob)
    files = [await Sharer(bob).bring(group, title=f"{number}.txt") for number in range(2)]
    events = [await Guest(bob).plan(group, f"Event {number}") for number in range(2)]
    await Sharer(ada).bring(group)
    theirs = await Guest(ada).plan(group)
    await Guest(bob).answer(theirs.name, "MAYBE")
    await Guest(bob).answer(events[0].name, "YES")
    await Seeker(bob).dismiss(dismissed)
    await Guest(bob).reset_link()
    whole = await exported(bob)
    assert [file.name for file in whole.files] == [file.name for file in files]
    assert [event.name for event in whole.events] == [event.name for event in events]
    answers = {answer.event: gatherings_pb2.Attendance.Name(answer.attendance)[11:] for answer in whole.attendances}
    assert answers == {theirs.name: "MAYBE", events[0].name: "GOING"}
    assert list(whole.dismissed_suggestions) == [dismissed]
    assert whole.calendar_link.HasField("create_time")
    assert not whole.calendar_link.url


@pytest.mark.parametrize("mode", ["REMOVE", "ANONYMISE"])
async def test_nothing_is_left_of_what_somebody_made(world: World, meet: Meet, mode: str) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await let_in(ada, group, bob)
    await ada.appoint(group, bob, "KEEPER")
    own, other = await Sharer(bob).bring(group), await Sharer(ada).bring(group)
    await Sharer(bob).bring(name=other.name, content=b"newer")
    event, theirs = await Guest(bob).plan(group), await Guest(ada).plan(group)
    for planned in (event, theirs):
        await Guest(bob).answer(planned.name, "YES")
    await Guest(bob).reset_link()
    await Seeker(bob).dismiss((await ada.found("Chess")).name)
    await erase(world, bob, mode)
    assert await standing(world, bob) == {}
    newest = (await Sharer(ada).file(other.name)).newest
    assert (newest.uploader, await Sharer(ada).content(other.name)) == ("", b"newer")
    assert counts(await Guest(ada).event(theirs.name)) == (0, 0, 0)
    if mode == "REMOVE":
        assert (await refused(Sharer(ada).file(own.name))).code == "NOT_FOUND"
        assert (await refused(Guest(ada).event(event.name))).code == "NOT_FOUND"
    else:
        assert (await Sharer(ada).file(own.name)).uploader == ""
        assert (await Guest(ada).event(event.name)).organiser == ""
        assert counts(await Guest(ada).event(event.name)) == (0, 0, 0)
