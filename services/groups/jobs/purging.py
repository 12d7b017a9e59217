"""Removes groups that were deleted and can be brought back no more."""

from datetime import UTC, datetime
from functools import partial

from chassis.looking import keep_looking
from chassis.resources import Resources
from services.groups.store import chores

LATE_SECONDS = 1.0
MOST_AT_ONCE = 10


async def purge_groups(resources: Resources) -> None:
    """That they are no more was told when they were deleted."""
    await keep_looking(resources.database, partial(_purge, resources), LATE_SECONDS, "Removing deleted groups")


async def _purge(resources: Resources) -> bool:
    """Whether there may be more."""
    async with resources.database.transaction() as tx:
        return await chores.purge(tx, datetime.now(UTC), MOST_AT_ONCE) == MOST_AT_ONCE
