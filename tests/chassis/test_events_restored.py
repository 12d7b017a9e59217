"""A database that goes away is waited for; one that comes back with an older past is noticed."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from plein.chassis.v1.audience_pb2 import PersonAccessChanged
from plein.chassis.v1.event_log_pb2 import Event
from sqlalchemy import text

from chassis.database import Database
from chassis.events import BEGINNING, Cursor, EventLog, Follower, LocalSource, Reader, Tail, append, reset_cursor
from chassis.problems import WrongState
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


class Noting(Reader):
    """Notes where reading begins, and who changed."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.heard: list[str] = []
        self._changed = asyncio.Event()

    def begin(self, cursor: Cursor, head: int) -> None:
        self.begun.append(cursor.position)
        self._changed.set()

    async def take(self, events: Sequence[Event]) -> None:
        self.heard += [event.aggregate for event in events]
        self._changed.set()

    async def until(self, heard: Callable[[], list[str]]) -> None:
        async with asyncio.timeout(15):
            while self.heard != heard():
                self._changed.clear()
                await self._changed.wait()


async def test_a_tail_goes_on_when_the_database_is_back_and_begins_anew_when_it_was_restored(
    own_database: OwnDatabase, producer: Database
) -> None:
    events, noting = EventLog(producer), Noting()
    tail = Tail(events, producer, noting, back=2)
    async with own_database.runs():
        await changes(producer, ADA, BOB, EVE)
        await events.start()
        await events.head()
        reading = asyncio.create_task(tail.run())
        await noting.until(lambda: [BOB, EVE])
    own_database.back_up()
    async with own_database.runs():
        await changes(producer, ADA)
        await noting.until(lambda: [BOB, EVE, ADA])
        assert noting.begun == [1]
    own_database.restore()
    async with own_database.runs():
        await changes(producer, BOB, BOB)
        # How much of the new past is read again depends on when the tail notices.
        await noting.until(lambda: [BOB, EVE, ADA, *[ADA, BOB, EVE, BOB, BOB][noting.begun[-1] :]])
        assert len(noting.begun) == 2
        await events.stop()
        await asyncio.wait_for(reading, 10)


async def test_a_past_that_was_replaced_by_one_as_long_is_noticed_though_nobody_looked_meanwhile(
    consumer: Database,
) -> None:
    """Of what was read before nothing is told again, though the log ends where it did."""
    events, told = await read_once(consumer)
    await lose_the_past(consumer)
    async with consumer.transaction() as tx:
        await append(tx, BOB, 1, PersonAccessChanged())
    assert await events.head() == told.position
    with pytest.raises(WrongState):
        await events.list_soon_after(told.position, told.chain, 10)
    await events.stop()


async def test_that_nothing_follows_is_believed_for_a_moment_only(
    consumer: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may be out of reach meanwhile, or another one."""
    events, told = await read_once(consumer)
    await events.stop()  # nobody looks by himself any more
    await lose_the_past(consumer)
    assert await events.list_soon_after(told.position, told.chain, 10) == ([], told.position)
    monkeypatch.setattr("chassis.events.log.HEAD_SECONDS", 0.0)
    with pytest.raises(WrongState):
        await events.list_soon_after(told.position, told.chain, 10)


async def read_once(database: Database) -> tuple[EventLog, Event]:
    """A log that has told one event and read it."""
    events = EventLog(database)
    await events.start()
    async with database.transaction() as tx:
        await append(tx, ADA, 1, PersonAccessChanged())
    (told,), _ = await events.list_soon_after(*BEGINNING, 10)
    return events, told


async def lose_the_past(database: Database) -> None:
    """As if it was restored from before the first event; this process does not hear of it."""
    async with database.quiet_transaction() as tx:
        await tx.execute(text("DELETE FROM eventlog.events"))
        await tx.execute(text("UPDATE eventlog.head SET position = 0, chain = floor_chain"))
