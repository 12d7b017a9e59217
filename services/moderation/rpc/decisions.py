"""Deciding cases and appeals, and taking back what was a mistake."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.message import Message
from plein.moderation.v1 import cases_pb2, events_pb2, moderation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.events import append_many
from chassis.ids import new_id
from chassis.problems import BadInput
from services.moderation.domain.cases import Case, Verdict, result_of
from services.moderation.domain.decisions import (
    LASTING,
    Decision,
    Ruling,
    check_appeal_ruling,
    check_away,
    check_ruling,
    decided,
    decided_on_appeal,
    nothing_to_appeal,
)
from services.moderation.domain.reports import Reason
from services.moderation.domain.subjects import Standing
from services.moderation.rpc.base import Moderating, now
from services.moderation.rpc.statements import appealed
from services.moderation.store import audit, cases, decisions, reports, sanctions, subjects
from services.moderation.wire import cases as wire
from services.moderation.wire import decisions as decision_wire

Told = list[tuple[str, int, Message]]


class Decided(NamedTuple):
    """A case with what was decided in it."""

    case: Case
    decision: Decision


class Decisions(Moderating):
    """The methods that decide. Whoever decides locks the subjects first, then their cases, then their authors."""

    async def DecideCase(self, request: cases_pb2.DecideCaseRequest, context: Any) -> moderation_pb2.Case:
        asked, me = decision_wire.ruling(request.decision), viewer.person()
        check_ruling(asked)
        case, _ = await self.examined_case(request.name)
        misused = [wire.report_in(case, name, "misused_reports") for name in request.misused_reports]
        async with self.database.transaction() as tx:
            standings = await subjects.locked_by_name(tx, [case.subject])
            before, moment = await self.locked_case(tx, request.name), now()
            before.check_appealed(False)
            after = before.decided(me, asked.verdict, request.etag, moment)
            await reports.mark_misuse(tx, case.id, misused)
            await _decide(tx, [Decided(after, decided(new_id(), before, asked, me, moment))], standings, moment)
        return wire.case(after)

    async def BatchDecideCases(
        self, request: cases_pb2.BatchDecideCasesRequest, context: Any
    ) -> cases_pb2.BatchDecideCasesResponse:
        me, verdict = viewer.person(), Verdict(request.verdict)
        asked = Ruling(verdict, reason=Reason.SPAM, explanation=request.explanation)
        check_ruling(asked)
        if len({wire.case_id(name) for name in request.names}) < len(request.names):
            raise BadInput("TWICE_THE_SAME", "Each case is decided once.", field="names")
        found = await asyncio.gather(*(self.examined_case(name) for name in request.names))
        async with self.database.transaction() as tx:
            standings = await subjects.locked_by_name(tx, {case.subject for case, _ in found})
            locked = await cases.visible_by_ids(tx, self.sight(), [case.id for case, _ in found], lock=True)
            moment, made = now(), []
            for name in request.names:
                before = locked.get(wire.case_id(name))
                if before is None:
                    raise wire.unknown_case(name)
                before.check_appealed(False)
                taken = before.taken(me, self.patience, moment)
                after = taken.decided(me, verdict, "", moment)
                made.append(Decided(after, decided(new_id(), before, asked, me, moment)))
            await _decide(tx, made, standings, moment)
        return cases_pb2.BatchDecideCasesResponse(cases=[wire.case(case) for case, _ in made])

    async def LodgeAppeal(self, request: cases_pb2.LodgeAppealRequest, context: Any) -> moderation_pb2.Case:
        await self.examined_case(request.name)
        async with self.database.transaction() as tx:
            before = await self.locked_case(tx, request.name)
            author = self.access.person(before.author)
            check_away(author is not None and author.active)
            after = await appealed(tx, before, request.text, self.settings.appeal_days)
            if after is None:
                raise nothing_to_appeal()
            await audit.append(tx, viewer.current().name, "appeal.lodged", after.name)
        return wire.case(after)

    async def DecideAppeal(self, request: cases_pb2.DecideAppealRequest, context: Any) -> moderation_pb2.Case:
        asked, me = decision_wire.ruling(request.decision), viewer.person()
        case, _ = await self.examined_case(request.name)
        async with self.database.transaction() as tx:
            standings = await subjects.locked_by_name(tx, [case.subject])
            before, moment = await self.locked_case(tx, request.name), now()
            before.check_appealed(True)
            after = before.decided(me, asked.verdict, request.etag, moment)
            first = (await decisions.of_cases(tx, [case.id]))[case.id][-1]
            check_appeal_ruling(asked, first)
            second = decided_on_appeal(new_id(), first, asked, me, moment)
            await decisions.end(tx, first.ended(moment))
            await _conclude(tx, Decided(after, second), first, standings[case.subject], moment)
        return wire.case(after)

    async def UndoDecision(self, request: cases_pb2.UndoDecisionRequest, context: Any) -> moderation_pb2.Case:
        case, _ = await self.examined_case(request.name)
        async with self.database.transaction() as tx:
            standings = await subjects.locked_by_name(tx, [case.subject])
            before, moment = await self.locked_case(tx, request.name), now()
            after = before.undone(request.etag, moment, await reports.reopen(tx, case.id))
            ended = (await decisions.of_cases(tx, [case.id]))[case.id][-1].ended(moment, request.explanation)
            await decisions.end(tx, ended)
            await cases.save(tx, after)
            told = await _shown(tx, [standings[case.subject].unjudged()])
            told += await _sanctioned(tx, _lastingly(ended), moment)
            await audit.append(tx, viewer.current().name, "decision.undone", case.name, verdict=ended.verdict.name)
            await append_many(tx, [*told, (case.name, after.version, decision_wire.decision_undone(before))])
        return wire.case(after)


async def _decide(
    tx: AsyncConnection, made: Sequence[Decided], standings: Mapping[str, Standing], moment: datetime
) -> None:
    """Stores first decisions, does what they say, and tells it."""
    await cases.save(tx, *(case for case, _ in made))
    await decisions.add(tx, *(decision for _, decision in made))
    await reports.decide(tx, {case.id: result_of(case.verdict) for case, _ in made}, moment)
    judged = [standings[case.subject].judged(case.id, decision.revision) for case, decision in made]
    told = await _shown(tx, judged)
    told += await _sanctioned(tx, {person for _, decision in made for person in _lastingly(decision)}, moment)
    told += [(case.name, case.version, decision_wire.decision_made(case)) for case, _ in made]
    actor = viewer.current().name
    await audit.append_many(tx, [(actor, "case.decided", one.case.name, _facts(one)) for one in made])
    await append_many(tx, told)


async def _conclude(tx: AsyncConnection, made: Decided, first: Decision, standing: Standing, moment: datetime) -> None:
    """Stores what was decided on an appeal, does what it says instead of the first decision, and tells it."""
    case, second = made
    await cases.save(tx, case)
    await decisions.add(tx, second)
    if result_of(second.verdict) is not result_of(first.verdict):
        await reports.decide(tx, {case.id: result_of(second.verdict)}, moment)
    told = await _shown(tx, [standing])
    told += await _sanctioned(tx, _lastingly(first), moment)
    event = events_pb2.AppealDecided(case=case.name, person=f"people/{case.author}")
    event.verdict = moderation_pb2.Verdict.ValueType(second.verdict)
    await audit.append(tx, viewer.current().name, "appeal.decided", case.name, **_facts(made))
    await append_many(tx, [*told, (case.name, case.version, event)])


async def _shown(tx: AsyncConnection, standings: Sequence[Standing]) -> Told:
    """Stores what others see of subjects by all decisions that count; what there is to tell of it."""
    measures = await subjects.measures(tx, [standing.name for standing in standings])
    after = [standing.measured(measures[standing.name]) for standing in standings]
    await subjects.save(tx, *after)
    changed = [new for new, old in zip(after, standings, strict=True) if new.measure is not old.measure]
    return [(standing.name, standing.version, decision_wire.shown(standing)) for standing in changed]


async def _sanctioned(tx: AsyncConnection, people: Collection[UUID], moment: datetime) -> Told:
    """Keeps until when people are mute and kept out by all decisions that count; what there is to tell of it.

    Identity is told by a job, again and again until it heard.
    """
    if not people:
        return []
    lasting = await decisions.lasting(tx, people, moment)
    before = await sanctions.locked(tx, people)
    after = [
        old.decided(lasting.get((old.person, Verdict.MUTE)), lasting.get((old.person, Verdict.SUSPEND)), moment)
        for old in before
    ]
    await sanctions.save(tx, [new for new, old in zip(after, before, strict=True) if new is not old])
    mute = [new for new, old in zip(after, before, strict=True) if new.muted_until != old.muted_until]
    return [(sanction.name, sanction.version, decision_wire.muted(sanction)) for sanction in mute]


def _lastingly(decision: Decision) -> set[UUID]:
    """The person whom a decision makes mute or keeps out, if it does."""
    return {decision.person} if decision.verdict in LASTING else set()


def _facts(made: Decided) -> dict[str, Any]:
    """What is written down of a decision: never its words."""
    decision = made.decision
    return {
        "about": decision.subject,
        "person": f"people/{decision.person}",
        "verdict": decision.verdict.name,
        "content_verdict": decision.content_verdict.name,
        "reason": decision.reason.name if decision.reason else "",
        "until": decision.until.isoformat() if decision.until else "",
    }
