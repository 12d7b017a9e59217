"""What authors are told of decisions, and what they say against them; and who is told of reports."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from plein.moderation.v1 import moderation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from services.moderation import wire
from services.moderation.domain.cases import Case
from services.moderation.domain.decisions import Appeal, check_appeal
from services.moderation.domain.statements import Statement, stated
from services.moderation.rpc.base import Base, now
from services.moderation.store import cases, decisions, reports, subjects
from services.moderation.wire import decisions as decision_wire


class Statements(Base):
    """The methods of authors, and the one by which feed tells reporters."""

    async def GetStatement(self, request: moderation_pb2.GetStatementRequest, context: Any) -> moderation_pb2.Statement:
        asked = wire.uuid_in(request.name, 1)
        async with self.database.snapshot() as tx:
            case = await cases.own(tx, asked, viewer.person()) if asked else None
            found = await statements_of(tx, [case]) if case else []
        if not found:
            raise decision_wire.unknown_statement(request.name)
        return self._shown(found[0])

    async def ListStatements(
        self, request: moderation_pb2.ListStatementsRequest, context: Any
    ) -> moderation_pb2.ListStatementsResponse:
        position, size = self.pages.position(request), pages.size(request, 50, 200)
        before = UUID(bytes=position) if position else None
        async with self.database.snapshot() as tx:
            found = await cases.own_page(tx, viewer.person(), before, size + 1)
            told = await statements_of(tx, found[:size])
        answer = moderation_pb2.ListStatementsResponse(statements=[self._shown(statement) for statement in told])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def AppealDecision(
        self, request: moderation_pb2.AppealDecisionRequest, context: Any
    ) -> moderation_pb2.Statement:
        asked, me, days = wire.uuid_in(request.name, 1), viewer.person(), self.settings.appeal_days
        async with self.database.transaction() as tx:
            before = await cases.own(tx, asked, me, lock=True) if asked else None
            after = await appealed(tx, before, request.text, days) if before else None
            if after is None:
                raise decision_wire.unknown_statement(request.name)
            (statement,) = await statements_of(tx, [after])
        return self._shown(statement)

    async def BatchGetReporters(
        self, request: moderation_pb2.BatchGetReportersRequest, context: Any
    ) -> moderation_pb2.BatchGetReportersResponse:
        ids = [id_ for name in request.names if (id_ := wire.uuid_in(name, 1))]
        async with self.database.snapshot() as tx:
            found = await reports.reporters(tx, ids)
        named = {f"reports/{report}": f"people/{reporter}" for report, reporter in found.items()}
        return moderation_pb2.BatchGetReportersResponse(reporters=named)

    def _shown(self, statement: Statement) -> moderation_pb2.Statement:
        return decision_wire.statement(statement, self.settings.appeal_days, now())


async def appealed(tx: AsyncConnection, before: Case, text: str, days: int) -> Case | None:
    """Stores an appeal in a locked case; None where its author was told nothing to appeal against."""
    found, moment = await statements_of(tx, [before]), now()
    if not found:
        return None
    decision = check_appeal(found[0].decision, found[0].appeal is not None, days, moment)
    after = before.appealed(moment)
    await cases.save(tx, after)
    await decisions.add_appeal(tx, Appeal(decision.id, before.id, before.author, text, moment))
    return after


async def statements_of(tx: AsyncConnection, of: Sequence[Case]) -> list[Statement]:
    """The statements about cases, in their order; none about those of which there is nothing to tell."""
    ids = [case.id for case in of]
    made, said = await decisions.of_cases(tx, ids), await subjects.snapshots_of(tx, ids)
    appeals = list((await decisions.appeals_of(tx, ids)).values())
    found = [stated(case, made.get(case.id, []), appeals, said.get(case.id, [])) for case in of]
    return [statement for statement in found if statement]
