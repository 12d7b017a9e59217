"""An author appeals once, and another moderator decides on it."""

from asyncio import gather
from functools import partial

import pytest
from plein.moderation.v1 import events_pb2, moderation_pb2
from sqlalchemy import text

from chassis.testing import World
from tests.moderation.caller import Caller, Meet, patiently, refused
from tests.moderation.judging import Author, Judge, done, told
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
async def people(meet: Meet) -> list[Caller]:
    """Ada, who writes, and Bob, who reports."""
    return await meet("ada", "bob")


async def decided(people: list[Caller], shelf: Shelf, judge: Judge, verdict: str = "REMOVE", **fields: object) -> str:
    """The name of a new case of Ada's that is decided."""
    ada, bob = people
    post = shelf.put(ada)
    await bob.report(post)
    return (await judge.judge(post, verdict, **fields)).name


async def test_an_appeal_waits_for_another_moderator(
    people: list[Caller], shelf: Shelf, mia: Judge, other: Judge
) -> None:
    ada, _ = people
    case = await decided(people, shelf, mia)
    statement = await Author(ada).appeal(case, "Het was een grap.")
    assert (statement.appeal.text, statement.appeal.verdict) == ("Het was een grap.", 0)
    assert not statement.HasField("appeal_expire_time")
    assert (await mia.read(case)).state == moderation_pb2.CASE_STATE_APPEALED
    assert (await refused(mia.take(case))).reason == "OWN_DECISION"
    assert (await refused(mia.undo(case))).reason == "WRONG_CASE_STATE"
    assert (await other.take(case)).state == moderation_pb2.CASE_STATE_APPEAL_TAKEN
    assert (await other.file(case)).appeal.text == "Het was een grap."
    assert (await refused(mia.decide_appeal(case, "REMOVE", explanation="Nee."))).reason == "NOT_YOUR_CASE"
    assert (await refused(other.decide(case, "REMOVE"))).reason == "WRONG_CASE_STATE"


async def test_an_appeal_that_is_upheld_undoes_everything(
    people: list[Caller], shelf: Shelf, mia: Judge, other: Judge, world: World
) -> None:
    ada, bob = people
    case = await decided(people, shelf, mia, "MUTE", hours=24, content="REMOVE")
    post = (await mia.read(case)).subject
    await Author(ada).appeal(case)
    await other.take(case)
    closed = await other.decide_appeal(case, "NO_ACTION", explanation="Het was een grap.")
    assert (closed.state, closed.verdict) == (moderation_pb2.CASE_STATE_CLOSED, moderation_pb2.VERDICT_NO_ACTION)
    events = [type(event) for event in await told(world, post, case)]
    assert events == [
        events_pb2.SubjectRemoved,
        events_pb2.DecisionMade,
        events_pb2.SubjectRestored,
        events_pb2.AppealDecided,
    ]
    assert [type(event) for event in await told(world, ada.name)] == [events_pb2.PersonMuted, events_pb2.PersonUnmuted]
    statement = await Author(ada).statement(case)
    assert statement.HasField("end_time")
    assert (statement.appeal.verdict, statement.appeal.explanation) == (
        moderation_pb2.VERDICT_NO_ACTION,
        "Het was een grap.",
    )
    [report] = await bob.own_reports()
    assert report.result == moderation_pb2.REPORT_RESULT_NO_ACTION
    assert await done(world, case) == ["case.taken", "case.decided", "case.taken", "appeal.decided"]


async def test_an_appeal_that_is_not_upheld_changes_nothing(
    people: list[Caller], shelf: Shelf, mia: Judge, other: Judge, world: World
) -> None:
    ada, _ = people
    case = await decided(people, shelf, mia, "MUTE", hours=24)
    post = (await mia.read(case)).subject
    await Author(ada).appeal(case)
    await other.take(case)
    await other.decide_appeal(case, "MUTE", explanation="Een grap kwetst ook.")
    assert [type(event) for event in await told(world, ada.name)] == [events_pb2.PersonMuted]
    assert events_pb2.SubjectRestored(subject=post) not in await told(world, post)
    statement = await Author(ada).statement(case)
    assert not statement.HasField("end_time")
    assert statement.until.seconds - statement.decide_time.seconds == 24 * 3600
    assert statement.appeal.explanation == "Een grap kwetst ook."


async def test_an_appeal_may_make_it_milder(
    people: list[Caller], shelf: Shelf, mia: Judge, other: Judge, world: World
) -> None:
    ada, _ = people
    case = await decided(people, shelf, mia, "MUTE", hours=24, content="REMOVE")
    post = (await mia.read(case)).subject
    await Author(ada).appeal(case)
    await other.take(case)
    await other.decide_appeal(case, "WARN", content="HIDE", explanation="Iets te streng.")
    assert (await told(world, post))[-1] == events_pb2.SubjectHidden(subject=post)
    assert (await told(world, ada.name))[-1] == events_pb2.PersonUnmuted(person=ada.name)


@pytest.mark.parametrize(
    ("verdict", "fields", "field"),
    [
        ("REMOVE", {}, "decision.verdict"),
        ("MUTE", {"hours": 24}, "decision.verdict"),
        ("WARN", {"content": "REMOVE"}, "decision.verdict"),
        ("NO_ACTION", {"explanation": ""}, "decision.explanation"),
        ("WARN", {"hours": 24}, "decision.period"),
    ],
)
async def test_an_appeal_makes_nothing_worse(
    people: list[Caller], shelf: Shelf, mia: Judge, other: Judge, verdict: str, fields: dict[str, str], field: str
) -> None:
    ada, _ = people
    case = await decided(people, shelf, mia, "HIDE")
    await Author(ada).appeal(case)
    await other.take(case)
    asked = {"explanation": "Erger dan gedacht."} | fields
    assert (await refused(other.decide_appeal(case, verdict, **asked))).fields == (field,)


async def test_being_mute_for_longer_is_worse_too(people: list[Caller], shelf: Shelf, mia: Judge, other: Judge) -> None:
    ada, _ = people
    case = await decided(people, shelf, mia, "MUTE", hours=24)
    await Author(ada).appeal(case)
    await other.take(case)
    longer = other.decide_appeal(case, "MUTE", hours=25, explanation="Erger dan gedacht.")
    assert (await refused(longer)).reason == "HARSHER_ON_APPEAL"
    await other.decide_appeal(case, "MUTE", hours=12, explanation="Iets te streng.")
    statement = await Author(ada).statement(case)
    assert statement.until.seconds - statement.decide_time.seconds == 12 * 3600


async def test_one_appeals_once(people: list[Caller], shelf: Shelf, mia: Judge, other: Judge) -> None:
    ada, _ = people
    case = await decided(people, shelf, mia)
    answers = await gather(*(patiently(partial(Author(ada).appeal, case)) for _ in range(10)), return_exceptions=True)
    assert len([answer for answer in answers if isinstance(answer, moderation_pb2.Statement)]) == 1
    assert (await refused(Author(ada).appeal(case))).reason == "APPEALED_BEFORE"
    await other.take(case)
    await other.decide_appeal(case, "REMOVE", explanation="Nee.")
    assert (await refused(Author(ada).appeal(case))).reason == "APPEALED_BEFORE"


async def test_somebody_speaks_for_an_author_who_is_kept_out(
    people: list[Caller], shelf: Shelf, mia: Judge, other: Judge, world: World
) -> None:
    ada, _ = people
    case = await decided(people, shelf, mia, "SUSPEND", hours=24)
    assert (await refused(other.lodge(case))).reason == "AUTHOR_COMES_IN"
    await world.access(ada.person, active=False, epoch=1)
    assert (await mia.lodge(case)).state == moderation_pb2.CASE_STATE_APPEALED
    assert (await refused(mia.take(case))).reason == "OWN_DECISION"
    await other.take(case)
    assert (await other.file(case)).appeal.text == "Ik was het niet."
    await other.decide_appeal(case, "WARN", explanation="Te streng.")
    assert (await refused(other.lodge(case))).reason == "APPEALED_BEFORE"
    assert "appeal.lodged" in await done(world, case)


async def test_one_appeals_in_time(people: list[Caller], shelf: Shelf, mia: Judge, world: World) -> None:
    ada, _ = people
    case = await decided(people, shelf, mia)
    async with world.server.resources.database.transaction() as tx:
        change = "UPDATE decisions SET create_time = create_time - interval '181 days' WHERE case_id = :id"
        await tx.execute(text(change), {"id": case.removeprefix("cases/")})
    assert (await refused(Author(ada).appeal(case))).reason == "APPEAL_TOO_LATE"
    assert not (await Author(ada).statement(case)).HasField("appeal_expire_time")


async def test_what_another_case_decided_stands(
    people: list[Caller], shelf: Shelf, mia: Judge, other: Judge, world: World
) -> None:
    ada, bob = people
    case = await decided(people, shelf, mia, "WARN", content="HIDE")
    post = (await mia.read(case)).subject
    shelf.edit(post, "Veel erger")
    await bob.report(post)
    await mia.judge(post, "REMOVE")
    await Author(ada).appeal(case)
    await other.take(case)
    await other.decide_appeal(case, "NO_ACTION", explanation="Dat was een grap.")
    shown = [event for event in await told(world, post) if not isinstance(event, events_pb2.SubjectHidden)]
    assert shown == [events_pb2.SubjectRemoved(subject=post)]


async def test_what_nobody_works_on_for_days_another_takes_over(
    people: list[Caller], shelf: Shelf, mia: Judge, other: Judge, world: World
) -> None:
    ada, bob = people
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.take((await mia.about(post)).name)
    assert (await refused(other.take(case.name))).reason == "CASE_TAKEN"
    async with world.server.resources.database.transaction() as tx:
        change = "UPDATE cases SET update_time = update_time - interval '73 hours' WHERE subject = :subject"
        await tx.execute(text(change), {"subject": post})
    assert (await other.take(case.name)).assignee == other.name
