"""Tells in the log which reports were decided, some at a time: a case can have more than a transaction tells."""

import asyncio
import logging

from plein.moderation.v1 import events_pb2

from chassis.events import append_many
from chassis.problems import Problem
from chassis.resources import Resources
from services.moderation.store import reports

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
AT_ONCE = 200


async def tell_reporters(resources: Resources) -> None:
    """Runs until it is cancelled."""
    while True:
        try:
            told = await _tell(resources)
        except Problem as problem:
            log.warning("No reports were told to be decided, and will be later: %s", problem)
            told = 0
        if told < AT_ONCE:
            await asyncio.sleep(POLL_SECONDS)


async def _tell(resources: Resources) -> int:
    """How many were told."""
    async with resources.database.transaction() as tx:
        untold = [(f"reports/{report}", version) for report, version in await reports.untold(tx, AT_ONCE)]
        await append_many(tx, [(name, version, events_pb2.ReportDecided(report=name)) for name, version in untold])
    return len(untold)
