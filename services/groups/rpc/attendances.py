"""Who comes to events."""

from typing import Any, NamedTuple

from plein.groups.v1 import gatherings_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from chassis.events import append_many
from services.groups.domain.gatherings import Answer, Gathering
from services.groups.domain.members import Role
from services.groups.rpc.base import now, sight_within
from services.groups.rpc.contents import Contents
from services.groups.store import attendances, gatherings, places
from services.groups.store.gatherings import Seen
from services.groups.wire import contents as names
from services.groups.wire import gatherings as wire


class Answerable(NamedTuple):
    """An event that is locked, and what the caller may do in its group."""

    gathering: Gathering
    role: Role | None


class Attendances(Contents):
    """Answering, and seeing who did."""

    async def AnswerGroupEvent(
        self, request: gatherings_pb2.AnswerGroupEventRequest, context: Any
    ) -> gatherings_pb2.GroupEvent:
        sight, answer, moment = self.sight(), Answer(request.answer), now()
        async with self.database.transaction() as tx:
            found, _ = await self.answerable(tx, sight, request.name)
            found.check_ahead(moment)
            found, attendance, told = await places.answer(tx, found, sight.viewer, answer, moment)
            await append_many(tx, told)
            return wire.gathering(found, attendance)

    async def ListGroupEventAttendances(
        self, request: gatherings_pb2.ListGroupEventAttendancesRequest, context: Any
    ) -> gatherings_pb2.ListGroupEventAttendancesResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        after = wire.after_attendance(self.pages.position(request))
        async with self.database.snapshot() as tx:
            seen = await self.gathering(tx, sight, request.parent)
            sight = sight_within(sight, (await self.seen(tx, sight, f"groups/{seen.gathering.group}")).standing)
            found = await attendances.visible_attendings(tx, sight, seen.gathering.id, after, size + 1)
        shown = [wire.attendance(attending) for attending, _ in found[:size]]
        answer = gatherings_pb2.ListGroupEventAttendancesResponse(attendances=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, wire.attendance_position(found[size - 1][1]))
        return answer

    async def gathering(self, tx: AsyncConnection, sight: Sight, name: str) -> Seen:
        """An event that the viewer may see."""
        place = names.gathering_place(name)
        found = await gatherings.visible_gathering(tx, sight, place.group, place.id)
        if found is None:
            raise names.unknown_gathering(name)
        return found

    async def answerable(self, tx: AsyncConnection, sight: Sight, name: str) -> Answerable:
        """An event that the viewer may see, locked, in a group that is open to be written in.

        Only who may see it waits for its lock, or the time that it takes would tell that there is one.
        """
        place = names.gathering_place(name)
        await self.gathering(tx, sight, name)
        seen = await self.as_writer(tx, sight, f"groups/{place.group}")
        await gatherings.locked(tx, place.id)
        return Answerable((await self.gathering(tx, sight, name)).gathering, seen.standing.role)
