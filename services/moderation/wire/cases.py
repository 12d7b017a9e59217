"""Cases, and what moderators read of them, as messages."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from uuid import UUID

from plein.moderation.v1 import cases_pb2, moderation_pb2

from chassis.moments import timestamp
from chassis.problems import BadInput, NotFound
from services.moderation.domain.cases import Case, Note
from services.moderation.domain.reports import Report
from services.moderation.domain.subjects import Snapshot, Subject
from services.moderation.domain.unmaskings import Unmasking
from services.moderation.wire import moment, uuid_in


def case(domain: Case) -> moderation_pb2.Case:
    """A case, for moderators who are not concerned."""
    return moderation_pb2.Case(
        name=domain.name,
        subject=domain.subject,
        state=moderation_pb2.CaseState.ValueType(domain.state),
        author=f"people/{domain.author}",
        assignee=f"people/{domain.assignee}" if domain.assignee else "",
        offered_to=f"people/{domain.offered_to}" if domain.offered_to else "",
        report_count=domain.report_count,
        reasons=[moderation_pb2.ReportReason.ValueType(reason) for reason in domain.reasons],
        hidden_while_pending=domain.hidden_while_pending,
        verdict=moderation_pb2.Verdict.ValueType(domain.verdict),
        create_time=timestamp(domain.create_time),
        update_time=timestamp(domain.update_time),
        etag=domain.etag,
        held_by=[f"filters/{found}" for found in domain.held_by],
    )


def note(domain: Note) -> cases_pb2.CaseNote:
    """A note."""
    author = f"people/{domain.author}"
    return cases_pb2.CaseNote(
        name=domain.name, text=domain.text, author=author, create_time=timestamp(domain.create_time)
    )


def case_report(domain: Report) -> cases_pb2.CaseReport:
    """What was reported, without who it was: the hour could tell, so there is only the day."""
    day = datetime.combine(domain.create_time.astimezone(UTC).date(), time(), UTC)
    return cases_pb2.CaseReport(
        name=f"cases/{domain.case_id}/reports/{domain.id}",
        reason=moderation_pb2.ReportReason.ValueType(domain.reason),
        note=domain.note,
        revision=domain.revision,
        day=timestamp(day),
    )


def snapshot(of: Case, domain: Snapshot, kept: Mapping[str, UUID]) -> cases_pb2.Snapshot:
    """How the subject of a case was; `kept` are the images that the case has, by their owner's names."""
    return cases_pb2.Snapshot(
        subject=of.subject,
        revision=domain.revision,
        author=f"people/{of.author}",
        title=domain.title,
        text=domain.text,
        images=domain.images,
        kept_images=[f"{of.name}/images/{kept[image]}" for image in domain.images if image in kept],
        update_time=moment(domain.update_time),
    )


def surroundings(current: Subject | None, parent: Subject | None, root: Subject | None) -> cases_pb2.CaseFile:
    """How a subject and what it hangs under are, as far as they are still there."""
    return cases_pb2.CaseFile(current=_current(current), parent=_current(parent), root=_current(root))


def _current(domain: Subject | None) -> cases_pb2.Snapshot | None:
    if domain is None:
        return None
    return cases_pb2.Snapshot(
        subject=domain.name,
        revision=domain.revision,
        author=f"people/{domain.author}",
        title=domain.title,
        text=domain.text,
        images=domain.images,
        hidden=domain.hidden,
        removed=domain.removed,
        update_time=moment(domain.update_time),
    )


def unmasking(domain: Unmasking) -> cases_pb2.Unmasking:
    """What a moderator asks, without the reporter."""
    return cases_pb2.Unmasking(
        name=domain.name,
        report=domain.report_name,
        justification=domain.justification,
        state=cases_pb2.UnmaskingState.ValueType(domain.state),
        requester=f"people/{domain.requester}",
        answerer=f"people/{domain.answerer}" if domain.answerer else "",
        create_time=timestamp(domain.create_time),
        answer_time=moment(domain.answer_time),
        expire_time=timestamp(domain.expire_time),
    )


def case_id(name: str) -> UUID:
    """The id of the case in `cases/{case}` and in the names of what is in it."""
    found = uuid_in(name, 1)
    if found is None:
        raise unknown_case(name)
    return found


def unmasking_id(name: str) -> UUID:
    """The id in `cases/{case}/unmaskings/{unmasking}`."""
    found = uuid_in(name, 3)
    if found is None:
        raise unknown_unmasking(name)
    return found


def report_in(case: Case, name: str, field: str) -> UUID:
    """The id in `cases/{case}/reports/{report}`, which is one of this case."""
    found = uuid_in(name, 3)
    if found is None or not name.startswith(f"{case.name}/reports/"):
        raise not_in_case(field, name)
    return found


def not_in_case(field: str, name: str) -> BadInput:
    return BadInput("NOT_IN_THIS_CASE", "{name} is no report of this case.", field=field, name=name)


def unknown_case(name: str) -> NotFound:
    return NotFound("CASE_NOT_FOUND", "There is no {name} that you can see.", name=name)


def image_id(name: str) -> UUID:
    """The id in `cases/{case}/images/{image}`."""
    found = uuid_in(name, 3)
    if found is None:
        raise unknown_image(name)
    return found


def unknown_image(name: str) -> NotFound:
    return NotFound("IMAGE_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_unmasking(name: str) -> NotFound:
    return NotFound("UNMASKING_NOT_FOUND", "There is no {name} that you can see.", name=name)
