"""What filters held waits for moderators in a case, though nobody reported it."""

from typing import Any
from uuid import uuid4

import pytest
from plein.chassis.v1 import events_pb2 as chassis_events_pb2
from plein.moderation.v1 import audit_pb2, audit_pb2_grpc, cases_pb2, cases_pb2_grpc, events_pb2, moderation_pb2

from chassis.events.chain import BEGINNING
from chassis.testing import World
from tests.moderation.caller import Caller, Meet, refused, walked
from tests.moderation.owners import Shelf

FILTER, OTHER = (f"filters/{uuid4()}" for _ in range(2))
HIDDEN, RESTORED = events_pb2.SubjectHidden, events_pb2.SubjectRestored


class Moderator:
    """Somebody who judges."""

    def __init__(self, who: Caller) -> None:
        self.api = cases_pb2_grpc.CaseServiceStub(who.channel)

    async def cases(self, subject: str) -> list[moderation_pb2.Case]:
        listed = await walked(self.api.ListCases, cases_pb2.ListCasesRequest(page_size=50))
        return [case for case in listed if case.subject == subject]

    async def decide(self, name: str, **fields: Any) -> moderation_pb2.Case:
        await self.api.TakeCase(cases_pb2.TakeCaseRequest(name=name))
        decision = cases_pb2.Decision(**fields)
        return await self.api.DecideCase(cases_pb2.DecideCaseRequest(name=name, decision=decision))


@pytest.fixture
async def judge(meet: Meet) -> Moderator:
    (judge,) = await meet("judge", roles=["moderator"])
    return Moderator(judge)


async def held(world: World, name: str, *filters: str, source: str = "feed") -> None:
    """Lets the owner tell that it was held, and waits until moderation has heard."""
    event = chassis_events_pb2.SubjectHeld(subject=name, filters=filters or [FILTER])
    await world.tell(name, event, source=source)


async def told(world: World, name: str) -> list[Any]:
    """What moderation told of a subject."""
    events, _ = await world.server.resources.events.list_after(0, BEGINNING.chain, 500)
    kinds = {kind.DESCRIPTOR.full_name: kind for kind in (HIDDEN, RESTORED, events_pb2.SubjectRemoved)}
    return [kinds[event.type] for event in events if event.aggregate == name and event.type in kinds]


@pytest.mark.parametrize("source", ["feed", "blog"])
async def test_what_is_held_is_a_case_without_a_report(
    world: World, meet: Meet, shelf: Shelf, judge: Moderator, source: str
) -> None:
    (author,) = await meet("author")
    name = shelf.put(author, "Sukkel")
    await held(world, name, FILTER, OTHER, source=source)
    (case,) = await judge.cases(name)
    assert (case.author, list(case.held_by), case.report_count) == (author.name, [FILTER, OTHER], 0)
    assert case.hidden_while_pending
    file = await judge.api.OpenCaseFile(cases_pb2.OpenCaseFileRequest(name=case.name))
    assert [snapshot.text for snapshot in file.snapshots] == ["Sukkel"]
    assert await told(world, name) == [HIDDEN]


async def test_its_author_does_not_judge_it(world: World, meet: Meet, shelf: Shelf) -> None:
    (author,) = await meet("author", roles=["moderator"])
    name = shelf.put(author)
    await held(world, name)
    assert await Moderator(author).cases(name) == []


async def test_what_is_fine_comes_to_everybody(world: World, meet: Meet, shelf: Shelf, judge: Moderator) -> None:
    (author,) = await meet("author")
    name = shelf.put(author)
    await held(world, name)
    (case,) = await judge.cases(name)
    await judge.decide(case.name, verdict=moderation_pb2.VERDICT_NO_ACTION)
    assert await told(world, name) == [HIDDEN, RESTORED]


async def test_what_is_not_fine_stays_hidden(world: World, meet: Meet, shelf: Shelf, judge: Moderator) -> None:
    (author,) = await meet("author")
    name = shelf.put(author)
    await held(world, name)
    (case,) = await judge.cases(name)
    why = {"reason": moderation_pb2.REPORT_REASON_HARASSMENT, "explanation": "Niemand is een sukkel."}
    await judge.decide(case.name, verdict=moderation_pb2.VERDICT_HIDE, **why)
    assert await told(world, name) == [HIDDEN]


async def test_another_edit_comes_into_the_same_case(world: World, meet: Meet, shelf: Shelf, judge: Moderator) -> None:
    (author,) = await meet("author")
    name = shelf.put(author, "Sukkel")
    await held(world, name)
    shelf.edit(name, "Sukkel en lomperik")
    await held(world, name, OTHER)
    (case,) = await judge.cases(name)
    assert list(case.held_by) == [FILTER, OTHER]
    file = await judge.api.OpenCaseFile(cases_pb2.OpenCaseFileRequest(name=case.name))
    assert [snapshot.text for snapshot in file.snapshots] == ["Sukkel", "Sukkel en lomperik"]


async def test_a_report_and_a_filter_share_a_case(world: World, meet: Meet, shelf: Shelf, judge: Moderator) -> None:
    author, reporter = await meet("author", "reporter")
    name = shelf.put(author)
    await reporter.report(name)
    await held(world, name)
    (case,) = await judge.cases(name)
    assert (case.report_count, list(case.held_by), case.hidden_while_pending) == (1, [FILTER], True)
    assert await told(world, name) == [HIDDEN]


async def test_what_was_judged_as_it_stands_is_not_judged_again(
    world: World, meet: Meet, shelf: Shelf, judge: Moderator
) -> None:
    (author,) = await meet("author")
    name = shelf.put(author)
    await held(world, name)
    (case,) = await judge.cases(name)
    await judge.decide(case.name, verdict=moderation_pb2.VERDICT_NO_ACTION)
    await held(world, name)
    assert await judge.cases(name) == []
    assert await told(world, name) == [HIDDEN, RESTORED, RESTORED]


async def test_what_is_gone_needs_no_case(world: World, judge: Moderator) -> None:
    name = f"posts/{uuid4()}"
    await held(world, name)
    assert await judge.cases(name) == []


async def test_it_is_in_the_audit_log(world: World, meet: Meet, shelf: Shelf, judge: Moderator) -> None:
    (author,) = await meet("author")
    (olga,) = await meet("olga", roles=["auditor"])
    name = shelf.put(author)
    await held(world, name)
    (case,) = await judge.cases(name)
    api = audit_pb2_grpc.AuditServiceStub(olga.channel)
    listed = await walked(api.ListAuditEntries, audit_pb2.ListAuditEntriesRequest(subject=case.name, page_size=10))
    assert [(entry.actor, entry.action) for entry in listed] == [("services/moderation", "case.held")]
    assert listed[0].facts == f'{{"about":"{name}","filters":["{FILTER}"]}}'


async def test_nobody_else_sees_such_cases(world: World, meet: Meet, shelf: Shelf) -> None:
    author, other = await meet("author", "other")
    name = shelf.put(author)
    await held(world, name)
    assert (await refused(Moderator(other).cases(name))).code == "PERMISSION_DENIED"
