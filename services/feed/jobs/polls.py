"""Tells that polls have ended."""

from datetime import UTC, datetime
from functools import partial

from plein.feed.v1 import events_pb2

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.feed.store import polls

LATE_SECONDS = 1.0
MOST_AT_ONCE = 100


async def tell_ended_polls(resources: Resources) -> None:
    """Appends `PollEnded` once for each poll whose end has passed, and for one that was deleted before, not at all."""
    tell, late = partial(_tell, resources), LATE_SECONDS
    await keep_looking(resources.database, tell, late, "Telling that polls ended", idle_seconds=late)


async def _tell(resources: Resources) -> bool:
    """Whether there may be more."""
    async with resources.database.transaction() as tx:
        ended = await polls.ended(tx, datetime.now(UTC), MOST_AT_ONCE)
        names = [(f"posts/{row.id}", row.version) for row in ended]
        await append_many(tx, [(name, version, events_pb2.PollEnded(post=name)) for name, version in names])
    return len(ended) == MOST_AT_ONCE
