"""Removes stored objects that no file and no page names: those that were let go, and those that a crash left over."""

import time
from datetime import UTC, datetime
from functools import partial

from chassis.database import Database
from chassis.looking import keep_looking
from chassis.objects import Objects
from chassis.resources import Resources
from services.groups.store import objects

# How late an object may be removed.
LATE_SECONDS = 30.0
# Their rows are locked while they are removed from a store that may be far away.
OBJECTS_AT_ONCE = 20


async def remove_objects(resources: Resources) -> None:
    """Runs until it is cancelled."""
    remove = partial(remove_due, resources.database, Objects(resources.settings.media_url, resources.name))
    await keep_looking(resources.database, remove, LATE_SECONDS, "Removing objects")


async def remove_due(database: Database, stored: Objects) -> None:
    """Removes all that is due. Several processes share the work, and what a crash leaves undone is done again."""
    moment = datetime.fromtimestamp(time.time(), UTC)
    removed = OBJECTS_AT_ONCE
    while removed == OBJECTS_AT_ONCE:
        async with database.quiet_transaction() as tx:
            due = await objects.due(tx, moment, OBJECTS_AT_ONCE)
            if due:
                await stored.remove(map(str, due))
                await objects.forget(tx, due)
        removed = len(due)
