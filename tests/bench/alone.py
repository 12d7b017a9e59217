"""Feed on its own, with a database and a cache as in production."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from uuid_utils.compat import uuid7

from chassis.testing import Answers, Secrets, World, running
from deploy import postgres, valkey
from deploy.local import free_ports
from deploy.supervisor import Supervisor
from services.feed.service import SERVICE
from tests.bench.stack import enterable_folder


@asynccontextmanager
async def feed_alone(answers: Answers | None = None) -> AsyncIterator[World]:
    """The running service; `answers` cans what its neighbours say."""
    with enterable_folder() as folder:
        secrets = Secrets(folder)
        for secret in ("superuser", "feed-database", "valkey-password"):
            (folder / secret).write_text(uuid7().hex)
        database_address, cache_address = (f"127.0.0.1:{port}" for port in free_ports(2))
        server = postgres.prepared(folder, database_address, folder / "superuser")
        processes = [
            server.process({"feed": folder / "feed-database"}),
            valkey.process(folder / "valkey", cache_address, folder / "valkey-password"),
        ]
        supervisor = Supervisor(processes, folder / "logs")
        await supervisor.start()
        try:
            database = f"postgresql+psycopg://feed:{(folder / 'feed-database').read_text()}@{database_address}/feed"
            cache = f"redis://:{(folder / 'valkey-password').read_text()}@{cache_address}/0"
            async with running(SERVICE, secrets, database, cache, answers, media_url=f"file://{folder}/media") as world:
                yield world
        finally:
            await supervisor.stop()
