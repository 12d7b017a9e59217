"""Has new files scanned, where a scanner is set; nothing is served before."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.objects import Objects
from chassis.problems import NotFound
from chassis.resources import Resources
from services.groups.domain.files import File, Verdict, Version
from services.groups.jobs.scanning import CannotScan, Scanner, scanner
from services.groups.store import files, objects
from services.groups.wire import files as wire

log = logging.getLogger(__name__)

# How late a file may be looked at.
LATE_SECONDS = 0.5
# On top of how long one may take: who has it for longer has died.
SPARE_SECONDS = 30.0


async def scan_files(resources: Resources) -> None:
    """Runs until it is cancelled; does nothing where no scanner is set.

    What cannot be scanned is tried again when its lease is over, and waits meanwhile without being served.
    """
    settings = resources.settings
    if not settings.file_scanner:
        return
    looking, stored = scanner(settings.file_scanner), Objects(settings.media_url, resources.name)
    scan = partial(scan_one, resources, looking, stored)
    passing = (CannotScan, TimeoutError)
    await keep_looking(resources.database, scan, LATE_SECONDS, "Scanning files", passing=passing)


async def scan_one(resources: Resources, looking: Scanner, stored: Objects) -> bool:
    """Scans what has waited for longest; False when nothing waits."""
    seconds = resources.settings.file_scan_seconds
    async with resources.database.quiet_transaction() as tx:
        claimed = await files.claim_unscanned(tx, _now(), timedelta(seconds=seconds + SPARE_SECONDS))
    if claimed is None:
        return False
    file, version = claimed
    try:
        async with asyncio.timeout(seconds):
            verdict = await looking.verdict(stored.chunks(str(version.content)))
    except NotFound:
        return True  # it was deleted, or another one takes its place
    await _judged(resources, file, version, verdict)
    return True


async def _judged(resources: Resources, file: File, version: Version, verdict: Verdict) -> None:
    async with resources.database.transaction() as tx:
        await files.lock(tx, file.id)
        if not await files.save_verdict(tx, version, verdict):
            return
        if verdict is Verdict.INFECTED:
            log.warning("Something harmful was found in %s, version %s", file.name, version.number)
            await objects.drop(tx, [version.content], _now())
        else:
            await append_many(tx, [wire.added(file, version)])


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
