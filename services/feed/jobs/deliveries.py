"""Sends what is to leave the house: claims what is due, sends it while no transaction is open, notes how it went.

Whoever dies in between leaves the delivery to whom finds its lease ended, and who sends it again under the same id.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.looking import keep_looking
from chassis.problems import Problem
from services.feed.domain.deliveries import Channel, Delivery, Outcome, Verdict
from services.feed.store import deliveries

log = logging.getLogger(__name__)

# How late something may be that is due.
LATE_SECONDS = 1.0
MOST_IN_FLIGHT = 4
# So long an attempt may take, and so long nobody else makes one.
ATTEMPT_SECONDS = 60.0
LEASE = timedelta(seconds=90)
KEPT = timedelta(days=30)
REMOVE_EVERY_SECONDS = 600.0
REMOVED_AT_ONCE = 1000

Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


class Sender(Protocol):
    """One way out of the house."""

    channel: Channel

    async def send(self, delivery: Delivery, moment: datetime) -> Outcome:
        """Tries once. What it raises is taken for a failure that passes."""
        ...

    async def noted(self, tx: AsyncConnection, after: Delivery, outcome: Outcome) -> None:
        """Does what else is to be noted, in the transaction in which the outcome is."""
        ...


class Deliveries:
    """The deliveries of one channel, at most a few at a time. Nothing is told by it: its transactions wake no log."""

    def __init__(self, database: Database, sender: Sender, clock: Clock = now) -> None:
        self._database = database
        self._sender = sender
        self._clock = clock

    async def run(self) -> None:
        """Sends until it is cancelled."""
        what, late = f"Sending ({self._sender.channel.name})", LATE_SECONDS
        await keep_looking(self._database, self.send_due, late, what, idle_seconds=late)

    async def send_due(self) -> None:
        """Sends all that is due, and what becomes due meanwhile."""
        sending: set[asyncio.Task[None]] = set()
        try:
            while True:
                claimed = await self._claimed(MOST_IN_FLIGHT - len(sending))
                sending |= {asyncio.create_task(self._deliver(delivery)) for delivery in claimed}
                if not sending:
                    return
                done, sending = await asyncio.wait(sending, timeout=LATE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    async def _claimed(self, limit: int) -> list[Delivery]:
        if not limit:
            return []
        moment = self._clock()
        async with self._database.quiet_transaction() as tx:
            return await deliveries.claimed(tx, self._sender.channel, moment, moment + LEASE, limit)

    async def _deliver(self, delivery: Delivery) -> None:
        outcome = await self._tried(delivery)
        after = delivery.after(outcome, self._clock(), random.random())
        try:
            async with self._database.quiet_transaction() as tx:
                if await deliveries.note(tx, delivery, after):
                    await self._sender.noted(tx, after, outcome)
        except Problem as problem:
            log.warning("Delivery %s is not noted, and will be repeated: %s", delivery.id, problem)

    async def _tried(self, delivery: Delivery) -> Outcome:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                return await self._sender.send(delivery, self._clock())
        except TimeoutError:
            return Outcome(Verdict.FAILED, error="It took too long.")
        except Problem as problem:
            return Outcome(Verdict.FAILED, error=str(problem))
        except grpc.aio.AioRpcError as error:
            return Outcome(Verdict.FAILED, error=f"A neighbour answered {error.code().name}.")
        except Exception as error:
            log.exception("Delivery %s failed for a reason that nobody foresaw", delivery.id)
            return Outcome(Verdict.FAILED, error=type(error).__name__)


async def remove_ended(database: Database, moment: datetime) -> None:
    """Removes what ended a month before."""
    removed = REMOVED_AT_ONCE
    while removed == REMOVED_AT_ONCE:
        async with database.quiet_transaction() as tx:
            removed = await deliveries.remove_ended(tx, moment - KEPT, REMOVED_AT_ONCE)
