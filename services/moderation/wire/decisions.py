"""Decisions, statements of reasons and appeals as messages."""

from datetime import datetime

from google.protobuf.message import Message
from plein.moderation.v1 import cases_pb2, events_pb2, moderation_pb2

from chassis.moments import timestamp
from chassis.problems import NotFound
from services.moderation.domain.cases import Case, Verdict
from services.moderation.domain.decisions import Appeal, Decision, Ruling
from services.moderation.domain.reports import Reason
from services.moderation.domain.sanctions import Sanction
from services.moderation.domain.statements import Statement
from services.moderation.domain.subjects import Measure, Standing
from services.moderation.wire import moment

_SHOWN = {
    Measure.NONE: events_pb2.SubjectRestored,
    Measure.HIDDEN: events_pb2.SubjectHidden,
    Measure.REMOVED: events_pb2.SubjectRemoved,
}


def ruling(message: cases_pb2.Decision) -> Ruling:
    """What a moderator asks to decide."""
    return Ruling(
        verdict=Verdict(message.verdict),
        content_verdict=Verdict(message.content_verdict),
        reason=Reason(message.reason) if message.reason else None,
        explanation=message.explanation,
        period=message.period.ToTimedelta() if message.HasField("period") else None,
    )


def decision(domain: Decision) -> cases_pb2.Decision:
    """A decision, for moderators."""
    return cases_pb2.Decision(
        verdict=_verdict(domain.verdict),
        content_verdict=_verdict(domain.content_verdict),
        reason=moderation_pb2.ReportReason.ValueType(domain.reason or 0),
        explanation=domain.explanation,
        until=moment(domain.until),
        decider=f"people/{domain.decider}",
        on_appeal=domain.on_appeal,
        create_time=timestamp(domain.create_time),
        end_time=moment(domain.end_time),
    )


def earlier(domain: Decision) -> cases_pb2.EarlierDecision:
    """A decision with what it is about."""
    return cases_pb2.EarlierDecision(case=f"cases/{domain.case_id}", subject=domain.subject, decision=decision(domain))


def statement(domain: Statement, appeal_days: int, now: datetime) -> moderation_pb2.Statement:
    """What the author is told: never who reported or decided."""
    said, first = domain.snapshot, domain.decision
    return moderation_pb2.Statement(
        name=f"{domain.case.name}/statement",
        subject=domain.case.subject,
        title=said.title if said else "",
        text=said.text if said else "",
        verdict=_verdict(first.verdict if first else Verdict.NONE),
        content_verdict=_verdict(first.content_verdict if first else Verdict.NONE),
        reason=moderation_pb2.ReportReason.ValueType((first and first.reason) or 0),
        explanation=first.explanation if first else "",
        until=moment(domain.until),
        decide_time=moment(first.create_time) if first else None,
        end_time=moment(domain.end_time),
        end_explanation=first.end_explanation if first else "",
        appeal_expire_time=moment(domain.appealable_until(appeal_days, now)),
        appeal=appeal(domain.appeal, domain.second) if domain.appeal else None,
    )


def appeal(said: Appeal, second: Decision | None) -> moderation_pb2.Appeal:
    """What an author says against a decision, and what came of it."""
    return moderation_pb2.Appeal(
        text=said.text,
        create_time=timestamp(said.create_time),
        verdict=_verdict(second.verdict if second else Verdict.NONE),
        explanation=second.explanation if second else "",
        decide_time=moment(second.create_time) if second else None,
    )


def shown(standing: Standing) -> Message:
    """What the log tells when others see something else of a subject than before."""
    return _SHOWN[standing.measure](subject=standing.name)


def decision_made(case: Case) -> events_pb2.DecisionMade:
    """What the log tells of a decision."""
    person = f"people/{case.author}"
    return events_pb2.DecisionMade(case=case.name, subject=case.subject, person=person, verdict=_verdict(case.verdict))


def decision_undone(case: Case) -> events_pb2.DecisionUndone:
    """What the log tells when the decision in a case was a mistake."""
    person = f"people/{case.author}"
    return events_pb2.DecisionUndone(
        case=case.name, subject=case.subject, person=person, verdict=_verdict(case.verdict)
    )


def muted(sanction: Sanction) -> events_pb2.PersonMuted | events_pb2.PersonUnmuted:
    """What the log tells when somebody is mute for another time than before."""
    if sanction.muted_until is None:
        return events_pb2.PersonUnmuted(person=sanction.name)
    return events_pb2.PersonMuted(person=sanction.name, until=timestamp(sanction.muted_until))


def unknown_statement(name: str) -> NotFound:
    return NotFound("STATEMENT_NOT_FOUND", "There is no {name} for you.", name=name)


def _verdict(verdict: Verdict) -> moderation_pb2.Verdict.ValueType:
    return moderation_pb2.Verdict.ValueType(verdict)
