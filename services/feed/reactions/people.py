"""What feed does when identity tells of people."""

from collections.abc import Sequence

from plein.chassis.v1 import event_log_pb2
from plein.identity.v1.events_pb2 import PersonChanged
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import AccessReactions
from chassis.events import on
from chassis.resources import Resources
from services.feed.domain.relations import PersonFacts
from services.feed.neighbours import Identity
from services.feed.store import people

_CHANGED = PersonChanged.DESCRIPTOR.full_name


class People(AccessReactions):
    """Keeps what feed needs of what HR knows.

    Events only say of whom to ask identity. Its answer may be newer than the event: then a later one changes nothing.
    """

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._identity = Identity(resources.neighbours)
        self._known: list[PersonFacts] = []

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        payloads = [event.payload for event in events if event.type == _CHANGED and event.payload]
        names = dict.fromkeys(PersonChanged.FromString(payload).person for payload in payloads)
        self._known = await self._identity.facts(list(names))

    @on(PersonChanged)
    async def person_changed(self, tx: AsyncConnection, event: PersonChanged) -> None:
        """Somebody came or changed. The first event of a batch brings in all of whom the batch tells."""
        known, self._known = self._known, []
        await people.keep(tx, known)
