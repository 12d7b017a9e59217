"""Moderators decide, others see what follows from it, and everybody is told what concerns them."""

from asyncio import gather, timeout
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from plein.moderation.v1 import events_pb2, moderation_pb2

from chassis.testing import World
from tests.moderation.caller import Caller, Meet, patiently, refused
from tests.moderation.judging import Author, Judge, done, rows, told
from tests.moderation.owners import Shelf

HIDDEN, REMOVED, RESTORED = events_pb2.SubjectHidden, events_pb2.SubjectRemoved, events_pb2.SubjectRestored


@pytest.fixture
async def mia(meet: Meet) -> Judge:
    (caller,) = await meet("mia", roles=["moderator"])
    return Judge(caller)


@pytest.fixture
async def people(meet: Meet) -> list[Caller]:
    """Ada, who writes, and Bob, who reports."""
    return await meet("ada", "bob")


def made(case: moderation_pb2.Case, verdict: str) -> events_pb2.DecisionMade:
    event = events_pb2.DecisionMade(case=case.name, subject=case.subject, person=case.author)
    event.verdict = moderation_pb2.Verdict.Value(f"VERDICT_{verdict}")
    return event


@pytest.mark.parametrize(("verdict", "shown"), [("HIDE", HIDDEN), ("REMOVE", REMOVED)])
async def test_a_subject_is_hidden_or_removed(
    people: list[Caller], shelf: Shelf, mia: Judge, world: World, verdict: str, shown: type
) -> None:
    ada, bob = people
    post = shelf.put(ada)
    report = await bob.report(post)
    case = await mia.judge(post, verdict)
    assert case.state == moderation_pb2.CASE_STATE_DECIDED
    assert await told(world, post, case.name) == [shown(subject=post), made(case, verdict)]
    assert (await bob.own_report(report.name)).result == moderation_pb2.REPORT_RESULT_MEASURES_TAKEN
    assert await done(world, case.name) == ["case.taken", "case.decided"]


async def test_what_stands_stays_and_what_was_hidden_meanwhile_is_shown_again(
    people: list[Caller], shelf: Shelf, mia: Judge, world: World
) -> None:
    ada, bob = people
    quiet, loud = shelf.put(ada), shelf.put(ada)
    report = await bob.report(quiet)
    await bob.report(loud, "THREAT")
    first, second = await mia.judge(quiet, "NO_ACTION"), await mia.judge(loud, "NO_ACTION")
    assert await told(world, quiet, first.name) == [made(first, "NO_ACTION")]
    assert await told(world, loud, second.name) == [
        HIDDEN(subject=loud),
        RESTORED(subject=loud),
        made(second, "NO_ACTION"),
    ]
    assert (await bob.own_report(report.name)).result == moderation_pb2.REPORT_RESULT_NO_ACTION


async def test_what_was_hidden_meanwhile_and_stays_hidden_is_told_once(
    people: list[Caller], shelf: Shelf, mia: Judge, world: World
) -> None:
    ada, bob = people
    post = shelf.put(ada)
    await bob.report(post, "THREAT")
    case = await mia.judge(post, "HIDE")
    assert await told(world, post, case.name) == [HIDDEN(subject=post), made(case, "HIDE")]


async def test_an_author_is_warned_and_the_text_may_go_besides(
    people: list[Caller], shelf: Shelf, mia: Judge, world: World
) -> None:
    ada, bob = people
    one, other = shelf.put(ada), shelf.put(ada)
    await bob.report(one)
    await bob.report(other)
    first, second = await mia.judge(one, "WARN"), await mia.judge(other, "WARN", content="REMOVE")
    assert await told(world, one, first.name) == [made(first, "WARN")]
    assert await told(world, other, second.name) == [REMOVED(subject=other), made(second, "WARN")]


async def test_an_author_is_mute_for_as_long_as_the_longest_decision_says(
    people: list[Caller], shelf: Shelf, mia: Judge, world: World
) -> None:
    ada, bob = people
    hours = (48, 24, 72)
    for hour in hours:
        post = shelf.put(ada)
        await bob.report(post)
        await mia.judge(post, "MUTE", hours=hour)
    muted = await told(world, ada.name)
    lengths = [event.until.ToDatetime(UTC) - datetime.now(UTC) for event in muted]
    assert [round(length / timedelta(hours=1)) for length in lengths] == [48, 72]


async def test_the_statement_tells_the_author_what_and_why_and_not_who(
    people: list[Caller], shelf: Shelf, mia: Judge
) -> None:
    ada, bob = people
    post = shelf.put(ada, "Sukkel!", title="Over Bob")
    await bob.report(post, "HATE", "Hij bedoelt mij.")
    case = await mia.judge(post, "MUTE", hours=24, content="HIDE", explanation="Zo praten we hier niet.")
    statement = await Author(ada).statement(case.name)
    assert (statement.subject, statement.title, statement.text) == (post, "Over Bob", "Sukkel!")
    assert (statement.verdict, statement.content_verdict) == (moderation_pb2.VERDICT_MUTE, moderation_pb2.VERDICT_HIDE)
    assert statement.reason == moderation_pb2.REPORT_REASON_HARASSMENT
    assert statement.explanation == "Zo praten we hier niet."
    assert statement.until.seconds - statement.decide_time.seconds == 24 * 3600
    assert statement.HasField("appeal_expire_time")
    for secret in (str(bob.id), mia.name, "Hij bedoelt mij."):
        assert secret not in str(statement)


async def test_who_is_not_its_author_finds_no_statement(people: list[Caller], shelf: Shelf, mia: Judge) -> None:
    ada, bob = people
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.judge(post, "REMOVE")
    unknown = "cases/nonsense"
    expected = (await refused(Author(bob).statement(unknown))).without(unknown)
    assert expected.code == "NOT_FOUND"
    for caller in (bob, mia.caller):
        assert (await refused(Author(caller).statement(case.name))).without(case.name) == expected
        assert (await refused(Author(caller).appeal(case.name))).without(case.name) == expected
        assert await Author(caller).statements() == []


async def test_of_reports_that_came_to_nothing_the_author_hears_nothing(
    people: list[Caller], shelf: Shelf, mia: Judge
) -> None:
    ada, bob = people
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.about(post)
    for _ in range(2):
        assert (await refused(Author(ada).statement(case.name))).code == "NOT_FOUND"
        assert await Author(ada).statements() == []
        if case.state == moderation_pb2.CASE_STATE_OPEN:
            case = await mia.judge(post, "NO_ACTION")


async def test_what_is_hidden_until_it_is_decided_is_stated_too(people: list[Caller], shelf: Shelf, mia: Judge) -> None:
    ada, bob = people
    post = shelf.put(ada, "Pas maar op!")
    await bob.report(post, "THREAT")
    [statement] = await Author(ada).statements()
    assert (statement.subject, statement.text) == (post, "Pas maar op!")
    assert statement.verdict == moderation_pb2.VERDICT_UNSPECIFIED
    case = (await mia.about(post)).name
    assert (await refused(Author(ada).appeal(case))).reason == "NOTHING_TO_APPEAL"


async def test_statements_come_in_pages(people: list[Caller], shelf: Shelf, mia: Judge) -> None:
    ada, bob = people
    posts = [shelf.put(ada) for _ in range(5)]
    for post in posts:
        await bob.report(post)
        await mia.judge(post, "HIDE")
    assert [statement.subject for statement in await Author(ada).statements(size=2)] == posts[::-1]


async def test_what_was_judged_does_not_alarm_again_unless_it_changed(
    people: list[Caller], meet: Meet, shelf: Shelf, mia: Judge
) -> None:
    ada, bob = people
    eve, *many = await meet("eve", *(f"reporter{number}" for number in range(6)))
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.judge(post, "NO_ACTION")
    report = await eve.report(post, "THREAT")
    assert report.result == moderation_pb2.REPORT_RESULT_NO_ACTION
    assert report.HasField("decide_time")
    await gather(*(other.report(post) for other in many))
    assert await mia.subjects(author=ada.name) == []
    assert (await mia.read(case.name)).report_count == 1
    shelf.edit(post, "Veel erger")
    fresh = await eve.report(post, "HATE")
    assert fresh.name != report.name
    assert (await mia.about(post)).name != case.name


async def test_what_was_edited_while_it_was_judged_alarms_again(
    people: list[Caller], meet: Meet, shelf: Shelf, mia: Judge
) -> None:
    ada, bob = people
    (eve,) = await meet("eve")
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.take((await mia.about(post)).name)
    shelf.edit(post, "Veel erger")
    await mia.decide(case.name, "NO_ACTION")
    assert not (await eve.report(post)).result


async def test_only_who_took_a_case_decides_it_once(people: list[Caller], meet: Meet, shelf: Shelf, mia: Judge) -> None:
    ada, bob = people
    (other,) = await meet("max", roles=["moderator"])
    post = shelf.put(ada)
    await bob.report(post)
    case = await mia.about(post)
    assert (await refused(mia.decide(case.name, "HIDE"))).reason == "NOT_YOUR_CASE"
    await mia.take(case.name)
    assert (await refused(Judge(other).decide(case.name, "HIDE"))).reason == "NOT_YOUR_CASE"
    assert (await refused(mia.decide(case.name, "HIDE", etag='"1"'))).reason == "CASE_CHANGED"
    answers = await gather(
        *(patiently(partial(mia.decide, case.name, "HIDE")) for _ in range(8)), return_exceptions=True
    )
    assert len([answer for answer in answers if isinstance(answer, moderation_pb2.Case)]) == 1
    assert (await refused(mia.decide_appeal(case.name, "HIDE", explanation="Ja."))).reason == "WRONG_CASE_STATE"


@pytest.mark.parametrize(
    ("verdict", "fields", "field"),
    [
        ("HIDE", {"explanation": " "}, "decision.explanation"),
        ("MUTE", {}, "decision.period"),
        ("SUSPEND", {}, "decision.period"),
        ("WARN", {"hours": 2}, "decision.period"),
        ("HIDE", {"content": "REMOVE"}, "decision.content_verdict"),
        ("NO_ACTION", {"content": "REMOVE"}, "decision.content_verdict"),
        ("MUTE", {"hours": 9000}, "decision.period"),
    ],
)
async def test_a_decision_needs_what_belongs_to_it(
    mia: Judge, verdict: str, fields: dict[str, Any], field: str
) -> None:
    told = await refused(mia.decide("cases/nonsense", verdict, **fields))
    assert (told.code, told.fields) == ("INVALID_ARGUMENT", (field,))


async def test_a_mistake_is_taken_back_with_all_that_it_did(
    people: list[Caller], shelf: Shelf, mia: Judge, world: World
) -> None:
    ada, bob = people
    post = shelf.put(ada)
    report = await bob.report(post)
    case = await mia.judge(post, "MUTE", hours=24, content="REMOVE")
    assert (await mia.undo(case.name)).state == moderation_pb2.CASE_STATE_OPEN
    undone = events_pb2.DecisionUndone(case=case.name, subject=post, person=ada.name)
    undone.verdict = moderation_pb2.VERDICT_MUTE
    assert await told(world, post, case.name) == [
        REMOVED(subject=post),
        made(case, "MUTE"),
        RESTORED(subject=post),
        undone,
    ]
    assert [type(event) for event in await told(world, ada.name)] == [events_pb2.PersonMuted, events_pb2.PersonUnmuted]
    assert not (await bob.own_report(report.name)).result
    statement = await Author(ada).statement(case.name)
    assert (statement.end_explanation, statement.HasField("end_time")) == ("Een vergissing.", True)
    assert not statement.HasField("appeal_expire_time")
    assert (await refused(mia.undo(case.name))).reason == "WRONG_CASE_STATE"
    again = await mia.judge(post, "WARN")
    assert (await Author(ada).statement(again.name)).verdict == moderation_pb2.VERDICT_WARN


async def test_reporters_are_told_without_being_named_in_the_log(
    people: list[Caller], meet: Meet, shelf: Shelf, mia: Judge, world: World
) -> None:
    ada, bob = people
    (eve,) = await meet("eve")
    post = shelf.put(ada)
    names = {(await reporter.report(post)).name: reporter.name for reporter in (bob, eve)}
    await mia.judge(post, "HIDE")
    for name in names:
        await heard(world, name)
        assert await told(world, name) == [events_pb2.ReportDecided(report=name)]
    asked = moderation_pb2.BatchGetReportersRequest(names=[*names, "reports/nonsense"])
    feed = Caller(world, "feed")
    assert dict((await feed.api.BatchGetReporters(asked)).reporters) == names
    for caller in (mia.caller, bob, Caller(world, "blog")):
        assert (await refused(caller.api.BatchGetReporters(asked))).code == "PERMISSION_DENIED"
    payloads = await rows(world, "SELECT payload FROM eventlog.events UNION ALL SELECT payload FROM eventlog.outbox")
    assert not [payload for (payload,) in payloads if str(bob.id).encode() in bytes(payload)]


async def test_misuse_is_held_against_who_reported(
    people: list[Caller], shelf: Shelf, mia: Judge, world: World
) -> None:
    ada, bob = people
    for _ in range(3):
        post = shelf.put(ada)
        await bob.report(post)
        case = await mia.take((await mia.about(post)).name)
        [report] = await mia.reports(case.name)
        await mia.decide(case.name, "NO_ACTION", misused=[report.name])
    assert (await refused(bob.report(shelf.put(ada)))).reason == "TOO_MANY_REPORTS"
    async with world.server.resources.database.transaction() as tx:
        await tx.exec_driver_sql("UPDATE reports SET create_time = create_time - interval '2 days'")
    urgent = shelf.put(ada)
    await bob.report(urgent, "THREAT")
    assert await told(world, urgent) == []


async def test_only_reports_of_the_case_are_called_misuse(people: list[Caller], shelf: Shelf, mia: Judge) -> None:
    ada, bob = people
    post = shelf.put(ada)
    report = await bob.report(post)
    case = await mia.take((await mia.about(post)).name)
    told = await refused(mia.decide(case.name, "NO_ACTION", misused=[report.name]))
    assert told.fields == ("misused_reports",)


async def test_spam_is_decided_in_bulk_all_or_nothing(
    people: list[Caller], meet: Meet, shelf: Shelf, mia: Judge, world: World
) -> None:
    ada, bob = people
    (other,) = await meet("max", roles=["moderator"])
    posts = [shelf.put(ada, f"Koop {number}!") for number in range(20)]
    for post in posts:
        await bob.report(post, "SPAM")
    names = [case.name for case in await mia.found(author=ada.name)]
    await Judge(other).take(names[3])
    assert (await refused(mia.decide_many(names, "REMOVE"))).reason == "CASE_TAKEN"
    assert await told(world, *posts) == []
    await Judge(other).release(names[3])
    twice = [names[0], names[0].upper().replace("CASES", "cases")]
    assert (await refused(mia.decide_many(twice, "REMOVE"))).reason == "TWICE_THE_SAME"
    cases = await mia.decide_many(names, "REMOVE")
    assert [case.name for case in cases] == names
    assert await told(world, *posts) == [REMOVED(subject=post) for post in posts]
    assert len(await Author(ada).statements()) == 20
    assert (await refused(mia.decide_many([names[0]], "REMOVE"))).reason == "WRONG_CASE_STATE"
    assert await done(world, names[0]) == ["case.decided"]


async def heard(world: World, aggregate: str) -> None:
    """Waits until the log tells something about it."""
    async with timeout(10):
        while not await told(world, aggregate):
            pass
