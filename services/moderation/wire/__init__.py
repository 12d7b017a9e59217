"""Moderation's domain as messages, and names as ids."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from plein.moderation.v1 import moderation_pb2

from chassis.moments import timestamp
from chassis.problems import NotFound
from services.moderation.domain.reports import Report


def report(domain: Report) -> moderation_pb2.Report:
    """A report as its reporter sees it."""
    return moderation_pb2.Report(
        name=domain.name,
        subject=domain.subject,
        reason=moderation_pb2.ReportReason.ValueType(domain.reason),
        note=domain.note,
        result=moderation_pb2.ReportResult.ValueType(domain.result),
        create_time=timestamp(domain.create_time),
        decide_time=moment(domain.decide_time),
        unmask_time=moment(domain.unmask_time),
    )


def moment(domain: datetime | None) -> Timestamp | None:
    """A moment, if there is one."""
    return timestamp(domain) if domain else None


def report_id(name: str) -> UUID:
    """The id in `reports/{report}`."""
    found = uuid_in(name, 1)
    if found is None:
        raise unknown_report(name)
    return found


def person_id(name: str) -> UUID | None:
    """The id in `people/{person}`, or None where there is none."""
    return uuid_in(name, 1) if name.startswith("people/") else None


def uuid_in(name: str, place: int) -> UUID | None:
    """The id in a part of a resource name, counted from 0, or None where there is none."""
    parts = name.split("/")
    try:
        return UUID(parts[place])
    except (ValueError, IndexError):
        return None


def unknown_subject(name: str) -> NotFound:
    return NotFound("SUBJECT_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_report(name: str) -> NotFound:
    return NotFound("REPORT_NOT_FOUND", "There is no {name} of yours.", name=name)


def time_position(when: datetime, id_: UUID) -> bytes:
    """Where a list by time goes on."""
    # Rounded, since a float holds most microseconds a little too low.
    return round(when.timestamp() * 1_000_000).to_bytes(8, "big") + id_.bytes


def time_place(packed: bytes | None) -> tuple[datetime, UUID] | None:
    """The inverse of `time_position`."""
    if packed is None:
        return None
    seconds, micros = divmod(int.from_bytes(packed[:8], "big"), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), UUID(bytes=packed[8:])
