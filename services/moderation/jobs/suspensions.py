"""Tells identity whom to keep out and until when, again and again until it heard, and that it is over."""

import asyncio
import logging
from datetime import UTC, datetime

import grpc

from chassis.problems import Problem
from chassis.resources import Resources
from services.moderation.neighbours import Identity, Refused
from services.moderation.store import sanctions

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


async def keep_suspensions(resources: Resources) -> None:
    """Runs until it is cancelled."""
    identity = Identity(resources)
    while True:
        try:
            worked = await _tell(resources, identity)
        except (Problem, grpc.aio.AioRpcError) as problem:
            log.warning("Identity was not told whom to keep out, and will be later: %s", problem)
            worked = False
        if not worked:
            await asyncio.sleep(POLL_SECONDS)


async def _tell(resources: Resources, identity: Identity) -> bool:
    """Whether there was somebody of whom identity had to be told. Meanwhile nobody decides about the same person."""
    async with resources.database.transaction() as tx:
        now = datetime.now(UTC)
        due = await sanctions.next_due(tx, now)
        if due is None:
            return False
        until = due.owed(now)
        try:
            await identity.hold(due.person, until)
        except Refused as refused:
            log.warning("Identity does not keep %s out: %s", due.name, refused)
            await sanctions.save(tx, [due.refused(now)])
            return True
        await sanctions.save(tx, [due.told(until)])
    return True
