"""Forgets by what people were counted once a day, when the day is over."""

import asyncio
import logging
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from chassis.problems import Problem
from chassis.resources import Resources
from services.blog.domain.reads import day_of
from services.blog.store import reads

log = logging.getLogger(__name__)

# How late marks may go whose key is gone already.
POLL_SECONDS = 60.0


async def forget_read_marks(resources: Resources) -> None:
    """Runs until it is cancelled."""
    zone = ZoneInfo(resources.settings.organisation_time_zone)
    while True:
        try:
            async with resources.database.quiet_transaction() as tx:
                await reads.forget_before(tx, day_of(datetime.fromtimestamp(time.time(), UTC), zone))
        except Problem as problem:
            log.warning("The marks of yesterday's reads are forgotten later: %s", problem)
        await asyncio.sleep(POLL_SECONDS)
