"""The audit log of a running service, and somebody who has every right over its database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from joserfc.jwk import ECKey
from plein.moderation.v1 import audit_pb2_grpc
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.testing import World
from deploy.commands.auditing import read
from services.moderation.domain.audit import BEGINNING, Checkpoint, Entry, Flaw, Verification, link
from services.moderation.settings import ModerationSettings
from services.moderation.store import audit
from services.moderation.store.checkpoints import Shelf
from services.moderation.wire.audit import opened


class Tamperer:
    """Changes the log as its owner can, by hand, and lets it be verified."""

    def __init__(self, world: World) -> None:
        settings = world.server.settings
        assert isinstance(settings, ModerationSettings)
        self.world = world
        self.service = world.server.resources.database
        self.owner = Database(settings.database_owner_url)
        self.shelf = Shelf(settings.audit_checkpoint_url)
        self.key = ECKey.import_key(settings.audit_key_file.read_bytes())
        self.stub = audit_pb2_grpc.AuditServiceStub(world.channel("operator"))

    async def write(self, *subjects: str) -> None:
        """Lets the service write down that something was done with each of these."""
        async with self.service.transaction() as tx:
            for subject in subjects:
                await audit.append(tx, "people/ada", "case.decided", subject, verdict="hide")

    async def entries(self) -> list[Entry]:
        """The whole log."""
        async with self.service.snapshot() as tx:
            return await audit.after(tx, None, 10_000)

    async def execute(self, *statements: str, **values: Any) -> None:
        """As the owner."""
        async with self.owner.transaction() as tx:
            for statement in statements:
                await tx.execute(text(statement), values)

    async def make_anew(self, first: int) -> None:
        """Makes the chain fit what the entries from a position on say now, as does the head."""
        async with self.owner.transaction() as tx:
            position, chain = 0, BEGINNING
            for entry in await audit.after(tx, 0, 10_000):
                position, chain = entry.position, entry.chain if entry.position < first else link(chain, entry)
                await _put_chain(tx, entry, chain)
            values = {"position": position, "chain": chain}
            await tx.execute(text("UPDATE audit.head SET position = :position, chain = :chain"), values)

    async def checkpoints(self) -> list[Checkpoint]:
        """What is kept outside the database."""
        return [opened(token, [self.key]) for token in await self.shelf.tokens()]

    async def flaw(self, *, witnessed: bool = True) -> Flaw | None:
        """What is found when the log is verified, with its checkpoints or without."""
        verification = Verification(await self.checkpoints() if witnessed else ())
        return verification.finish(await read(self.stub, verification))

    @asynccontextmanager
    async def restoring(self) -> AsyncIterator[None]:
        """Afterwards the log is again what it was."""
        tables = ("entries", "head")
        for table in tables:
            await self.execute(f"CREATE TABLE {table}_kept AS TABLE audit.{table}")
        try:
            yield
        finally:
            for table in tables:
                restored = f"DELETE FROM audit.{table}", f"INSERT INTO audit.{table} TABLE {table}_kept"
                await self.execute(*restored, f"DROP TABLE {table}_kept")


async def _put_chain(tx: AsyncConnection, entry: Entry, chain: bytes) -> None:
    put = "UPDATE audit.entries SET chain = :chain WHERE position = :position"
    await tx.execute(text(put), {"chain": chain, "position": entry.position})
