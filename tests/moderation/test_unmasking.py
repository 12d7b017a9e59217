"""Who reported is told to one moderator, when another agrees, and it is written down."""

import pytest
from plein.moderation.v1 import cases_pb2
from sqlalchemy import text

from chassis.testing import World
from tests.moderation.caller import Caller, Meet, refused
from tests.moderation.judging import Judge, done, rows
from tests.moderation.owners import Shelf


@pytest.fixture
async def mia(meet: Meet) -> Judge:
    (caller,) = await meet("mia", roles=["moderator"])
    return Judge(caller)


@pytest.fixture
async def other(meet: Meet) -> Judge:
    (caller,) = await meet("max", roles=["moderator"])
    return Judge(caller)


@pytest.fixture
async def bob(meet: Meet) -> Caller:
    (caller,) = await meet("bob")
    return caller


@pytest.fixture
async def report(meet: Meet, shelf: Shelf, bob: Caller, mia: Judge) -> str:
    """What Bob reported, as moderators name it; Mia works on the case."""
    (ada,) = await meet("ada")
    post = shelf.put(ada)
    await bob.report(post, "THREAT")
    case = await mia.take((await mia.about(post)).name)
    [found] = await mia.reports(case.name)
    return found.name


def case_of(name: str) -> str:
    return "/".join(name.split("/")[:2])


async def ask(judge: Judge, report: str, case: str = "") -> cases_pb2.Unmasking:
    unmasking = cases_pb2.Unmasking(report=report, justification="Er is iemand in gevaar.")
    request = cases_pb2.CreateUnmaskingRequest(parent=case or case_of(report), unmasking=unmasking)
    return await judge.cases.CreateUnmasking(request)


async def approve(judge: Judge, name: str) -> cases_pb2.Unmasking:
    return await judge.cases.ApproveUnmasking(cases_pb2.ApproveUnmaskingRequest(name=name))


async def reject(judge: Judge, name: str) -> cases_pb2.Unmasking:
    return await judge.cases.RejectUnmasking(cases_pb2.RejectUnmaskingRequest(name=name))


async def reveal(judge: Judge, name: str) -> str:
    return (await judge.cases.RevealReporter(cases_pb2.RevealReporterRequest(name=name))).reporter


async def listed(judge: Judge, case: str) -> list[cases_pb2.Unmasking]:
    return list((await judge.cases.ListUnmaskings(cases_pb2.ListUnmaskingsRequest(parent=case))).unmaskings)


async def test_two_together_find_out_and_every_step_is_kept(
    bob: Caller, report: str, mia: Judge, other: Judge, world: World
) -> None:
    asked = await ask(mia, report)
    assert (await refused(reveal(mia, asked.name))).reason == "NOT_APPROVED"
    agreed = await approve(other, asked.name)
    assert (agreed.state, agreed.answerer) == (cases_pb2.UNMASKING_STATE_APPROVED, other.name)
    for _ in range(2):
        assert await reveal(mia, asked.name) == bob.name
    steps = ["unmasking.requested", "unmasking.approved", "reporter.revealed", "reporter.revealed"]
    assert await done(world, asked.name) == steps
    facts = await rows(world, "SELECT facts, subject FROM audit.entries")
    assert str(bob.id) not in str(facts)
    assert await listed(other, case_of(report)) == [agreed]


async def test_the_reporter_sees_that_it_happened(bob: Caller, report: str, mia: Judge, other: Judge) -> None:
    asked = await ask(mia, report)
    assert not (await bob.own_reports())[0].HasField("unmask_time")
    await approve(other, asked.name)
    assert (await bob.own_reports())[0].HasField("unmask_time")


async def test_nobody_agrees_with_themselves(report: str, mia: Judge) -> None:
    asked = await ask(mia, report)
    for attempt in (approve, reject):
        assert (await refused(attempt(mia, asked.name))).reason == "NEEDS_ANOTHER"


async def test_only_who_asked_is_told(report: str, mia: Judge, other: Judge) -> None:
    asked = await ask(mia, report)
    await approve(other, asked.name)
    assert (await refused(reveal(other, asked.name))).reason == "NOT_YOURS"


async def test_who_does_not_agree_ends_it(report: str, mia: Judge, other: Judge) -> None:
    asked = await ask(mia, report)
    assert (await reject(other, asked.name)).state == cases_pb2.UNMASKING_STATE_REJECTED
    assert (await refused(reveal(mia, asked.name))).reason == "NOT_APPROVED"
    assert (await refused(approve(other, asked.name))).reason == "ANSWERED_BEFORE"


async def test_it_holds_for_a_day(report: str, mia: Judge, other: Judge, world: World) -> None:
    asked, late = await ask(mia, report), await ask(mia, report)
    await approve(other, asked.name)
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text("UPDATE unmaskings SET expire_time = now() - interval '1 second'"))
    assert (await refused(reveal(mia, asked.name))).reason == "UNMASKING_EXPIRED"
    assert (await refused(approve(other, late.name))).reason == "UNMASKING_EXPIRED"


async def test_only_who_works_on_the_case_asks_and_only_about_its_reports(
    report: str, mia: Judge, other: Judge, bob: Caller, meet: Meet, shelf: Shelf
) -> None:
    assert (await refused(ask(other, report))).reason == "NOT_YOUR_CASE"
    (eve,) = await meet("eve")
    post = shelf.put(eve)
    own = await bob.report(post)
    [elsewhere] = await mia.reports((await mia.about(post)).name)
    for name in (elsewhere.name, f"{case_of(report)}/reports/{own.name.partition('/')[2]}"):
        assert (await refused(ask(mia, name, case_of(report)))).reason == "NOT_IN_THIS_CASE"


async def test_who_is_concerned_neither_agrees_nor_finds_out(report: str, mia: Judge, meet: Meet, shelf: Shelf) -> None:
    (rob,) = await meet("rob", roles=["moderator"])
    asked = await ask(mia, report)
    subject = (await mia.read(case_of(report))).subject
    await rob.report(subject)
    for attempt in (approve, reject, reveal):
        assert (await refused(attempt(Judge(rob), asked.name))).code == "NOT_FOUND"
    assert (await refused(listed(Judge(rob), case_of(report)))).code == "NOT_FOUND"
