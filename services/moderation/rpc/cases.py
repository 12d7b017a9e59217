"""Finding cases, and who works on them."""

import asyncio
from typing import Any
from uuid import UUID

from plein.moderation.v1 import cases_pb2, moderation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.problems import BadInput
from services.moderation.domain.cases import AT_WORK, Case, State
from services.moderation.domain.reports import Reason
from services.moderation.domain.subjects import Subject
from services.moderation.rpc.base import Moderating, now
from services.moderation.store import audit, cases, decisions, images, notes, reports, subjects
from services.moderation.wire import cases as wire
from services.moderation.wire import decisions as decision_wire
from services.moderation.wire import person_id

MOST_REPORTS = 200
MOST_NOTES = 200
MOST_EARLIER = 50


class Cases(Moderating):
    """The methods that find cases and put them into somebody's hands."""

    async def ListCases(self, request: cases_pb2.ListCasesRequest, context: Any) -> cases_pb2.ListCasesResponse:
        position, size, me = self.pages.position(request), pages.size(request, 50, 200), viewer.person()
        wanted = cases.Wanted(
            states=[State(state) for state in request.states] or AT_WORK,
            author=_person(request.author, "author"),
            assignee=me if request.mine else None,
            offered_to=me if request.offered else None,
            reason=Reason(request.reason) if request.reason else None,
        )
        after = UUID(bytes=position) if position else None
        async with self.database.snapshot() as tx:
            found = await cases.visible_page(tx, self.sight(), wanted, after, size + 1)
        answer = cases_pb2.ListCasesResponse(cases=[wire.case(case) for case in found[:size]])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def GetCase(self, request: cases_pb2.GetCaseRequest, context: Any) -> moderation_pb2.Case:
        case, _ = await self.examined_case(request.name)
        return wire.case(case)

    async def OpenCaseFile(self, request: cases_pb2.OpenCaseFileRequest, context: Any) -> cases_pb2.CaseFile:
        case, current = await self.examined_case(request.name)
        parent, root = await asyncio.gather(self._other(case, case.parent), self._other(case, case.root))
        async with self.database.transaction() as tx:
            answer = await _case_file(tx, case)
            await audit.append(tx, viewer.current().name, "case.file_opened", case.name, about=case.subject)
        answer.MergeFrom(wire.surroundings(current, parent, root if case.root != case.parent else None))
        return answer

    async def TakeCase(self, request: cases_pb2.TakeCaseRequest, context: Any) -> moderation_pb2.Case:
        await self.examined_case(request.name)
        async with self.database.transaction() as tx:
            before = await self.locked_case(tx, request.name)
            return await _kept(tx, before, before.taken(viewer.person(), self.patience, now()), "case.taken")

    async def ReleaseCase(self, request: cases_pb2.ReleaseCaseRequest, context: Any) -> moderation_pb2.Case:
        async with self.database.transaction() as tx:
            before = await self.locked_case(tx, request.name)
            return await _kept(tx, before, before.released(viewer.person(), now()), "case.released")

    async def OfferCase(self, request: cases_pb2.OfferCaseRequest, context: Any) -> moderation_pb2.Case:
        asked = _person(request.moderator, "moderator")
        async with self.database.transaction() as tx:
            before = await self.locked_case(tx, request.name)
            return await _kept(tx, before, before.offered(asked, now()), "case.offered", moderator=request.moderator)

    async def _other(self, case: Case, name: str) -> Subject | None:
        """What a subject hangs under, as it is."""
        return await self.owners.subject(name) if name and name != case.subject else None


async def _kept(tx: AsyncConnection, before: Case, after: Case, action: str, **facts: str) -> moderation_pb2.Case:
    """Stores a locked case's change and writes it down. No change is not written down."""
    if after is not before:
        await cases.save(tx, after)
        await audit.append(tx, viewer.current().name, action, after.name, **facts)
    return wire.case(after)


async def _case_file(tx: AsyncConnection, case: Case) -> cases_pb2.CaseFile:
    """What moderation itself knows of a case."""
    taken = (await subjects.snapshots_of(tx, [case.id])).get(case.id, [])
    kept = await images.of_case(tx, case.id)
    made = (await decisions.of_cases(tx, [case.id])).get(case.id, [])
    about: dict[str, Any] = {"subject": case.subject, "person": case.author, "besides": case.id}
    earlier = await decisions.earlier(tx, **about, limit=MOST_EARLIER)
    appeals = list((await decisions.appeals_of(tx, [case.id])).values())
    answer = cases_pb2.CaseFile(
        case=wire.case(case),
        snapshots=[wire.snapshot(case, snapshot, kept) for snapshot in taken],
        reports=[wire.case_report(report) for report in await reports.of_case(tx, case.id, None, MOST_REPORTS)],
        notes=[wire.note(note) for note in await notes.newest(tx, case.id, MOST_NOTES)],
        decisions=[decision_wire.earlier(decision) for decision in made],
        earlier_decisions=[decision_wire.earlier(decision) for decision in earlier],
    )
    if appeals:
        second = next((decision for decision in made if decision.on_appeal), None)
        answer.appeal.CopyFrom(decision_wire.appeal(appeals[-1], second))
    return answer


def _person(name: str, field: str) -> UUID | None:
    """The id of a person who is named, if one is."""
    found = person_id(name) if name else None
    if name and found is None:
        raise BadInput("BAD_PERSON", "{name} is no person.", field=field, name=name)
    return found
