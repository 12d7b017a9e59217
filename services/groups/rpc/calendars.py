"""Calendars that people subscribe to, and events as iCalendar."""

import secrets
from datetime import timedelta
from hashlib import sha256
from types import ModuleType
from typing import Any

from google.api import httpbody_pb2
from google.protobuf import empty_pb2
from plein.groups.v1 import gatherings_pb2, gatherings_pb2_grpc

from chassis import viewer
from chassis.moments import timestamp
from chassis.problems import NotFound
from services.groups.rpc.base import Base, now
from services.groups.store import calendars as links
from services.groups.store import gatherings

PAST = timedelta(days=90)
MOST_EVENTS = 1000
SECRET_BYTES = 32


class Calendars(Base, gatherings_pb2_grpc.GroupCalendarServiceServicer):
    """All methods of the GroupCalendarService."""

    async def GetCalendarLink(
        self, request: gatherings_pb2.GetCalendarLinkRequest, context: Any
    ) -> gatherings_pb2.CalendarLink:
        async with self.database.snapshot() as tx:
            made = await links.create_time(tx, viewer.person())
        if made is None:
            raise NotFound("NO_CALENDAR_LINK", "You have no address for your calendar.")
        return gatherings_pb2.CalendarLink(create_time=timestamp(made))

    async def ResetCalendarLink(
        self, request: gatherings_pb2.ResetCalendarLinkRequest, context: Any
    ) -> gatherings_pb2.CalendarLink:
        secret, moment = secrets.token_hex(SECRET_BYTES), now()
        async with self.database.transaction() as tx:
            await links.put(tx, viewer.person(), _digest(secret), moment)
        url = f"{self.settings.public_url}/v1/calendars/{secret}"
        return gatherings_pb2.CalendarLink(url=url, create_time=timestamp(moment))

    async def RevokeCalendarLink(
        self, request: gatherings_pb2.RevokeCalendarLinkRequest, context: Any
    ) -> empty_pb2.Empty:
        async with self.database.transaction() as tx:
            await links.drop(tx, viewer.person())
        return empty_pb2.Empty()

    async def ReadCalendar(self, request: gatherings_pb2.ReadCalendarRequest, context: Any) -> httpbody_pb2.HttpBody:
        async with self.database.snapshot() as tx:
            person = await links.owner(tx, _digest(request.name.removeprefix("calendars/")))
            sight = self.access.sight(person) if person else None
            if sight is None or not sight.active:
                # Not with its name, which is the secret: what is answered may be logged.
                raise NotFound("CALENDAR_NOT_FOUND", "There is no calendar at this address.")
            found = await gatherings.visible_undeclined(tx, sight, now() - PAST, MOST_EVENTS)
        await context.send_initial_metadata((("cache-control", "private, no-cache"),))
        return calendars().subscribed(found, self.settings.public_url)


def calendars() -> ModuleType:
    """Imported when it is needed, which is seldom: the library is megabytes."""
    from services.groups.wire import calendars

    return calendars


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
