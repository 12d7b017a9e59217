"""People as they plan events and come to them, in the words that the tests use."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from plein.groups.v1 import gatherings_pb2, gatherings_pb2_grpc

from chassis.moments import timestamp
from tests.feed.caller import walked
from tests.groups.caller import Caller

Event = gatherings_pb2.GroupEvent
UNKNOWN_EVENT = "01993e54-0000-7000-8000-00000000000e"


class Guest:
    """Somebody who plans events and comes to them."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.events = gatherings_pb2_grpc.GroupEventServiceStub(caller.channel)
        self.calendars = gatherings_pb2_grpc.GroupCalendarServiceStub(caller.channel)

    async def plan(
        self,
        group: str,
        title: str = "Golf",
        *,
        hours: float = 48,
        lasting: float = 2,
        request_id: str = "",
        place: str = "Zaal 1",
        **fields: Any,
    ) -> Event:
        """Plans an event that begins so many hours from now."""
        start = datetime.now(UTC) + timedelta(hours=hours)
        times = {"start_time": moment(start), "end_time": moment(start + timedelta(hours=lasting))}
        event = Event(title=title, place=place, **(times | fields))
        request = gatherings_pb2.CreateGroupEventRequest(parent=group, group_event=event, request_id=request_id)
        return await self.events.CreateGroupEvent(request)

    async def event(self, name: str) -> Event:
        return await self.events.GetGroupEvent(gatherings_pb2.GetGroupEventRequest(name=name))

    async def change(self, name: str, *paths: str, etag: str = "", **fields: Any) -> Event:
        wanted = Event(name=name, etag=etag, **fields)
        request = gatherings_pb2.UpdateGroupEventRequest(group_event=wanted, update_mask=FieldMask(paths=paths))
        return await self.events.UpdateGroupEvent(request)

    async def cancel(self, name: str) -> Event:
        return await self.events.CancelGroupEvent(gatherings_pb2.CancelGroupEventRequest(name=name))

    async def answer(self, name: str, answer: str) -> str:
        """What came of it, such as "WAITING"."""
        wanted = gatherings_pb2.EventAnswer.Value(f"EVENT_ANSWER_{answer}")
        request = gatherings_pb2.AnswerGroupEventRequest(name=name, answer=wanted)
        return attendance(await self.events.AnswerGroupEvent(request))

    async def attendance(self, name: str) -> str:
        return attendance(await self.event(name))

    async def attendances(self, name: str, size: int = 100) -> list[tuple[str, str]]:
        """Who answered, and what came of it."""
        request = gatherings_pb2.ListGroupEventAttendancesRequest(parent=name, page_size=size)
        found = await walked(self.events.ListGroupEventAttendances, request)
        return [(one.person, gatherings_pb2.Attendance.Name(one.attendance)[11:]) for one in found]

    async def upcoming(self, group: str, size: int = 100, *, past: bool = False) -> list[str]:
        request = gatherings_pb2.ListGroupEventsRequest(parent=group, page_size=size, past=past)
        return [event.name for event in await walked(self.events.ListGroupEvents, request)]

    async def mine(self, size: int = 100) -> list[str]:
        request = gatherings_pb2.ListMyGroupEventsRequest(page_size=size)
        return [event.name for event in await walked(self.events.ListMyGroupEvents, request)]

    async def export(self, name: str) -> bytes:
        answer = await self.events.ExportGroupEvent(gatherings_pb2.ExportGroupEventRequest(name=name))
        return bytes(answer.data)

    async def reset_link(self) -> str:
        """The secret in the caller's new address."""
        link = await self.calendars.ResetCalendarLink(gatherings_pb2.ResetCalendarLinkRequest())
        return link.url.rpartition("/")[2]

    async def revoke_link(self) -> None:
        await self.calendars.RevokeCalendarLink(gatherings_pb2.RevokeCalendarLinkRequest())

    async def calendar(self, secret: str) -> bytes:
        answer = await self.calendars.ReadCalendar(gatherings_pb2.ReadCalendarRequest(name=f"calendars/{secret}"))
        return bytes(answer.data)


def attendance(event: Event) -> str:
    """What came of the reader's answer; empty without one."""
    name = gatherings_pb2.Attendance.Name(event.own_attendance).removeprefix("ATTENDANCE_")
    return "" if name == "UNSPECIFIED" else name


def counts(event: Event) -> tuple[int, int, int]:
    """How many come, wait and may come."""
    return event.going_count, event.waiting_count, event.maybe_count


def moment(at: datetime) -> Timestamp:
    return timestamp(at.replace(microsecond=0))
