"""A database that goes away is waited for; one that comes back with an older past is noticed."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from chassis.database import Database
from chassis.events import EventLog, Follower, LocalSource, reset_cursor
from deploy import postgres as embedded_postgres
from tests.chassis.hearing import HEARD, PEOPLE, Hearing, changes, diverged, heard, migrated, running
from tests.conftest import Databases, free_address, kept

ADA, BOB, EVE = "people/ada", "people/bob", "people/eve"


class OwnDatabase:
    """A database on a server that the test stops, starts and restores."""

    def __init__(self, folder: Path) -> None:
        password = folder / "password"
        password.write_text("only for a test")
        self._server = embedded_postgres.prepared(folder, free_address(), password)
        self._process = self._server.process({"identity": password})
        self._state = folder
        self.url = f"postgresql+psycopg://identity:{password.read_text()}@{self._server.address}/identity"

    def runs(self) -> AbstractAsyncContextManager[None]:
        return kept(self._process, self._state)

    def back_up(self) -> None:
        """Copies with owners and modes."""
        subprocess.run(["/bin/cp", "--archive", self._server.data, self._state / "backup"], check=True)

    def restore(self) -> None:
        self._server.data.rename(self._state / "lost")
        (self._state / "backup").rename(self._server.data)


@pytest.fixture
def own_database() -> Iterator[OwnDatabase]:
    with TemporaryDirectory(prefix="plein-tests-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield OwnDatabase(folder)


@pytest.fixture
async def producer(own_database: OwnDatabase) -> AsyncIterator[Database]:
    async with own_database.runs(), migrated(own_database.url, PEOPLE):
        pass
    producer = Database(own_database.url)
    yield producer
    await producer.close()


@pytest.fixture
async def consumer(postgres: Databases) -> AsyncIterator[Database]:
    async with migrated(await postgres.fresh(), HEARD) as database:
        yield database


async def test_a_log_that_was_restored_from_a_backup_is_noticed(
    own_database: OwnDatabase, producer: Database, consumer: Database
) -> None:
    events = EventLog(producer)
    follower = Follower(LocalSource(events), consumer, Hearing())
    async with own_database.runs():
        await events.start()
        async with running(follower):
            await changes(producer, ADA, BOB)
            await follower.caught_up(10)
    own_database.back_up()
    async with own_database.runs(), running(follower):
        await changes(producer, EVE)
        await follower.caught_up(10)
    own_database.restore()
    async with own_database.runs(), running(follower):
        await changes(producer, BOB, BOB)
        assert (await diverged(follower)).startswith("LOG_DIVERGED")
        assert await heard(consumer) == [(ADA, 1), (BOB, 1), (EVE, 1)]

    async with consumer.transaction() as tx:
        await tx.execute(text("TRUNCATE heard"))
    await reset_cursor(consumer, "identity")
    async with own_database.runs(), running(follower):
        await follower.caught_up(10)
        assert follower.diverged is None
    assert await heard(consumer) == [(ADA, 1), (BOB, 1), (BOB, 2), (BOB, 3)]
    await events.stop()
