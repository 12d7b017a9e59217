"""What services do when people block each other; all that the chassis knows of feed is that event."""

from collections.abc import Sequence
from uuid import UUID

from plein.chassis.v1.event_log_pb2 import Event
from plein.feed.v1.events_pb2 import MeetingChanged
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import drop_block, keep_block
from chassis.events import Reactions, on
from chassis.resources import Resources

_CHANGED = MeetingChanged.DESCRIPTOR.full_name


class MeetingReactions(Reactions):
    """Keeps who does not meet whom because of a block in the replica of access, where `Sight.apart` has it from.

    Almost all of feed's log is passed by, so it is read in larger pieces.
    """

    source = "feed"
    may_be_absent = True
    pace_seconds = 0.1

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    @on(MeetingChanged)
    async def meeting_changed(self, tx: AsyncConnection, event: MeetingChanged) -> None:
        """It is not told who of the two blocks the other: nor does it matter, since blocks work in both directions."""
        keep = keep_block if event.apart else drop_block
        await keep(tx, *(UUID(name.removeprefix("people/")) for name in (event.person, event.other_person)))

    async def after_commit(self, events: Sequence[Event]) -> None:
        """Lets this process decide on it at once; others take it in with their next poll."""
        if any(event.type == _CHANGED for event in events):
            await self.resources.access.refresh(self.resources.database)
