"""Tells that polls have ended."""

import asyncio
import logging
from datetime import UTC, datetime

from plein.feed.v1 import events_pb2

from chassis.events import append_many
from chassis.problems import Problem
from chassis.resources import Resources
from services.feed.store import polls

log = logging.getLogger(__name__)

LATE_SECONDS = 1.0
MOST_AT_ONCE = 100


async def tell_ended_polls(resources: Resources) -> None:
    """Appends `PollEnded` once for each poll whose end has passed, and for one that was deleted before, not at all."""
    while True:
        told = 0
        try:
            told = await _told(resources)
        except Problem as problem:
            log.warning("The ends of polls are told later: %s", problem)
        if told < MOST_AT_ONCE:
            await asyncio.sleep(LATE_SECONDS)


async def _told(resources: Resources) -> int:
    async with resources.database.transaction() as tx:
        ended = await polls.ended(tx, datetime.now(UTC), MOST_AT_ONCE)
        names = [(f"posts/{row.id}", row.version) for row in ended]
        await append_many(tx, [(name, version, events_pb2.PollEnded(post=name)) for name, version in names])
    return len(ended)
