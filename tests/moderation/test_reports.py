"""Whoever sees something can report it, once, and nobody learns who did."""

from asyncio import gather
from functools import partial
from uuid import uuid4

import pytest
from plein.moderation.v1 import moderation_pb2
from sqlalchemy import text

from chassis.testing import World
from tests.moderation.caller import Meet, patiently, refused
from tests.moderation.owners import Shelf


async def rows(world: World, query: str, **values: object) -> list[tuple[object, ...]]:
    async with world.server.resources.database.snapshot() as tx:
        return [tuple(row) for row in await tx.execute(text(query), values)]


async def test_what_one_sees_one_can_report_with_a_reason_and_a_note(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada, "Bob is een sukkel")
    report = await bob.report(post, "HARASSMENT", "Dit gaat over mij.")
    assert (report.subject, report.note) == (post, "Dit gaat over mij.")
    assert report.reason == moderation_pb2.REPORT_REASON_HARASSMENT
    assert report.result == moderation_pb2.REPORT_RESULT_UNSPECIFIED
    assert await bob.own_report(report.name) == report
    assert await bob.own_reports() == [report]


async def test_twice_by_one_person_is_one(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada)
    found = await gather(*(patiently(partial(bob.report, post, "SPAM", str(number))) for number in range(20)))
    assert len({report.name for report in found}) == 1
    assert await rows(world, "SELECT count(*) FROM reports WHERE subject = :post", post=post) == [(1,)]
    assert await rows(world, "SELECT report_count FROM cases WHERE subject = :post", post=post) == [(1,)]


async def test_fifty_reports_at_once_make_one_case(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, *others = await meet("ada", *(f"reporter{number}" for number in range(50)))
    post = shelf.put(ada)
    found = await gather(*(patiently(partial(other.report, post, "SPAM")) for other in others))
    assert len({report.name for report in found}) == 50
    assert await rows(world, "SELECT report_count FROM cases WHERE subject = :post", post=post) == [(50,)]


async def test_what_one_cannot_see_looks_like_what_does_not_exist(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    secret = shelf.put(ada)
    shelf.keep_from(secret, bob)
    names = [
        secret,
        f"posts/{uuid4()}",
        f"groups/{uuid4()}",
        "posts/nonsense",
        "nonsense",
        "cases/1",
        f"widgets/{uuid4()}",
    ]
    refusals = {(await refused(bob.report(name))).without(name) for name in names}
    assert [(refusal.code, refusal.reason) for refusal in refusals] == [("NOT_FOUND", "SUBJECT_NOT_FOUND")]
    assert await rows(world, "SELECT count(*) FROM subjects WHERE name = ANY(:names)", names=names) == [(0,)]


async def test_a_profile_is_reported_by_the_name_that_people_see(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    shelf.put(ada, name=ada.name)
    shelf.put(ada, name=f"{ada.name}/photo")
    assert (await bob.report(f"profiles/{ada.id}")).subject == ada.name
    assert (await bob.report(f"profiles/{ada.id}/photos/1")).subject == f"{ada.name}/photo"


async def test_nobody_reports_themselves(meet: Meet, shelf: Shelf) -> None:
    (ada,) = await meet("ada")
    assert (await refused(ada.report(shelf.put(ada)))).reason == "OWN_SUBJECT"


async def test_something_else_needs_words(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada)
    for note in ("", "  "):
        told = await refused(bob.report(post, "OTHER", note))
        assert (told.reason, told.fields) == ("NOTE_MISSING", ("report.note",))
    assert (await bob.report(post, "OTHER", "Het ruikt hier vreemd.")).name


async def test_others_do_not_find_a_report(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    (mia,) = await meet("mia", roles=["moderator"])
    report = await bob.report(shelf.put(ada))
    unknown = f"reports/{uuid4()}"
    expected = (await refused(bob.own_report(unknown))).without(unknown)
    for caller in (ada, mia):
        assert (await refused(caller.own_report(report.name))).without(report.name) == expected
        assert await caller.own_reports() == []
    assert (await refused(bob.own_report("reports/nonsense"))).without("reports/nonsense") == expected


async def test_own_reports_come_in_pages_newest_first(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    made = [await bob.report(shelf.put(ada)) for _ in range(5)]
    assert await bob.own_reports(size=2) == made[::-1]


async def test_the_same_request_again_is_answered_again(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    post, asked = shelf.put(ada), str(uuid4())
    assert await bob.report(post, request_id=asked) == await bob.report(post, request_id=asked)


@pytest.mark.parametrize("reason", ["THREAT", "PRIVACY"])
async def test_what_cannot_wait_is_hidden_at_once(meet: Meet, shelf: Shelf, world: World, reason: str) -> None:
    ada, bob = await meet("ada", "bob")
    post = shelf.put(ada)
    await bob.report(post, reason)
    assert await told(world, post) == ["plein.moderation.v1.SubjectHidden"]


async def test_what_many_report_is_hidden_until_it_is_decided(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, *others = await meet("ada", *(f"reporter{number}" for number in range(6)))
    post = shelf.put(ada)
    for other in others[:4]:
        await other.report(post)
    assert await told(world, post) == []
    await gather(*(other.report(post) for other in others[4:]))
    assert await told(world, post) == ["plein.moderation.v1.SubjectHidden"]


async def test_people_and_groups_are_not_hidden_unseen(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group = f"groups/{uuid4()}"
    names = [shelf.put(ada, name=name) for name in (ada.name, group, f"{ada.name}/photo", f"{group}/files/{uuid4()}")]
    for name in names:
        await bob.report(name, "THREAT")
    assert [len(await told(world, name)) for name in names] == [0, 0, 1, 1]


async def told(world: World, subject: str) -> list[object]:
    """The kinds of events about a subject, in order."""
    query = "SELECT type FROM eventlog.outbox WHERE aggregate = :subject "
    query += "UNION ALL SELECT type FROM eventlog.events WHERE aggregate = :subject"
    return [kind for (kind,) in await rows(world, query, subject=subject)]
