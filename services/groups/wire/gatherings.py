"""Events of groups as messages."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from plein.chassis.v1.subjects_pb2 import Subject
from plein.groups.v1 import events_pb2, gatherings_pb2, own_data_pb2

from chassis.moments import timestamp
from chassis.problems import BadInput
from services.groups.domain import gatherings as domain
from services.groups.domain.gatherings import (
    MOST_TITLE_CHARACTERS,
    USUAL_REMINDER,
    Attendance,
    Attending,
    Gathering,
    whole_seconds,
)
from services.groups.domain.presentations import chosen
from services.groups.wire import names
from services.groups.wire.contents import person_name
from services.groups.wire.events import Told
from services.groups.wire.texts import text

MOST_PLACE_CHARACTERS = 300


def gathering(found: Gathering, own: Attendance | None) -> gatherings_pb2.GroupEvent:
    """An event, with what came of the reader's answer."""
    return gatherings_pb2.GroupEvent(
        name=found.name,
        title=found.title,
        description=found.description.markdown,
        description_html=found.description.html,
        start_time=timestamp(found.start_time),
        end_time=timestamp(found.end_time),
        time_zone=found.time_zone,
        place=found.place,
        link=found.link,
        limit=found.limit,
        reminder=Duration(seconds=int(found.reminder.total_seconds())),
        organiser=person_name(found.organiser),
        state=found.state.value,  # type: ignore[arg-type] # the domain's numbers are those of the API
        going_count=found.going_count,
        waiting_count=found.waiting_count,
        maybe_count=found.maybe_count,
        own_attendance=own.value if own else 0,  # type: ignore[arg-type]
        create_time=timestamp(found.create_time),
        update_time=timestamp(found.update_time),
        etag=found.etag,
    )


def attendance(found: Attending) -> gatherings_pb2.EventAttendance:
    return gatherings_pb2.EventAttendance(
        person=person_name(found.person),
        attendance=found.attendance.value,  # type: ignore[arg-type]
        answer_time=timestamp(found.answer_time),
    )


def own_attendance(
    group: UUID, gathering: UUID, attendance: Attendance, answer_time: datetime
) -> own_data_pb2.OwnAttendance:
    """What somebody answered, for themselves."""
    return own_data_pb2.OwnAttendance(
        event=f"groups/{group}/events/{gathering}",
        attendance=attendance.value,  # type: ignore[arg-type]
        answer_time=timestamp(answer_time),
    )


async def new_gathering(
    asked: gatherings_pb2.GroupEvent, id_: UUID, group: UUID, organiser: UUID, now: datetime, zone: str
) -> Gathering:
    """What somebody plans; `zone` is the organisation's. BadInput as `domain.checked` says."""
    fields = await _fields(asked, domain.CHANGEABLE)
    fields["time_zone"] = asked.time_zone or zone
    if not asked.HasField("reminder"):
        fields["reminder"] = USUAL_REMINDER
    made = Gathering(id=id_, group=group, organiser=organiser, create_time=now, update_time=now, **fields)
    return domain.checked(made, now)


async def asked_fields(asked: gatherings_pb2.UpdateGroupEventRequest, zone: str) -> dict[str, Any]:
    """What is to change of an event, by the names that it has in the domain."""
    wanted = asked.group_event
    written = {name: _is_written(wanted, name) for name in domain.CHANGEABLE}
    fields = await _fields(wanted, chosen(domain.CHANGEABLE, asked.update_mask.paths, written))
    if "time_zone" in fields:
        fields["time_zone"] = wanted.time_zone or zone
    if "reminder" in fields and not wanted.HasField("reminder"):
        fields["reminder"] = USUAL_REMINDER
    return fields


def _is_written(asked: gatherings_pb2.GroupEvent, name: str) -> bool:
    messages = ("start_time", "end_time", "reminder")
    return asked.HasField(name) if name in messages else bool(getattr(asked, name))  # type: ignore[arg-type]


async def _fields(asked: gatherings_pb2.GroupEvent, wanted: Iterable[str]) -> dict[str, Any]:
    return {name: await _field(asked, name) for name in wanted}


async def _field(asked: gatherings_pb2.GroupEvent, name: str) -> Any:
    match name:
        case "title":
            return domain.line(asked.title, "title", MOST_TITLE_CHARACTERS, needed=True)
        case "description":
            return await text(asked.description, "event")
        case "start_time" | "end_time":
            return _moment(getattr(asked, name), name) if asked.HasField(name) else _no_time(name)
        case "place":
            return domain.line(asked.place, "place", MOST_PLACE_CHARACTERS)
        case "link":
            return domain.link(asked.link)
        case "reminder":
            return timedelta(seconds=asked.reminder.seconds)
    return getattr(asked, name)


def _moment(asked: Timestamp, name: str) -> datetime:
    try:
        return whole_seconds(asked.ToDatetime(UTC))
    except (ValueError, OverflowError):
        return _no_time(name)


def _no_time(name: str) -> datetime:
    raise BadInput("NO_TIME", "An event begins and ends at a time.", field=f"group_event.{name}")


def created(gathering: Gathering) -> Told:
    event = events_pb2.GroupEventCreated(event=gathering.name, organiser=person_name(gathering.organiser))
    return gathering.name, gathering.revision, event


def changed(gathering: Gathering, actor: UUID, moved: bool, people: Sequence[UUID]) -> list[Told]:
    """An event that is another one than before; with `moved`, people who come have to know."""
    events = [
        events_pb2.GroupEventChanged(
            event=gathering.name, actor=person_name(actor), moved=moved, people=map(person_name, part)
        )
        for part in (domain.in_parts(people) if moved else []) or [[]]
    ]
    return [(gathering.name, gathering.revision, event) for event in events]


def cancelled(gathering: Gathering, actor: UUID, people: Sequence[UUID]) -> list[Told]:
    """An event that will not be held; people who meant to come have to know."""
    events = [
        events_pb2.GroupEventCancelled(event=gathering.name, actor=person_name(actor), people=map(person_name, part))
        for part in domain.in_parts(people) or [[]]
    ]
    return [(gathering.name, gathering.revision, event) for event in events]


def deleted(gathering: Gathering) -> list[Told]:
    """An event that goes with who planned it."""
    event = events_pb2.GroupEventCancelled(event=gathering.name)
    return [(gathering.name, gathering.revision + 1, event)]


def reminded(gathering: Gathering, people: Sequence[UUID]) -> list[Told]:
    """Those who come, may come or wait, in as many events as they need."""
    events = [
        events_pb2.GroupEventReminded(event=gathering.name, people=map(person_name, part))
        for part in domain.in_parts(people)
    ]
    return [(gathering.name, gathering.revision, event) for event in events]


def places_gained(gathering: Gathering, people: Sequence[UUID]) -> list[Told]:
    """Those who waited and come now."""
    events = [
        events_pb2.GroupEventPlacesGained(event=gathering.name, people=map(person_name, part))
        for part in domain.in_parts(people)
    ]
    return [(gathering.name, gathering.revision, event) for event in events]


def subject(gathering: Gathering, keepers: Iterable[UUID]) -> Subject:
    """An event as moderation sees it."""
    group = f"groups/{gathering.group}"
    return Subject(
        name=gathering.name,
        author=person_name(gathering.organiser),
        root=group,
        group=group,
        parent=group,
        concerned=map(person_name, keepers),
        title=gathering.title,
        text="\n\n".join(filter(None, (gathering.description.plain, gathering.place, gathering.link))),
        revision=str(gathering.revision),
        create_time=timestamp(gathering.create_time),
        update_time=timestamp(gathering.update_time),
        hidden=gathering.hidden,
        removed=gathering.removed,
    )


def position(gathering: Gathering) -> bytes:
    """Where a list of events goes on after this one."""
    return names.position(gathering.start_time, gathering.id)


def attendance_position(place: tuple[int, int]) -> bytes:
    """Where a list of answers goes on."""
    return json.dumps(place).encode()


def after_attendance(sealed: bytes | None) -> tuple[int, int] | None:
    """What `attendance_position` made."""
    if sealed is None:
        return None
    attendance, turn = json.loads(sealed)
    return int(attendance), int(turn)
