"""Cases gather what was reported of one thing, for moderators who are not concerned."""

from asyncio import gather
from functools import partial
from uuid import uuid4

import pytest

from chassis.testing import World
from tests.moderation.caller import Meet, patiently, refused
from tests.moderation.judging import Judge, done
from tests.moderation.owners import Shelf

UNKNOWN = f"cases/{uuid4()}"


@pytest.fixture
async def mia(meet: Meet) -> Judge:
    (caller,) = await meet("mia", roles=["moderator"])
    return Judge(caller)


@pytest.fixture
async def max_(meet: Meet) -> Judge:
    (caller,) = await meet("max", roles=["moderator"])
    return Judge(caller)


async def test_only_moderators_find_cases(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    (boss,) = await meet("boss", roles=["administrator"])
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.about(post)
    for caller in (ada, bob, boss):
        for attempt in (Judge(caller).read(case.name), Judge(caller).found(), Judge(caller).file(case.name)):
            assert (await refused(attempt)).code == "PERMISSION_DENIED"


async def test_a_case_file_shows_what_was_and_what_is(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    root = shelf.put(eve, "Wie eet mee?")
    post = shelf.put(ada, "Sukkel!", root=root, parent=root)
    await bob.report(post, "HARASSMENT", "Dit gaat over mij.")
    shelf.edit(post, "Vriend!")
    case = await mia.about(post)
    file = await mia.file(case.name)
    assert [snapshot.text for snapshot in file.snapshots] == ["Sukkel!"]
    assert (file.current.text, file.parent.text, file.HasField("root")) == ("Vriend!", "Wie eet mee?", False)
    assert [report.note for report in file.reports] == ["Dit gaat over mij."]
    await eve.report(post, "HATE")
    file = await mia.file(case.name)
    assert [snapshot.text for snapshot in file.snapshots] == ["Sukkel!", "Vriend!"]
    assert file.case.report_count == 2
    del shelf.subjects[post]
    assert not (await mia.file(case.name)).HasField("current")


async def test_the_top_of_a_thread_is_shown_too(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    root = shelf.put(ada, "Boven")
    reply = shelf.put(ada, "Midden", root=root, parent=root)
    post = shelf.put(ada, "Onder", root=root, parent=reply)
    await bob.report(post)
    file = await mia.file((await mia.about(post)).name)
    assert (file.root.text, file.parent.text, file.current.text) == ("Boven", "Midden", "Onder")


async def test_that_a_moderator_read_a_file_is_kept(meet: Meet, shelf: Shelf, mia: Judge, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.about(post)
    await mia.file(case.name)
    assert await done(world, case.name) == ["case.file_opened"]


async def test_nothing_tells_a_moderator_who_reported(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada)
    own = await bob.report(post)
    case = await mia.about(post)
    seen = [case, await mia.file(case.name), *await mia.reports(case.name), await mia.take(case.name)]
    assert bob.id.hex not in str(seen).replace("-", "")
    [report] = await mia.reports(case.name)
    assert report.day.seconds % 86400 == 0
    assert 0 <= own.create_time.seconds - report.day.seconds < 86400


async def test_who_is_concerned_does_not_find_the_case(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    author, reporter, keeper = (
        Judge(caller) for caller in await meet("author", "reporter", "keeper", roles=["moderator"])
    )
    group = f"groups/{uuid4()}"
    post = shelf.put(author.caller, group=group, concerned=[keeper.name])
    await reporter.caller.report(post)
    case = await mia.about(post)
    for judge in (author, reporter, keeper):
        expected = (await refused(judge.read(UNKNOWN))).without(UNKNOWN)
        assert expected.code == "NOT_FOUND"
        assert post not in await judge.subjects()
        for attempt in (judge.read, judge.file, judge.take, judge.release, judge.notes, judge.reports):
            assert (await refused(attempt(case.name))).without(case.name) == expected
        assert (await refused(judge.note(case.name, "Hm."))).without(case.name) == expected
        assert (await refused(judge.decide(case.name, "NO_ACTION"))).without(case.name) == expected
        assert (await refused(judge.decide_many([case.name], "NO_ACTION"))).without(case.name) == expected
        assert (await refused(judge.offer(case.name, mia.name))).without(case.name) == expected


async def test_who_answers_for_the_group_does_not_judge_what_is_in_it(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    (keeper,) = await meet("keeper", roles=["moderator"])
    group = shelf.put(ada, name=f"groups/{uuid4()}", concerned=[keeper.name])
    post = shelf.put(bob, group=group)
    shelf.keep_from(group, ada)
    await ada.report(post)
    case = await mia.about(post)
    assert (await refused(Judge(keeper).read(case.name))).code == "NOT_FOUND"
    assert (await mia.take(case.name)).assignee == mia.name


async def test_who_became_concerned_later_does_not_judge(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada, group=f"groups/{uuid4()}")
    await bob.report(post)
    case = await mia.about(post)
    await mia.take(case.name)
    shelf.subjects[post].concerned.append(mia.name)
    for method in (mia.read, mia.file, mia.notes, mia.reports):
        assert (await refused(method(case.name))).code == "NOT_FOUND"
    for attempt in (mia.note(case.name, "Hm."), mia.decide(case.name, "HIDE"), mia.decide_many([case.name], "HIDE")):
        assert (await refused(attempt)).code == "NOT_FOUND"


async def test_who_reported_while_working_on_it_loses_the_case(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.take((await mia.about(post)).name)
    await mia.caller.report(post)
    assert (await refused(mia.decide(case.name, "REMOVE"))).code == "NOT_FOUND"


async def test_whom_law_keeps_apart_does_not_judge(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, bob = await meet("ada", "bob", segments=["network"])
    (rita,) = await meet("rita", roles=["moderator"], segments=["retail"])
    (nora,) = await meet("nora", roles=["moderator"])
    await world.bar(("network", "retail"))
    post = shelf.put(ada)
    await bob.report(post)
    assert post in await Judge(nora).subjects()
    assert post not in await Judge(rita).subjects()
    await world.bar()


async def test_one_moderator_takes_a_case(meet: Meet, shelf: Shelf, mia: Judge, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    judges = [Judge(caller) for caller in await meet(*(f"judge{number}" for number in range(10)), roles=["moderator"])]
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.about(post)
    taken = await gather(*(patiently(partial(judge.take, case.name)) for judge in judges), return_exceptions=True)
    [first] = [answer for answer in taken if not isinstance(answer, BaseException)]
    assert first.assignee in {judge.name for judge in judges}
    assert (await refused(mia.take(case.name))).reason == "CASE_TAKEN"
    owner = next(judge for judge in judges if judge.name == first.assignee)
    assert await owner.take(case.name) == first
    assert (await refused(mia.release(case.name))).reason == "NOT_YOUR_CASE"
    assert not (await owner.release(case.name)).assignee
    assert (await mia.take(case.name)).assignee == mia.name
    assert await done(world, case.name) == ["case.taken", "case.released", "case.taken"]


async def test_offering_tells_nothing_about_who_is_concerned(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    (rob,) = await meet("rob", roles=["moderator"])
    post = shelf.put(ada)
    await bob.report(post)
    await rob.report(post)
    case = await mia.about(post)
    assert (await mia.offer(case.name, rob.name)).offered_to == rob.name
    assert await Judge(rob).subjects(offered=True) == []
    assert (await mia.take(case.name)).assignee == mia.name


async def test_somebody_can_be_asked_to_take_a_case(meet: Meet, shelf: Shelf, mia: Judge, max_: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.about(post)
    await mia.offer(case.name, max_.name)
    assert await max_.subjects(offered=True) == [post]
    await max_.take(case.name)
    assert await max_.subjects(mine=True) == [post]
    assert (await refused(mia.offer(case.name, mia.name))).reason == "WRONG_CASE_STATE"
    assert (await refused(mia.offer(case.name, "people/nonsense"))).fields == ("moderator",)


async def test_moderators_share_notes(meet: Meet, shelf: Shelf, mia: Judge, max_: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.about(post)
    made = [await judge.note(case.name, f"Nummer {number}") for number, judge in enumerate([mia, max_, mia])]
    assert await mia.notes(case.name, size=2) == made
    assert list((await mia.file(case.name)).notes) == made


async def test_cases_are_listed_in_pages_what_waits_longest_first(meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = await meet("ada", "bob")
    posts = [shelf.put(ada) for _ in range(5)]
    for post in posts:
        await bob.report(post, "CONFIDENTIAL")
    assert await mia.subjects(size=2, author=ada.name) == posts
    assert [subject for subject in await mia.subjects(reason=7) if subject in posts] == posts
    assert await mia.subjects(author=bob.name) == []
    assert (await refused(mia.found(author="people/nonsense"))).fields == ("author",)
