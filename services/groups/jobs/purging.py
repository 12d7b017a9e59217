"""Removes groups that were deleted and can be brought back no more."""

import asyncio
import logging
from datetime import UTC, datetime

from chassis.problems import Problem
from chassis.resources import Resources
from services.groups.store import chores

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
MOST_AT_ONCE = 10


async def purge_groups(resources: Resources) -> None:
    """That they are no more was told when they were deleted."""
    while True:
        purged = 0
        try:
            async with resources.database.transaction() as tx:
                purged = await chores.purge(tx, datetime.now(UTC), MOST_AT_ONCE)
        except Problem as problem:
            log.warning("Deleted groups are removed later: %s", problem)
        if purged < MOST_AT_ONCE:
            await asyncio.sleep(POLL_SECONDS)
