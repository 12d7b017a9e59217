"""Takes in what other processes of feed were told to mute."""

import asyncio
import logging

from chassis.problems import Problem
from chassis.resources import Resources
from services.feed.store.mutes import Mutes

log = logging.getLogger(__name__)

# How long another process may still show what was muted in this one.
POLL_SECONDS = 0.25


async def keep_mutes_fresh(resources: Resources) -> None:
    """Polls, which is one tiny query when nothing changed."""
    mutes = resources.one(Mutes)
    while True:
        try:
            await mutes.refresh()
        except Problem as problem:
            log.warning("What people muted was not refreshed: %s", problem)
        await asyncio.sleep(POLL_SECONDS)
