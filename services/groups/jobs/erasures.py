"""Erases people, a little at a time. What a crash leaves undone, any process goes on with."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import append_many
from chassis.problems import Problem
from chassis.resources import Resources
from services.groups.domain.erasures import Erasure
from services.groups.store import changes, chores, erasures, groups

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


async def erase_people(resources: Resources) -> None:
    """Runs until it is cancelled."""
    while True:
        worked = False
        try:
            worked = await _advance(resources)
        except Problem as problem:
            log.warning("Nobody was erased, and will be later: %s", problem)
        if not worked:
            await asyncio.sleep(POLL_SECONDS)


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
