"""Writes down outside the database what the chain of the audit log is, a little after it grew."""

import asyncio
import logging
import time
from datetime import UTC, datetime

from joserfc.jwk import ECKey

from chassis.database import Database
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.moderation.domain.audit import Checkpoint
from services.moderation.store import audit
from services.moderation.store.checkpoints import Shelf
from services.moderation.wire import audit as audit_wire

log = logging.getLogger(__name__)

LATE_SECONDS = 0.25
# A checkpoint tells the chain at each position since the one before, so that a rewritten log is wrong at one position.
MOST_CHAINS = 1000


class Diverged(Exception):
    """The log is not that of which the last checkpoint tells."""


async def keep_checkpoints(resources: Resources) -> None:
    """Runs until it is cancelled. Once the log contradicts a checkpoint, none is written: people have to look."""
    settings = resources.settings
    keeper = Keeper(resources.database, Shelf(settings.audit_checkpoint_url), settings.audit_key_file.read_bytes())

    async def write() -> None:
        try:
            grew = await keeper.write()
        except Diverged as found:
            log.critical("AUDIT_DIVERGED: %s Run `plein audit verify`.", found)
            grew = True
        await asyncio.sleep(settings.audit_checkpoint_seconds if grew else 0)

    await keep_looking(resources.database, write, LATE_SECONDS, "Writing checkpoints of the audit log")


class Keeper:
    """What one process knows of the checkpoints; others may write them as well."""

    def __init__(self, database: Database, shelf: Shelf, key: bytes) -> None:
        self._database = database
        self._shelf = shelf
        self._key = ECKey.import_key(key)
        self._last = 0
        self._chain = b""

    async def write(self) -> bool:
        """Writes the next checkpoint; False when the log has not grown."""
        async with self._database.snapshot() as tx:
            if (await audit.end(tx)).position == self._last:
                return False
        # Before the log is read: what another process writes meanwhile is not taken for the future.
        await self._find_last()
        async with self._database.snapshot() as tx:
            end = (await audit.end(tx)).position
            last = min(end, self._last + MOST_CHAINS)
            chains = await audit.chains(tx, max(self._last, 1), last)
        if end < self._last:
            raise Diverged(f"The audit log ends at {end}, and there is a checkpoint of {self._last}.")
        if self._last and chains[:1] != [self._chain]:
            raise Diverged(f"The audit log at {self._last} is not what its checkpoint says.")
        chains = chains[1:] if self._last else chains
        if not chains:
            return False
        token = audit_wire.signed(Checkpoint(last, tuple(chains), datetime.fromtimestamp(time.time(), UTC)), self._key)
        if await self._shelf.put(last, token):
            self._last, self._chain = last, chains[-1]
        return True

    async def _find_last(self) -> None:
        """Takes in what was written by others, or before this process began."""
        newer = await self._shelf.positions(self._last)
        if not newer:
            return
        try:
            checkpoint = audit_wire.opened(await self._shelf.token(newer[-1]), [self._key])
        except audit_wire.Unsigned:
            raise Diverged(f"The checkpoint of {newer[-1]} was not signed with this key.") from None
        self._last, self._chain = checkpoint.position, checkpoint.chains[-1]
