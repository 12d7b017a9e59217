"""A service on its own, with a database and a cache as in production."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from uuid_utils.compat import uuid7

from chassis.service import Service
from chassis.testing import Answers, Secrets, World, running
from deploy import postgres, valkey
from deploy.local import free_ports
from deploy.supervisor import Supervisor
from services.feed.service import SERVICE
from tests.bench.stack import enterable_folder


def feed_alone(answers: Answers | None = None) -> AbstractAsyncContextManager[World]:
    """Feed, running; `answers` cans what its neighbours say."""
    return alone(SERVICE, answers)


@asynccontextmanager
async def alone(service: Service, answers: Answers | None = None) -> AsyncIterator[World]:
    """The running service; `answers` cans what its neighbours say."""
    name = service.name
    with enterable_folder() as folder:
        secrets = Secrets(folder)
        password = folder / f"{name}-database"
        for secret in (folder / "superuser", password, folder / "valkey-password"):
            secret.write_text(uuid7().hex)
        database_address, cache_address = (f"127.0.0.1:{port}" for port in free_ports(2))
        server = postgres.prepared(folder, database_address, folder / "superuser")
        processes = [
            server.process({name: password}),
            valkey.process(folder / "valkey", cache_address, folder / "valkey-password"),
        ]
        supervisor = Supervisor(processes, folder / "logs")
        await supervisor.start()
        try:
            database = f"postgresql+psycopg://{name}:{password.read_text()}@{database_address}/{name}"
            cache = f"redis://:{(folder / 'valkey-password').read_text()}@{cache_address}/0"
            async with running(service, secrets, database, cache, answers, media_url=f"file://{folder}/media") as world:
                yield world
        finally:
            await supervisor.stop()
