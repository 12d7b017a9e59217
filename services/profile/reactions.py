"""What profile does when identity tells of people, and when moderation decides."""

from collections.abc import Sequence
from datetime import UTC, datetime

from google.protobuf.message import Message
from plein.chassis.v1 import event_log_pb2
from plein.identity.v1.events_pb2 import PersonChanged, PersonDeparted, PersonReinstated
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import AccessReactions
from chassis.decisions import DecisionReactions
from chassis.events import append, append_many, on
from chassis.resources import Resources
from services.profile import store, wire
from services.profile.domain import Profile
from services.profile.neighbours import Identity

# Who is suspended keeps the profile; that nobody finds it is decided on the replica of access.
HEARD = (PersonChanged, PersonDeparted, PersonReinstated)
_HEARD_NAMES = {kind.DESCRIPTOR.full_name for kind in HEARD}


class Colleagues(AccessReactions):
    """Keeps profiles as HR knows their people.

    Events only say of whom to ask identity. Its answer may be newer than the event: then a later one changes nothing.
    """

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._identity = Identity(resources.neighbours)
        self._known: list[Profile] = []

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        payloads = [event.payload for event in events if event.type in _HEARD_NAMES and event.payload]
        names = dict.fromkeys(PersonChanged.FromString(payload).person for payload in payloads)
        people = await self._identity.people(list(names))
        now = datetime.now(UTC)
        self._known = [wire.from_identity(person, now) for person in people]

    @on(*HEARD)
    async def person_changed(self, tx: AsyncConnection, event: Message) -> None:
        """Somebody came, changed or left. The first event of a batch brings in all of whom the batch tells."""
        known, self._known = self._known, []
        if known:
            changed = await store.keep_from_hr(tx, known)
            await append_many(tx, [wire.told(id_, version) for id_, version in changed])


class Decisions(DecisionReactions):
    """Hides and shows what people tell about themselves, and their photos."""

    async def subject_decided(self, tx: AsyncConnection, subject: str, *, hidden: bool, removed: bool) -> None:
        """`people/{person}` is what the person tells: what HR knows of a colleague is always there."""
        named = wire.subject_name(subject)
        if named is None:
            return
        decide, tell = (store.decide_photo, wire.photo_told) if named.photo else (store.decide_texts, wire.told)
        version = await decide(tx, named.person, datetime.now(UTC), hidden=hidden, removed=removed)
        if version is not None:
            await append(tx, *tell(named.person, version))
