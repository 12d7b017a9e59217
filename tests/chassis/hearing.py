"""A service that tells of people and one that writes down what it hears; as a program, the latter in a process."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from plein.chassis.v1.audience_pb2 import PersonAccessChanged
from plein.chassis.v1.event_log_pb2 import Event
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.events import EventLog, Follower, LocalSource, Reactions, append, on
from chassis.migrations import migrate
from chassis.problems import Problem

PEOPLE = "CREATE TABLE people (name text PRIMARY KEY, version bigint NOT NULL)"
HEARD = "CREATE TABLE heard (id bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL, version bigint NOT NULL)"
_CHANGE = text(
    "INSERT INTO people VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET version = people.version + 1 "
    "RETURNING version"
)
_HEAR = text("INSERT INTO heard (name, version) VALUES (:name, :version)")


class Hearing(Reactions):
    """Writes down every event."""

    source = "identity"

    @on(PersonAccessChanged)
    async def person_access_changed(self, tx: AsyncConnection, event: PersonAccessChanged) -> None:
        await tx.execute(_HEAR, {"name": event.person, "version": event.epoch})


@asynccontextmanager
async def migrated(url: str, *tables: str) -> AsyncIterator[Database]:
    """A database with an event log and tables of the test's own."""
    database = Database(url, pool_size=16)
    await migrate(database, "a service without tables")
    async with database.transaction() as tx:
        for table in tables:
            await tx.execute(text(table))
    yield database
    await database.close()


@asynccontextmanager
async def logging_events(database: Database) -> AsyncIterator[EventLog]:
    events = EventLog(database)
    await events.start()
    yield events
    await events.stop()


@asynccontextmanager
async def running(follower: Follower) -> AsyncIterator[Follower]:
    task = asyncio.create_task(follower.run())
    yield follower
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def change(tx: AsyncConnection, name: str, think_seconds: float = 0) -> int:
    """Changes a person, takes its time and tells it, as a service's method does. Answers the person's version."""
    version: int = (await tx.execute(_CHANGE, {"name": name})).scalar_one()
    if think_seconds:
        await tx.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": think_seconds})
    await append(tx, name, version, PersonAccessChanged(person=name, epoch=version))
    return version


async def changes(database: Database, *names: str) -> None:
    """Changes people one after another, each in a transaction."""
    for name in names:
        async with database.transaction() as tx:
            await change(tx, name)


async def heard(database: Database) -> list[tuple[str, int]]:
    """What was written down, in its order."""
    async with database.snapshot() as tx:
        rows = await tx.execute(text("SELECT name, version FROM heard ORDER BY id"))
        return [(name, version) for name, version in rows]


async def diverged(follower: Follower) -> str:
    """Why a follower no longer follows."""
    async with asyncio.timeout(10):
        while follower.diverged is None:
            with suppress(Problem):
                await follower.caught_up(0.02)
    return follower.diverged


def versions_by_name(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    """In the order in which they were heard."""
    versions: dict[str, list[int]] = {name: [] for name in Counter(name for name, _ in pairs)}
    for name, version in pairs:
        versions[name].append(version)
    return versions


class Announcing(Hearing):
    """Tells the test, through standard output, that it is at work."""

    async def after_commit(self, events: Sequence[Event]) -> None:
        print(events[-1].position, flush=True)


async def main(producer_url: str, consumer_url: str) -> None:
    producer, consumer = Database(producer_url), Database(consumer_url)
    async with logging_events(producer) as events:
        print("begins", flush=True)
        await Follower(LocalSource(events), consumer, Announcing(), batch=10).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
