"""What groups does when identity tells of people and barriers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from plein.chassis.v1 import event_log_pb2
from plein.chassis.v1.audience_pb2 import BarriersChanged, PersonAccessChanged
from plein.identity.v1.events_pb2 import PersonChanged, PersonDeparted, PersonReinstated
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import AccessReactions, keep_barriers, keep_person
from chassis.events import on
from chassis.resources import Resources
from services.groups.neighbours import Identity
from services.groups.store import people
from services.groups.wire import id_in

_CHANGED = PersonChanged.DESCRIPTOR.full_name


class People(AccessReactions):
    """Keeps who may meet whom, and departments. What follows for members, jobs do, a group at a time.

    `PersonChanged` only says of whom to ask identity. Its answer may be newer: then a later one changes nothing.
    """

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._identity = Identity(resources.neighbours)
        self._known: Mapping[UUID, str] = {}

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        payloads = [event.payload for event in events if event.type == _CHANGED and event.payload]
        names = dict.fromkeys(PersonChanged.FromString(payload).person for payload in payloads)
        self._known = await self._identity.departments(list(names))

    @on(PersonChanged)
    async def person_changed(self, tx: AsyncConnection, event: PersonChanged) -> None:
        """Somebody came or changed. The first event of a batch brings in all of whom the batch tells."""
        known, self._known = self._known, {}
        await people.keep(tx, known)

    @on(PersonDeparted)
    async def person_departed(self, tx: AsyncConnection, event: PersonDeparted) -> None:
        await people.depart(tx, id_in(event.person))

    @on(PersonReinstated)
    async def person_reinstated(self, tx: AsyncConnection, event: PersonReinstated) -> None:
        await people.return_(tx, id_in(event.person))

    @on(PersonAccessChanged)
    async def person_access_changed(self, tx: AsyncConnection, event: PersonAccessChanged) -> None:
        """With other segments somebody may be among people whom law keeps apart."""
        await people.check_segments(tx, id_in(event.person), sorted(event.segments))
        await keep_person(tx, event)

    @on(BarriersChanged)
    async def barriers_changed(self, tx: AsyncConnection, event: BarriersChanged) -> None:
        await keep_barriers(tx, event)
        await people.check_all(tx)
