"""The calls that the pages of a group's events and files make."""

from collections.abc import AsyncIterator

import grpc
from google.api import httpbody_pb2
from plein.groups.v1 import files_pb2, files_pb2_grpc, gatherings_pb2, gatherings_pb2_grpc

from chassis.neighbours import Neighbours

PIECE_BYTES = 1024 * 1024
UPLOAD_SECONDS = 60.0


class Gatherings:
    """The events of groups, and the reader's calendar of them."""

    def __init__(self, neighbours: Neighbours) -> None:
        events = gatherings_pb2.DESCRIPTOR.services_by_name["GroupEventService"]
        calendars = gatherings_pb2.DESCRIPTOR.services_by_name["GroupCalendarService"]
        channel = neighbours.as_viewer("groups", events, calendars)
        self._stub = gatherings_pb2_grpc.GroupEventServiceStub(channel)
        self._calendars = gatherings_pb2_grpc.GroupCalendarServiceStub(channel)

    async def events(self, group: str, past: bool, page_token: str) -> gatherings_pb2.ListGroupEventsResponse:
        request = gatherings_pb2.ListGroupEventsRequest(parent=group, past=past, page_token=page_token)
        return await self._stub.ListGroupEvents(request)

    async def mine(self, page_token: str) -> gatherings_pb2.ListMyGroupEventsResponse:
        return await self._stub.ListMyGroupEvents(gatherings_pb2.ListMyGroupEventsRequest(page_token=page_token))

    async def event(self, name: str) -> gatherings_pb2.GroupEvent:
        return await self._stub.GetGroupEvent(gatherings_pb2.GetGroupEventRequest(name=name))

    async def plan(self, group: str, event: gatherings_pb2.GroupEvent, request_id: str) -> gatherings_pb2.GroupEvent:
        request = gatherings_pb2.CreateGroupEventRequest(parent=group, group_event=event, request_id=request_id)
        return await self._stub.CreateGroupEvent(request)

    async def change(self, event: gatherings_pb2.GroupEvent, *fields: str) -> gatherings_pb2.GroupEvent:
        request = gatherings_pb2.UpdateGroupEventRequest(group_event=event)
        request.update_mask.paths.extend(fields)
        return await self._stub.UpdateGroupEvent(request)

    async def cancel(self, name: str) -> None:
        await self._stub.CancelGroupEvent(gatherings_pb2.CancelGroupEventRequest(name=name))

    async def answer(self, name: str, answer: int) -> None:
        given = gatherings_pb2.EventAnswer.ValueType(answer)
        await self._stub.AnswerGroupEvent(gatherings_pb2.AnswerGroupEventRequest(name=name, answer=given))

    async def attendances(self, name: str, page_token: str) -> gatherings_pb2.ListGroupEventAttendancesResponse:
        request = gatherings_pb2.ListGroupEventAttendancesRequest(parent=name, page_size=50, page_token=page_token)
        return await self._stub.ListGroupEventAttendances(request)

    async def calendar_entry(self, name: str) -> httpbody_pb2.HttpBody:
        """An event as iCalendar."""
        return await self._stub.ExportGroupEvent(gatherings_pb2.ExportGroupEventRequest(name=name))

    async def calendar_link(self) -> gatherings_pb2.CalendarLink | None:
        """When the reader's calendar got its address, if it has one."""
        try:
            return await self._calendars.GetCalendarLink(gatherings_pb2.GetCalendarLinkRequest())
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return None
            raise

    async def reset_calendar_link(self) -> gatherings_pb2.CalendarLink:
        return await self._calendars.ResetCalendarLink(gatherings_pb2.ResetCalendarLinkRequest())

    async def revoke_calendar_link(self) -> None:
        await self._calendars.RevokeCalendarLink(gatherings_pb2.RevokeCalendarLinkRequest())


class GroupFiles:
    """The files of groups."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = files_pb2.DESCRIPTOR.services_by_name["GroupFileService"]
        self._stub = files_pb2_grpc.GroupFileServiceStub(neighbours.as_viewer("groups", api))

    async def files(self, group: str, page_token: str) -> files_pb2.ListGroupFilesResponse:
        return await self._stub.ListGroupFiles(files_pb2.ListGroupFilesRequest(parent=group, page_token=page_token))

    async def file(self, name: str) -> files_pb2.GroupFile:
        return await self._stub.GetGroupFile(files_pb2.GetGroupFileRequest(name=name))

    async def upload(self, first: files_pb2.UploadGroupFileRequest, content: bytes, content_type: str) -> None:
        """Brings a file; `first` says where it goes and what it is called."""

        async def pieces() -> AsyncIterator[files_pb2.UploadGroupFileRequest]:
            for start in range(0, max(len(content), 1), PIECE_BYTES):
                request = files_pb2.UploadGroupFileRequest() if start else first
                request.file.content_type, request.file.data = content_type, content[start : start + PIECE_BYTES]
                yield request

        await self._stub.UploadGroupFile(pieces(), timeout=UPLOAD_SECONDS)

    async def delete(self, name: str) -> None:
        await self._stub.DeleteGroupFile(files_pb2.DeleteGroupFileRequest(name=name))

    async def download(self, name: str) -> AsyncIterator[httpbody_pb2.HttpBody]:
        """The content: its type first, then its pieces. What the service refuses is raised before the first of them."""
        answer = aiter(self._stub.DownloadGroupFile(files_pb2.DownloadGroupFileRequest(name=name)))
        first = await anext(answer)

        async def pieces() -> AsyncIterator[httpbody_pb2.HttpBody]:
            yield first
            async for piece in answer:
                yield piece

        return pieces()
