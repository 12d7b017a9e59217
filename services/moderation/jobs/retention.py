"""Removes cases when their time is over. Their numbers stay."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from chassis.problems import Problem
from chassis.resources import Resources
from services.moderation.store import audit, retiring, statistics

log = logging.getLogger(__name__)

POLL_SECONDS = 600.0
AT_ONCE = 100
ACTOR = "services/moderation"


async def retire_cases(resources: Resources) -> None:
    """Runs until it is cancelled."""
    while True:
        retired = 0
        try:
            retired = await retire_some(resources)
        except Problem as problem:
            log.warning("No cases were removed, and will be later: %s", problem)
        if retired < AT_ONCE:
            await asyncio.sleep(POLL_SECONDS)


async def retire_some(resources: Resources) -> int:
    """One transaction of it: how many cases went."""
    settings, now = resources.settings, datetime.now(UTC)
    # Nobody loses a chance to appeal.
    before = now - timedelta(days=max(settings.case_retention_days, settings.appeal_days))
    async with resources.database.transaction() as tx:
        found = await retiring.due(tx, before, now, AT_ONCE)
        if found:
            await statistics.keep(tx, found, settings.organisation_time_zone)
            await retiring.retire(tx, found, now)
            await retiring.forget_subjects(tx, found.values())
            await audit.append(tx, ACTOR, "cases.retired", "cases", count=len(found), before=before.isoformat())
    return len(found)
