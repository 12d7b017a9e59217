"""Reminds people of events that begin soon."""

import time
from datetime import UTC, datetime

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.groups.store import attendances, gatherings
from services.groups.wire import gatherings as wire

LATE_SECONDS = 1.0
# Each takes as many events of the log as it has hundreds of people, and a transaction tells no more than 500.
MOST_AT_ONCE = 2


async def remind_people(resources: Resources) -> None:
    """Appends `GroupEventReminded` once for each event whose time has come, and again when that is moved.

    Of one that has begun meanwhile, since nothing ran, nobody is reminded any more.
    """

    async def remind() -> bool:
        return await remind_due(resources, datetime.fromtimestamp(time.time(), UTC)) == MOST_AT_ONCE

    await keep_looking(resources.database, remind, LATE_SECONDS, "Reminding people", idle_seconds=LATE_SECONDS)


async def remind_due(resources: Resources, now: datetime) -> int:
    """Reminds of some events; answers of how many."""
    async with resources.database.transaction() as tx:
        due = await gatherings.due_reminders(tx, now, MOST_AT_ONCE)
        if due:
            ahead = [gathering for gathering in due if gathering.is_worth_reminding(now)]
            people = await attendances.interested(tx, [gathering.id for gathering in ahead])
            await gatherings.reminded(tx, [gathering.id for gathering in due])
            told = [wire.reminded(gathering, people.get(gathering.id, [])) for gathering in ahead]
            await append_many(tx, [event for events in told for event in events])
    return len(due)
