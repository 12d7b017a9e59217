"""Lets people leave all groups when they work here no more."""

from datetime import UTC, datetime, timedelta
from functools import partial

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.groups.store import changes, chores, groups

LATE_SECONDS = 0.5


async def let_leave(resources: Resources) -> None:
    """One group at a time."""
    await keep_looking(resources.database, partial(_let_leave_one, resources), LATE_SECONDS, "Leaving groups")


async def _let_leave_one(resources: Resources) -> bool:
    """Whether there was anybody."""
    async with resources.database.transaction() as tx:
        person = await chores.next_departure(tx)
        if person is None:
            return False
        id_ = await chores.next_group_of(tx, person)
        if id_ is None:
            await chores.departed(tx, person)
        elif (group := await groups.locked(tx, id_)) is not None:
            undelete = timedelta(days=resources.settings.group_undelete_days)
            await append_many(tx, await changes.depart(tx, group, person, datetime.now(UTC), undelete))
    return True
