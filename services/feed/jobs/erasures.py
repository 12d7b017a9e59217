"""Erases people, a little at a time. What a crash leaves undone, any process goes on with."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.cache import CacheUnavailable
from chassis.events import append, append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.feed.domain.erasures import Erasure
from services.feed.domain.posts import Post
from services.feed.store import erasing, erasing_posts, erasures
from services.feed.store.homes import Homes
from services.feed.wire import erasures as erasure_wire

log = logging.getLogger(__name__)

LATE_SECONDS = 0.5
# For how long those are left alone who deal with the events, and the receivers of webhooks.
PATIENCE = timedelta(seconds=0.5)
STEPS = [*erasing_posts.STEPS, *erasing.STEPS]


async def erase_people(resources: Resources) -> None:
    """Runs until it is cancelled."""
    advance = partial(_advance, resources, Homes(resources.cache, lambda: 0.0))
    passing = (CacheUnavailable,)
    await keep_looking(resources.database, advance, LATE_SECONDS, "Erasing people", passing=passing)


async def _advance(resources: Resources, homes: Homes) -> bool:
    """One transaction of somebody's erasing; False when there is nothing to do."""
    changed: Sequence[Post] = ()
    async with resources.database.transaction() as tx:
        now = datetime.now(UTC)
        erasure = await erasures.next_due(tx, now)
        if erasure is None:
            return False
        if erasure.step == 0 and await erasures.followed_to(tx) < erasure.awaited:
            await erasures.save(tx, erasure, now + PATIENCE)
        elif erasure.step < len(STEPS):
            changed = await _erase(tx, erasure, now)
        else:
            # A cache that is away keeps the erasing from ending.
            await homes.forget_person(erasure.person)
            await _end_round(tx, erasure, now)
    await _show(homes, changed)
    return True


async def _erase(tx: AsyncConnection, erasure: Erasure, now: datetime) -> Sequence[Post]:
    """The posts that changed."""
    sort, step = STEPS[erasure.step]
    erased = await step(tx, erasure)
    await erasures.save(tx, erasure.erased(sort, erased.rows), now)
    await append_many(tx, erased.events)
    return erased.posts


async def _end_round(tx: AsyncConnection, erasure: Erasure, now: datetime) -> None:
    """Ends the erasing when nothing was found; otherwise all is gone through again when what was told is dealt with."""
    again = replace(erasure, step=0, found=False, awaited=await erasures.highest_position(tx))
    if erasure.found:
        await erasures.save(tx, again, now)
    elif await erasing.is_still_told(tx, erasure):
        await erasures.save(tx, again, now + PATIENCE)
    else:
        await erasures.save(tx, replace(erasure, finish_time=now), now)
        await append(tx, erasure.name, 1, erasure_wire.erased(erasure))


async def _show(homes: Homes, changed: Sequence[Post]) -> None:
    try:
        await homes.put_posts(changed)
    except CacheUnavailable as away:
        log.debug("The cache hears from the log what was erased: %s", away)
