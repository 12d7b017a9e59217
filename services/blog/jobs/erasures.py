"""Erases people, a little at a time. What a crash leaves undone, any process goes on with."""

from datetime import UTC, datetime
from functools import partial

from chassis.events import append, append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.blog.store import erasing, erasing_comments, erasures
from services.blog.wire import erasures as wire

LATE_SECONDS = 0.5
STEPS = [*erasing_comments.STEPS, *erasing.STEPS]


async def erase_people(resources: Resources) -> None:
    """Runs until it is cancelled."""
    await keep_looking(resources.database, partial(_advance, resources), LATE_SECONDS, "Erasing people")


async def _advance(resources: Resources) -> bool:
    """One transaction of somebody's erasing; False when there is nothing to do."""
    async with resources.database.transaction() as tx:
        erasure = await erasures.next_unfinished(tx)
        if erasure is None:
            return False
        if erasure.step < len(STEPS):
            sort, step = STEPS[erasure.step]
            erased = await step(tx, erasure)
            await erasures.save(tx, erasure.erased(sort, erased.rows))
            await append_many(tx, erased.events)
            return True
        after = erasure.gone_through(datetime.now(UTC))
        await erasures.save(tx, after)
        if after.finish_time is not None:
            await append(tx, after.name, 1, wire.erased(after))
    return True
