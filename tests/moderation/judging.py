"""What moderators do, in the words that the tests use."""

from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from plein.moderation.v1 import cases_pb2, cases_pb2_grpc, events_pb2, moderation_pb2, moderation_pb2_grpc
from sqlalchemy import text

from chassis.testing import World
from tests.moderation.caller import Caller, walked

EVENTS: dict[str, type[Message]] = {
    kind.DESCRIPTOR.full_name: kind
    for kind in (
        events_pb2.SubjectHidden,
        events_pb2.SubjectRemoved,
        events_pb2.SubjectRestored,
        events_pb2.PersonMuted,
        events_pb2.PersonUnmuted,
        events_pb2.DecisionMade,
        events_pb2.DecisionUndone,
        events_pb2.AppealDecided,
        events_pb2.ReportDecided,
    )
}


class Judge:
    """Somebody who works on cases, who may be no moderator at all."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.name = caller.name
        self.cases = cases_pb2_grpc.CaseServiceStub(caller.channel)

    async def about(self, subject: str, *states: str) -> moderation_pb2.Case:
        """The newest case about a subject."""
        chosen = [moderation_pb2.CaseState.Value(f"CASE_STATE_{state}") for state in states]
        return [case for case in await self.found(states=chosen) if case.subject == subject][-1]

    async def found(self, size: int = 200, **wanted: Any) -> list[moderation_pb2.Case]:
        return await walked(self.cases.ListCases, cases_pb2.ListCasesRequest(page_size=size, **wanted))

    async def subjects(self, **wanted: Any) -> list[str]:
        return [case.subject for case in await self.found(**wanted)]

    async def read(self, name: str) -> moderation_pb2.Case:
        return await self.cases.GetCase(cases_pb2.GetCaseRequest(name=name))

    async def file(self, name: str) -> cases_pb2.CaseFile:
        return await self.cases.OpenCaseFile(cases_pb2.OpenCaseFileRequest(name=name))

    async def take(self, name: str) -> moderation_pb2.Case:
        return await self.cases.TakeCase(cases_pb2.TakeCaseRequest(name=name))

    async def release(self, name: str) -> moderation_pb2.Case:
        return await self.cases.ReleaseCase(cases_pb2.ReleaseCaseRequest(name=name))

    async def offer(self, name: str, to: str) -> moderation_pb2.Case:
        return await self.cases.OfferCase(cases_pb2.OfferCaseRequest(name=name, moderator=to))

    async def note(self, name: str, text: str) -> cases_pb2.CaseNote:
        note = cases_pb2.CaseNote(text=text)
        return await self.cases.CreateCaseNote(cases_pb2.CreateCaseNoteRequest(parent=name, note=note))

    async def notes(self, name: str, size: int = 50) -> list[cases_pb2.CaseNote]:
        return await walked(self.cases.ListCaseNotes, cases_pb2.ListCaseNotesRequest(parent=name, page_size=size))

    async def reports(self, name: str, size: int = 50) -> list[cases_pb2.CaseReport]:
        return await walked(self.cases.ListCaseReports, cases_pb2.ListCaseReportsRequest(parent=name, page_size=size))

    async def decide(
        self, name: str, verdict: str, *, misused: list[str] | None = None, etag: str = "", **fields: Any
    ) -> moderation_pb2.Case:
        request = cases_pb2.DecideCaseRequest(name=name, decision=ruling(verdict, **fields), etag=etag)
        request.misused_reports.extend(misused or [])
        return await self.cases.DecideCase(request)

    async def judge(self, subject: str, verdict: str, **fields: Any) -> moderation_pb2.Case:
        """Takes the case about a subject and decides it."""
        case = await self.about(subject)
        await self.take(case.name)
        return await self.decide(case.name, verdict, **fields)

    async def decide_appeal(self, name: str, verdict: str, **fields: Any) -> moderation_pb2.Case:
        request = cases_pb2.DecideAppealRequest(name=name, decision=ruling(verdict, **fields))
        return await self.cases.DecideAppeal(request)

    async def lodge(self, name: str) -> moderation_pb2.Case:
        return await self.cases.LodgeAppeal(cases_pb2.LodgeAppealRequest(name=name, text="Ik was het niet."))

    async def undo(self, name: str) -> moderation_pb2.Case:
        return await self.cases.UndoDecision(cases_pb2.UndoDecisionRequest(name=name, explanation="Een vergissing."))

    async def decide_many(self, names: list[str], verdict: str) -> list[moderation_pb2.Case]:
        request = cases_pb2.BatchDecideCasesRequest(names=names, explanation="Dit is reclame.")
        request.verdict = moderation_pb2.Verdict.Value(f"VERDICT_{verdict}")
        return list((await self.cases.BatchDecideCases(request)).cases)


class Author:
    """Somebody about whose words was decided."""

    def __init__(self, caller: Caller) -> None:
        self.api = moderation_pb2_grpc.ModerationServiceStub(caller.channel)

    async def statement(self, case: str) -> moderation_pb2.Statement:
        return await self.api.GetStatement(moderation_pb2.GetStatementRequest(name=f"{case}/statement"))

    async def statements(self, size: int = 50) -> list[moderation_pb2.Statement]:
        return await walked(self.api.ListStatements, moderation_pb2.ListStatementsRequest(page_size=size))

    async def appeal(self, case: str, text: str = "Het was een grap.") -> moderation_pb2.Statement:
        request = moderation_pb2.AppealDecisionRequest(name=f"{case}/statement", text=text)
        return await self.api.AppealDecision(request)


def ruling(
    verdict: str, *, content: str = "", reason: str = "", explanation: str | None = None, hours: int = 0
) -> cases_pb2.Decision:
    """A decision as a moderator asks for it: with reasons, unless it is that nothing is done."""
    bare = verdict == "NO_ACTION"
    words = ("" if bare else "Het kwetst.") if explanation is None else explanation
    decision = cases_pb2.Decision(explanation=words)
    decision.verdict = moderation_pb2.Verdict.Value(f"VERDICT_{verdict}")
    if content:
        decision.content_verdict = moderation_pb2.Verdict.Value(f"VERDICT_{content}")
    if reason or not bare:
        decision.reason = moderation_pb2.ReportReason.Value(f"REPORT_REASON_{reason or 'HARASSMENT'}")
    if hours:
        decision.period.CopyFrom(Duration(seconds=int(timedelta(hours=hours).total_seconds())))
    return decision


async def rows(world: World, query: str, **values: object) -> list[tuple[Any, ...]]:
    async with world.server.resources.database.snapshot() as tx:
        return [tuple(row) for row in await tx.execute(text(query), values)]


async def told(world: World, *aggregates: str) -> list[Any]:
    """What the log tells about these, in order; what is still with the pen comes last."""
    query = "SELECT type, payload FROM (SELECT 1 AS place, seq, type, payload, aggregate FROM eventlog.outbox "
    query += "UNION ALL SELECT 0, seq, type, payload, aggregate FROM eventlog.events) AS every "
    query += "WHERE aggregate = ANY(:aggregates) ORDER BY place, seq"
    found = await rows(world, query, aggregates=list(aggregates))
    return [EVENTS[kind].FromString(payload) for kind, payload in found]


async def done(world: World, subject: str) -> list[str]:
    """What the audit log holds about something."""
    query = "SELECT action FROM audit.entries WHERE subject = :subject ORDER BY position"
    return [action for (action,) in await rows(world, query, subject=subject)]
