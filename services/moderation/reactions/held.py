"""What filters held, which moderators then judge: each owner tells of it in its own log."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from plein.chassis.v1.event_log_pb2 import Event
from plein.chassis.v1.events_pb2 import SubjectHeld
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import Reactions, append, on
from chassis.ids import new_id
from chassis.resources import Resources
from services.moderation.domain.cases import opened
from services.moderation.domain.subjects import Measure, Subject
from services.moderation.neighbours import Owners
from services.moderation.store import audit, cases, subjects
from services.moderation.wire import decisions as decision_wire

ACTOR = "services/moderation"


class Held(Reactions):
    """Opens a case about each thing that was held. What was deleted meanwhile needs none."""

    may_be_absent = True

    def __init__(self, resources: Resources) -> None:
        self._owners = resources.one(Owners)
        self._seen: dict[str, Subject | None] = {}

    async def gather(self, events: Sequence[Event]) -> None:
        """Asks their owner for the things of a batch, as they are now."""
        held = [event for event in events if event.type == SubjectHeld.DESCRIPTOR.full_name]
        names = list(dict.fromkeys(SubjectHeld.FromString(event.payload).subject for event in held))
        found = await asyncio.gather(*map(self._owners.subject, names))
        self._seen = dict(zip(names, found, strict=True))

    @on(SubjectHeld)
    async def subject_held(self, tx: AsyncConnection, event: SubjectHeld) -> None:
        """Puts it into the case that waits to be judged, or into a new one. What was judged as it stands is so."""
        seen = self._seen.get(event.subject)
        if seen is None:
            return
        now, standing = datetime.now(UTC), await subjects.locked(tx, seen.name)
        if standing.was_judged(seen.revision):
            await append(tx, standing.name, standing.version, decision_wire.shown(standing))
            return
        case = await cases.undecided(tx, seen.name)
        if case is None:
            case = opened(new_id(), seen, now)
            await cases.add(tx, case)
        await subjects.keep_snapshot(tx, case.id, seen.snapshot(now))
        case = case.held(tuple(map(_filter, event.filters)), seen, now)
        await cases.save(tx, case)
        if standing.measure is Measure.NONE:
            standing = standing.measured(Measure.HIDDEN)
            await subjects.save(tx, standing)
        await audit.append(tx, ACTOR, "case.held", case.name, about=seen.name, filters=list(event.filters))
        # Its owner hid it already; who follows moderation alone hears it here.
        await append(tx, standing.name, standing.version, decision_wire.shown(standing))


class HeldInFeed(Held):
    """Posts."""

    source = "feed"


class HeldInBlog(Held):
    """Articles and comments."""

    source = "blog"


def _filter(name: str) -> UUID:
    return UUID(name.removeprefix("filters/"))
