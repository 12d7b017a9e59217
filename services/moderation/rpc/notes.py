"""What moderators write down about a case, what they read of its reports, and telling who made one."""

from typing import Any
from uuid import UUID

from google.api import httpbody_pb2
from plein.moderation.v1 import cases_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.ids import new_id
from chassis.once import once
from services.moderation.domain.cases import Note
from services.moderation.domain.unmaskings import Unmasking, requested
from services.moderation.rpc.base import Moderating, now
from services.moderation.store import audit, images, notes, reports
from services.moderation.wire import cases as wire


class Notes(Moderating):
    """The methods of what is in a case."""

    async def CreateCaseNote(self, request: cases_pb2.CreateCaseNoteRequest, context: Any) -> cases_pb2.CaseNote:
        await self.examined_case(request.parent)
        async with self.database.transaction() as tx:
            case = await self.locked_case(tx, request.parent)

            async def made() -> cases_pb2.CaseNote:
                note = Note(new_id(), case.id, viewer.person(), request.note.text, now())
                await notes.add(tx, note)
                return wire.note(note)

            return await once(tx, request, cases_pb2.CaseNote, made)

    async def ListCaseNotes(
        self, request: cases_pb2.ListCaseNotesRequest, context: Any
    ) -> cases_pb2.ListCaseNotesResponse:
        (case, _), size = await self.examined_case(request.parent), pages.size(request, 50, 200)
        async with self.database.snapshot() as tx:
            found = await notes.page(tx, case.id, self._after(request), size + 1)
        answer = cases_pb2.ListCaseNotesResponse(notes=[wire.note(note) for note in found[:size]])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def ListCaseReports(
        self, request: cases_pb2.ListCaseReportsRequest, context: Any
    ) -> cases_pb2.ListCaseReportsResponse:
        (case, _), size = await self.examined_case(request.parent), pages.size(request, 50, 200)
        async with self.database.snapshot() as tx:
            found = await reports.of_case(tx, case.id, self._after(request), size + 1)
        answer = cases_pb2.ListCaseReportsResponse(reports=[wire.case_report(report) for report in found[:size]])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def GetCaseImage(self, request: cases_pb2.GetCaseImageRequest, context: Any) -> httpbody_pb2.HttpBody:
        case, _ = await self.examined_case(request.name)
        async with self.database.snapshot() as tx:
            found = await images.content(tx, case.id, wire.image_id(request.name))
        if found is None:
            raise wire.unknown_image(request.name)
        return httpbody_pb2.HttpBody(content_type=found.content_type, data=found.content)

    def _after(self, request: Any) -> UUID | None:
        position = self.pages.position(request)
        return UUID(bytes=position) if position else None


class Unmaskings(Notes):
    """The methods by which two together find out who reported."""

    async def CreateUnmasking(self, request: cases_pb2.CreateUnmaskingRequest, context: Any) -> cases_pb2.Unmasking:
        asked, me = request.unmasking, viewer.person()
        await self.examined_case(request.parent)
        async with self.database.transaction() as tx:
            case = await self.locked_case(tx, request.parent)
            case.check_assigned(me)
            report = wire.report_in(case, asked.report, "unmasking.report")
            if not await reports.is_of_case(tx, report, case.id):
                raise wire.not_in_case("unmasking.report", asked.report)

            async def made() -> cases_pb2.Unmasking:
                unmasking = requested(new_id(), case.id, report, asked.justification, me, now())
                await notes.add_unmasking(tx, unmasking)
                await _audited(tx, "unmasking.requested", unmasking)
                return wire.unmasking(unmasking)

            return await once(tx, request, cases_pb2.Unmasking, made)

    async def ListUnmaskings(
        self, request: cases_pb2.ListUnmaskingsRequest, context: Any
    ) -> cases_pb2.ListUnmaskingsResponse:
        (case, _), size = await self.examined_case(request.parent), pages.size(request, 50, 200)
        async with self.database.snapshot() as tx:
            found = await notes.unmaskings_of(tx, case.id, self._after(request), size + 1)
        shown = [wire.unmasking(unmasking) for unmasking in found[:size]]
        answer = cases_pb2.ListUnmaskingsResponse(unmaskings=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def ApproveUnmasking(self, request: cases_pb2.ApproveUnmaskingRequest, context: Any) -> cases_pb2.Unmasking:
        await self.examined_case(request.name)
        async with self.database.transaction() as tx:
            before = await self._locked(tx, request.name)
            moment = now()
            after = before.answered(viewer.person(), True, moment)
            await notes.save_unmasking(tx, after)
            await reports.unmask(tx, after.report, moment)
            await _audited(tx, "unmasking.approved", after)
        return wire.unmasking(after)

    async def RejectUnmasking(self, request: cases_pb2.RejectUnmaskingRequest, context: Any) -> cases_pb2.Unmasking:
        await self.examined_case(request.name)
        async with self.database.transaction() as tx:
            before = await self._locked(tx, request.name)
            after = before.answered(viewer.person(), False, now())
            await notes.save_unmasking(tx, after)
            await _audited(tx, "unmasking.rejected", after)
        return wire.unmasking(after)

    async def RevealReporter(
        self, request: cases_pb2.RevealReporterRequest, context: Any
    ) -> cases_pb2.RevealReporterResponse:
        await self.examined_case(request.name)
        async with self.database.transaction() as tx:
            unmasking = await self._locked(tx, request.name)
            unmasking.check_reveals(viewer.person(), now())
            found = await reports.reporters(tx, [unmasking.report])
            await _audited(tx, "reporter.revealed", unmasking)
        return cases_pb2.RevealReporterResponse(reporter=f"people/{found[unmasking.report]}")

    async def _locked(self, tx: AsyncConnection, name: str) -> Unmasking:
        case = await self.locked_case(tx, name)
        found = await notes.unmasking(tx, case.id, wire.unmasking_id(name), lock=True)
        if found is None:
            raise wire.unknown_unmasking(name)
        return found


async def _audited(tx: AsyncConnection, action: str, unmasking: Unmasking) -> None:
    facts = {"report": unmasking.report_name, "requester": f"people/{unmasking.requester}"}
    await audit.append(tx, viewer.current().name, action, unmasking.name, **facts)
