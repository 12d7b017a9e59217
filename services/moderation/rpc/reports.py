"""Reporting, and seeing what became of one's own reports."""

from typing import Any, NamedTuple
from uuid import UUID, uuid4

from plein.moderation.v1 import events_pb2, moderation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.events import append
from chassis.ids import new_id
from chassis.once import once
from chassis.resources import Resources
from services.moderation import wire
from services.moderation.domain.cases import Case, opened, result_of
from services.moderation.domain.reports import (
    HidingRule,
    Limits,
    Reason,
    Report,
    check_not_own,
    check_note,
    check_pace,
    is_mistrusted,
    reasons_of,
)
from services.moderation.domain.subjects import Measure, Standing, Subject
from services.moderation.rpc.base import Base, now
from services.moderation.store import cases, reports, subjects


class Reports(Base):
    """The methods of those who report."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._rule = HidingRule(reasons_of(self.settings.hide_at_once), self.settings.hide_after_reports)

    async def CreateReport(self, request: moderation_pb2.CreateReportRequest, context: Any) -> moderation_pb2.Report:
        asked, reporter = request.report, viewer.person()
        seen = await self.visible_subject(asked.subject, reporter)
        reason = Reason(asked.reason)
        check_note(reason, asked.note)
        check_not_own(seen.author, reporter)
        async with self.database.transaction() as tx:

            async def made() -> moderation_pb2.Report:
                return wire.report(await self._reported(tx, seen, reporter, reason, asked.note))

            return await once(tx, request, moderation_pb2.Report, made)

    async def GetReport(self, request: moderation_pb2.GetReportRequest, context: Any) -> moderation_pb2.Report:
        async with self.database.snapshot() as tx:
            found = await reports.own(tx, wire.report_id(request.name), viewer.person())
        if found is None:
            raise wire.unknown_report(request.name)
        return wire.report(found)

    async def ListReports(
        self, request: moderation_pb2.ListReportsRequest, context: Any
    ) -> moderation_pb2.ListReportsResponse:
        before, size = wire.time_place(self.pages.position(request)), pages.size(request, 50, 200)
        async with self.database.snapshot() as tx:
            found = await reports.all_own(tx, viewer.person(), before, size + 1)
        answer = moderation_pb2.ListReportsResponse(reports=[wire.report(report) for report in found[:size]])
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.time_position(last.create_time, last.id))
        return answer

    async def _reported(self, tx: AsyncConnection, seen: Subject, reporter: UUID, reason: Reason, note: str) -> Report:
        """The report, or the first one of the same person about the same; the case is opened with the first of all."""
        moment = now()
        await reports.lock_reporter(tx, reporter)
        # All that can be known before is, since from here on others wait who report the same.
        recent = await reports.recent(tx, reporter, moment)
        standing = await subjects.locked(tx, seen.name)
        case = await cases.undecided(tx, seen.name)
        judged = None
        if case is None and standing.judged_case and standing.was_judged(seen.revision):
            case = judged = await cases.by_id(tx, standing.judged_case)
        earlier = await reports.of_reporter(tx, case.id, reporter) if case else None
        if earlier is not None:
            return earlier
        check_pace(recent, Limits(self.settings.reports_an_hour, self.settings.reports_a_day))
        if case is None:
            case = opened(new_id(), seen, moment)
            await cases.add(tx, case)
        report = Report(uuid4(), case.id, seen.name, reporter, reason, note, seen.revision, moment)
        if judged is not None:
            report = report.answered_at_once(result_of(judged.verdict), moment)
        await reports.add(tx, report)
        if judged is None:
            await self._alarm(tx, Alarm(case, standing, seen, report), is_mistrusted(recent))
        return report

    async def _alarm(self, tx: AsyncConnection, alarm: "Alarm", mistrusted: bool) -> None:
        """Puts a report into its case, and hides the subject until it is decided when that is called for."""
        case, standing, seen, report = alarm
        if not case.report_count or case.revision != seen.revision:
            await subjects.keep_snapshot(tx, case.id, seen.snapshot(report.create_time))
        case = case.reported(report, seen)
        hides = not mistrusted and standing.measure is Measure.NONE and seen.may_be_hidden_unseen
        if hides and self._rule.hides(case.report_count, report.reason):
            case = case.hidden_until_decided(report.create_time)
            standing = standing.measured(Measure.HIDDEN)
            await subjects.save(tx, standing)
            await append(tx, standing.name, standing.version, events_pb2.SubjectHidden(subject=standing.name))
        await cases.save(tx, case)


class Alarm(NamedTuple):
    """A report, and what it is about."""

    case: Case
    standing: Standing
    seen: Subject
    report: Report
