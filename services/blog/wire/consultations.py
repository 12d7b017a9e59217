"""Consultations and contributions as messages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from google.protobuf.duration_pb2 import Duration
from plein.blog.v1 import consultations_pb2, contribution_pb2, events_pb2, own_data_pb2

from chassis.access import Sight
from chassis.moments import timestamp
from chassis.problems import NotFound
from services.blog.domain.consultations import Consultation, Contribution, Ledger, State
from services.blog.domain.erasures import is_stand_in
from services.blog.wire.names import moment_of


def consultation(
    domain: Consultation, ledger: Ledger, now: datetime, *, summary_seen: bool
) -> consultations_pb2.Consultation:
    """A consultation with its ledger as its viewer sees it."""
    return consultations_pb2.Consultation(
        name=domain.name,
        open_time=timestamp(domain.open_time),
        close_time=timestamp(domain.close_time),
        state=consultations_pb2.ConsultationState.ValueType(domain.stage(now)),
        ledger=_ledger(ledger),
        median_first_answer=_duration(ledger),
        unanswered_count=ledger.unanswered,
        summary=f"articles/{domain.summary}" if domain.summary and summary_seen else "",
        create_time=timestamp(domain.create_time),
        update_time=timestamp(domain.update_time),
        etag=domain.etag,
    )


def _ledger(domain: Ledger) -> contribution_pb2.Ledger:
    return contribution_pb2.Ledger(
        contribution_count=domain.total,
        open_count=domain.counts[State.OPEN],
        answered_count=domain.counts[State.ANSWERED],
        taken_along_count=domain.counts[State.TAKEN_ALONG],
        declined_count=domain.counts[State.DECLINED],
    )


def _duration(domain: Ledger) -> Duration | None:
    if domain.median is None:
        return None
    duration = Duration()
    duration.FromTimedelta(domain.median)
    return duration


def contribution(domain: Contribution, sight: Sight) -> contribution_pb2.Contribution:
    """A contribution as its viewer sees it."""
    return contribution_pb2.Contribution(
        name=domain.name,
        state=contribution_pb2.ContributionState.ValueType(domain.state),
        reason=domain.reason,
        owner=met_person(domain.owner, sight),
        decider=met_person(domain.decider, sight),
        decide_time=timestamp(domain.decide_time) if domain.decide_time else None,
        first_answer_time=timestamp(domain.first_answer_time) if domain.first_answer_time else None,
        etag=domain.etag,
    )


def change(row: Any, sight: Sight) -> consultations_pb2.ContributionChange:
    """A row of what was done with a contribution."""
    return consultations_pb2.ContributionChange(
        create_time=timestamp(row.create_time),
        person=met_person(row.person, sight),
        state=contribution_pb2.ContributionState.ValueType(row.state),
        reason=row.reason,
        owner=met_person(row.owner, sight),
    )


def own_change(row: Any, sight: Sight) -> own_data_pb2.OwnContributionChange:
    """A row of what somebody did with a contribution, for that person."""
    return own_data_pb2.OwnContributionChange(comment=f"comments/{row.comment}", change=change(row, sight))


def met_person(person: UUID | None, sight: Sight) -> str:
    """The name of somebody whom the viewer may meet, or nothing."""
    if person is None or is_stand_in(person) or not sight.meets(person):
        return ""
    return f"people/{person}"


def answered(domain: Contribution, contributor: UUID, answerer: UUID) -> events_pb2.ContributionAnswered:
    """A contribution that was answered, taken along or declined."""
    return events_pb2.ContributionAnswered(
        comment=f"comments/{domain.comment}",
        article=f"articles/{domain.article}",
        contributor=f"people/{contributor}",
        answerer=f"people/{answerer}",
        state=contribution_pb2.ContributionState.ValueType(domain.state),
    )


def reopened(domain: Contribution) -> events_pb2.ContributionReopened:
    """A contribution about which nothing is decided any more."""
    return events_pb2.ContributionReopened(comment=f"comments/{domain.comment}", article=f"articles/{domain.article}")


def assigned(domain: Contribution, person: UUID) -> events_pb2.ContributionAssigned:
    """A contribution of which somebody else takes care."""
    return events_pb2.ContributionAssigned(
        comment=f"comments/{domain.comment}",
        article=f"articles/{domain.article}",
        owner=f"people/{domain.owner}" if domain.owner else "",
        person=f"people/{person}",
    )


def moment(message: consultations_pb2.Consultation, field: str) -> datetime | None:
    """A moment of a consultation, if it is set."""
    return moment_of(getattr(message, field)) if message.HasField(field) else None  # type: ignore[arg-type]  # a name


def unknown_consultation(name: str) -> NotFound:
    return NotFound("CONSULTATION_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_contribution(name: str) -> NotFound:
    return NotFound("CONTRIBUTION_NOT_FOUND", "There is no {name} that you can see.", name=name)
