"""Erases people, a little at a time. What a crash leaves undone, any process goes on with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.groups.domain.erasures import Erasure
from services.groups.store import changes, chores, erasures, groups

LATE_SECONDS = 0.5


async def erase_people(resources: Resources) -> None:
    """Runs until it is cancelled."""
    await keep_looking(resources.database, partial(_advance, resources), LATE_SECONDS, "Erasing people")


async def _advance(resources: Resources) -> bool:
    """One transaction of somebody's erasing; False when there is nothing to do."""
    undelete = timedelta(days=resources.settings.group_undelete_days)
    async with resources.database.transaction() as tx:
        erasure = await erasures.next_due(tx)
        if erasure is None:
            return False
        after = await _left_a_group(tx, erasure, undelete) or await _erased(tx, erasure)
        await erasures.save(tx, after or replace(erasure, finish_time=datetime.now(UTC)))
    return True


async def _left_a_group(tx: AsyncConnection, erasure: Erasure, undelete: timedelta) -> Erasure | None:
    """The erasing after the person left one group; None for who is in none and wants to be in none."""
    id_ = await chores.next_group_of(tx, erasure.person)
    group = await groups.locked(tx, id_) if id_ else None
    if group is None:
        return None
    await append_many(tx, await changes.depart(tx, group, erasure.person, datetime.now(UTC), undelete))
    return erasure.erased("memberships", 1)


async def _erased(tx: AsyncConnection, erasure: Erasure) -> Erasure | None:
    """The erasing after the first step that found anything; None when nothing is left."""
    for sort, step in erasures.STEPS:
        if count := await step(tx, erasure):
            return erasure.erased(sort, count)
    return None
