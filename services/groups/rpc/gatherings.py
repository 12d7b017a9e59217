"""Events of groups: planned, changed, called off and listed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from google.api import httpbody_pb2
from plein.groups.v1 import gatherings_pb2, gatherings_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from chassis.events import append_many
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import TooMuch
from services.groups import wire as groups_wire
from services.groups.domain.gatherings import Gathering
from services.groups.domain.members import Role
from services.groups.rpc.attendances import Attendances
from services.groups.rpc.base import now
from services.groups.rpc.calendars import calendars
from services.groups.store import attendances, gatherings, places
from services.groups.store.gatherings import Seen
from services.groups.wire import gatherings as wire
from services.groups.wire.names import moment_and_id

Event = gatherings_pb2.GroupEvent
PLANNING_DAY = timedelta(days=1)


class Gatherings(Attendances, gatherings_pb2_grpc.GroupEventServiceServicer):
    """All methods of the GroupEventService."""

    async def CreateGroupEvent(self, request: gatherings_pb2.CreateGroupEventRequest, context: Any) -> Event:
        sight, group = self.sight(), groups_wire.group_id(request.parent)
        zone = self.settings.organisation_time_zone
        planned = await wire.new_gathering(request.group_event, new_id(), group, sight.viewer, now(), zone)
        async with self.database.transaction() as tx:
            await self.as_writer(tx, sight, request.parent)

            async def added() -> Event:
                await self._check_limit(tx, sight.viewer, planned.create_time)
                await gatherings.add(tx, planned)
                await append_many(tx, [wire.created(planned)])
                return wire.gathering(planned, None)

            return await once(tx, request, Event, added)

    async def _check_limit(self, tx: AsyncConnection, person: UUID, moment: datetime) -> None:
        most = self.settings.group_events_per_day
        if await gatherings.planned_since(tx, person, moment - PLANNING_DAY) >= most:
            sentence = "You planned {most} events within a day. Go on tomorrow."
            raise TooMuch("TOO_MANY_EVENTS_TODAY", sentence, retry_seconds=3600, most=most)

    async def GetGroupEvent(self, request: gatherings_pb2.GetGroupEventRequest, context: Any) -> Event:
        async with self.database.snapshot() as tx:
            return wire.gathering(*await self.gathering(tx, self.sight(), request.name))

    async def ListGroupEvents(
        self, request: gatherings_pb2.ListGroupEventsRequest, context: Any
    ) -> gatherings_pb2.ListGroupEventsResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        after = moment_and_id(self.pages.position(request))
        listed = gatherings.visible_past if request.past else gatherings.visible_upcoming
        async with self.database.snapshot() as tx:
            seen = await self.as_member(tx, sight, request.parent)
            found = await listed(tx, sight, seen.group.id, now(), after, size + 1)
        events, token = self._page(request, found, size)
        return gatherings_pb2.ListGroupEventsResponse(events=events, next_page_token=token)

    async def ListMyGroupEvents(
        self, request: gatherings_pb2.ListMyGroupEventsRequest, context: Any
    ) -> gatherings_pb2.ListMyGroupEventsResponse:
        size, after = pages.size(request, 20, 100), moment_and_id(self.pages.position(request))
        async with self.database.snapshot() as tx:
            found = await gatherings.visible_of_all_groups(tx, self.sight(), now(), after, size + 1)
        events, token = self._page(request, found, size)
        return gatherings_pb2.ListMyGroupEventsResponse(events=events, next_page_token=token)

    def _page(self, request: Any, found: list[Seen], size: int) -> tuple[list[Event], str]:
        shown = [wire.gathering(*seen) for seen in found[:size]]
        more = len(found) > size
        return shown, self.pages.seal(request, wire.position(found[size - 1].gathering)) if more else ""

    async def UpdateGroupEvent(self, request: gatherings_pb2.UpdateGroupEventRequest, context: Any) -> Event:
        sight, asked = self.sight(), request.group_event
        fields = await wire.asked_fields(request, self.settings.organisation_time_zone)
        async with self.database.transaction() as tx:
            before = await self._changeable(tx, sight, asked.name)
            after = before.changed(asked.etag, fields, now())
            if after != before:
                after = await self._saved(tx, sight.viewer, before, after)
            return wire.gathering(after, await attendances.own(tx, after.id, sight.viewer))

    async def _saved(self, tx: AsyncConnection, actor: UUID, before: Gathering, after: Gathering) -> Gathering:
        """Keeps a change, lets in whom there is room for now, and tells those who come when they have to know."""
        # Who was reminded is reminded once more of what begins at another time.
        await gatherings.save(tx, after, remind=not after.reminds_as(before))
        moved = after.moved_from(before)
        people = (await attendances.interested(tx, [after.id])).get(after.id, []) if moved else []
        (filled,), gained = await places.fill(tx, [after])
        await append_many(tx, [*wire.changed(after, actor, moved, people), *gained])
        return filled

    async def CancelGroupEvent(self, request: gatherings_pb2.CancelGroupEventRequest, context: Any) -> Event:
        sight = self.sight()
        async with self.database.transaction() as tx:
            before = await self._changeable(tx, sight, request.name)
            after = before.cancelled(now())
            if after != before:
                await gatherings.save(tx, after, remind=True)
                people = (await attendances.interested(tx, [after.id])).get(after.id, [])
                await append_many(tx, wire.cancelled(after, sight.viewer, people))
            return wire.gathering(after, await attendances.own(tx, after.id, sight.viewer))

    async def ExportGroupEvent(
        self, request: gatherings_pb2.ExportGroupEventRequest, context: Any
    ) -> httpbody_pb2.HttpBody:
        async with self.database.snapshot() as tx:
            seen = await self.gathering(tx, self.sight(), request.name)
        return calendars().single(seen, self.settings.public_url)

    async def _changeable(self, tx: AsyncConnection, sight: Sight, name: str) -> Gathering:
        """An event that the viewer may change, locked, in a group that is open to be written in."""
        found = await self.answerable(tx, sight, name)
        role = found.role
        found.gathering.check_changeable(sight.viewer, role is not None and role >= Role.KEEPER)
        return found.gathering
