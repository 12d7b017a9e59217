"""Tells in the log which reports were decided, some at a time: a case can have more than a transaction tells."""

from functools import partial

from plein.moderation.v1 import events_pb2

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.moderation.store import reports

LATE_SECONDS = 0.5
AT_ONCE = 200


async def tell_reporters(resources: Resources) -> None:
    """Runs until it is cancelled."""
    await keep_looking(resources.database, partial(_tell, resources), LATE_SECONDS, "Telling who reported")


async def _tell(resources: Resources) -> bool:
    """Whether there may be more."""
    async with resources.database.transaction() as tx:
        untold = [(f"reports/{report}", version) for report, version in await reports.untold(tx, AT_ONCE)]
        await append_many(tx, [(name, version, events_pb2.ReportDecided(report=name)) for name, version in untold])
    return len(untold) == AT_ONCE
