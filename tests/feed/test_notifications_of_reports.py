"""Who reported something is told what became of it, and the log names nobody."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from plein.feed.v1 import notifications_pb2 as pb
from plein.moderation.v1 import events_pb2, moderation_pb2

from chassis.problems import Unavailable
from chassis.testing import Answers, World
from tests.feed.caller import Meet
from tests.feed.reader import Reader

BATCH_GET_REPORTERS = "/plein.moderation.v1.ModerationService/BatchGetReporters"


class Ledger(dict[str, str]):
    """Who made which report, as moderation alone knows."""

    away = False

    def named(self, request: moderation_pb2.BatchGetReportersRequest) -> moderation_pb2.BatchGetReportersResponse:
        if self.away:
            raise Unavailable("AWAY", "Away.")
        known = {name: self[name] for name in request.names if name in self}
        return moderation_pb2.BatchGetReportersResponse(reporters=known)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture(autouse=True)
def back(ledger: Ledger) -> Iterator[None]:
    yield
    ledger.away = False


@pytest.fixture(scope="module")
def answers(answers: Answers, ledger: Ledger) -> Answers:
    return {**answers, BATCH_GET_REPORTERS: (moderation_pb2.BatchGetReportersRequest, ledger.named)}


async def decide(world: World, report: str) -> None:
    await world.logs["moderation"].tell(report, events_pb2.ReportDecided(report=report))


async def test_the_reporter_is_told_what_was_decided(meet: Meet, world: World, ledger: Ledger) -> None:
    ada, bob = await meet("ada", "bob")
    report = f"reports/{uuid4()}"
    ledger[report] = bob.name
    await decide(world, report)
    [told] = await Reader(world, bob).inbox()
    assert (told.kind, told.subject) == (pb.NOTIFICATION_KIND_REPORT_DECIDED, report)
    assert await Reader(world, ada).inbox() == []


async def test_a_report_that_is_gone_is_told_to_nobody(meet: Meet, world: World) -> None:
    (bob,) = await meet("bob")
    await decide(world, f"reports/{uuid4()}")
    assert await Reader(world, bob).inbox() == []


async def test_posts_are_hidden_while_nobody_can_tell_who_reported(meet: Meet, world: World, ledger: Ledger) -> None:
    ada, bob = await meet("ada", "bob")
    post, report = await ada.post(), f"reports/{uuid4()}"
    ledger.away, ledger[report] = True, bob.name
    await decide(world, report)
    await world.logs["moderation"].tell(post.name, events_pb2.SubjectHidden(subject=post.name))
    [hiding] = [follower for follower in world.server.followers if follower.name == "moderation"]
    await hiding.caught_up(10)
    await world.caught_up("feed")
    assert post.name not in await bob.everyone()
    ledger.away = False
    assert [told.subject for told in await Reader(world, bob).inbox()] == [report]


async def test_what_you_reported_does_not_light_up_a_screen(meet: Meet, world: World) -> None:
    (bob,) = await meet("bob")
    assert pb.NOTIFICATION_KIND_REPORT_DECIDED not in (await Reader(world, bob).settings()).push_kinds


async def test_a_decision_that_was_a_mistake_is_told_too(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    case, subject = f"cases/{uuid4()}", f"posts/{uuid4()}"
    undone = events_pb2.DecisionUndone(case=case, subject=subject, person=ada.name, verdict=moderation_pb2.VERDICT_WARN)
    await world.logs["moderation"].tell(case, undone)
    [told] = await Reader(world, ada).inbox()
    assert (told.kind, told.subject) == (pb.NOTIFICATION_KIND_DECISION, case)


async def test_nobody_learns_of_reports_from_a_decision_that_nothing_was_wrong(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    case, subject = f"cases/{uuid4()}", f"posts/{uuid4()}"
    made = events_pb2.DecisionMade(case=case, subject=subject, person=ada.name)
    undone = events_pb2.DecisionUndone(case=case, subject=subject, person=ada.name)
    made.verdict = undone.verdict = moderation_pb2.VERDICT_NO_ACTION
    await world.tell(case, made, undone, source="moderation")
    assert await Reader(world, ada).inbox() == []
