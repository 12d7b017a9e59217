"""Writers that hang or roll back, followers that are killed: nothing is lost, doubled or out of order."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from chassis.database import Database
from chassis.events import Follower, LocalSource
from tests.chassis.hearing import (
    HEARD,
    PEOPLE,
    Hearing,
    change,
    changes,
    heard,
    logging_events,
    migrated,
    running,
    versions_by_name,
)
from tests.conftest import Databases

WRITERS = 12
PEOPLE_NAMES = [f"people/{number}" for number in range(8)]
LOAD_SECONDS = 3.0
OPEN_SECONDS = 1.5


@pytest.fixture
async def producer(postgres: Databases) -> AsyncIterator[Database]:
    async with migrated(await postgres.fresh(), PEOPLE) as database:
        yield database


@pytest.fixture
async def consumer(postgres: Databases) -> AsyncIterator[Database]:
    async with migrated(await postgres.fresh(), HEARD) as database:
        yield database


async def test_nothing_is_lost_doubled_or_out_of_order(producer: Database, consumer: Database) -> None:
    async with logging_events(producer) as events:
        source = LocalSource(events)
        ends_at = time.monotonic() + LOAD_SECONDS
        chance = random.Random(12)
        killing = asyncio.create_task(killed_again_and_again(producer, consumer, ends_at))
        writers = [asyncio.create_task(write(producer, ends_at, random.Random(n))) for n in range(WRITERS)]
        writers.append(asyncio.create_task(write_slowly(producer)))
        while time.monotonic() < ends_at:
            following = asyncio.create_task(Follower(source, consumer, Hearing(), batch=20).run())
            await asyncio.wait({following}, timeout=chance.uniform(0.01, 0.3))
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        committed = [change for writer in writers for change in await writer]
        kills = await killing
        async with running(Follower(source, consumer, Hearing())) as follower:
            await follower.caught_up(10)

    assert kills >= 1
    assert len(committed) > 2 * WRITERS
    assert sorted(await heard(consumer)) == sorted(committed)
    assert_in_order(await heard(consumer))
    await assert_dense(producer, len(committed))


async def test_of_two_processes_that_follow_one_reacts_and_the_other_goes_on_when_it_dies(
    producer: Database, consumer: Database
) -> None:
    async with logging_events(producer) as events, following_process(producer, consumer) as one:
        async with following_process(producer, consumer) as other:
            await begun(one)
            await begun(other)
            for _ in range(10):
                await changes(producer, *PEOPLE_NAMES)
        await changes(producer, *PEOPLE_NAMES)
        async with running(Follower(LocalSource(events), consumer, Hearing())) as follower:
            await follower.caught_up(10)
    pairs = await heard(consumer)
    assert len(pairs) == 11 * len(PEOPLE_NAMES)
    assert_in_order(pairs)


async def write(database: Database, ends_at: float, chance: random.Random) -> list[tuple[str, int]]:
    """Changes people with time to think, and rolls back every tenth change. Answers what it committed."""
    committed = []
    while time.monotonic() < ends_at:
        name = chance.choice(PEOPLE_NAMES)
        try:
            async with database.transaction() as tx:
                version = await change(tx, name, chance.uniform(0, 0.02))
                if chance.random() < 0.1:
                    raise ZeroDivisionError
            committed.append((name, version))
        except ZeroDivisionError:
            continue
    return committed


async def write_slowly(database: Database) -> list[tuple[str, int]]:
    """Takes its place in the outbox early and commits late."""
    async with database.transaction() as tx:
        version = await change(tx, "people/slow")
        await tx.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": OPEN_SECONDS})
    return [("people/slow", version)]


async def killed_again_and_again(producer: Database, consumer: Database, ends_at: float) -> int:
    """Lets processes follow, and kills each when it has dealt with something. Answers how many."""
    kills = 0
    while time.monotonic() < ends_at:
        async with following_process(producer, consumer) as process:
            await begun(process)
            # When the load is over, others may have dealt with all of it, and there is nothing left to tell.
            telling = asyncio.ensure_future(process.readline())
            await asyncio.wait({telling}, timeout=max(0.0, ends_at - time.monotonic()))
            telling.cancel()
        kills += 1
    return kills


@asynccontextmanager
async def following_process(producer: Database, consumer: Database) -> AsyncIterator[asyncio.StreamReader]:
    """A process that follows until SIGKILL, and tells of each batch in a line."""
    urls = [database.url.render_as_string(hide_password=False) for database in (producer, consumer)]
    command = [sys.executable, "-m", "tests.chassis.hearing", *urls]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.communicate()


async def begun(process: asyncio.StreamReader) -> None:
    assert await process.readline() == b"begins\n"


def assert_in_order(pairs: list[tuple[str, int]]) -> None:
    for name, versions in versions_by_name(pairs).items():
        assert versions == list(range(1, len(versions) + 1)), name


async def assert_dense(database: Database, count: int) -> None:
    async with database.snapshot() as tx:
        positions = (await tx.execute(text("SELECT position FROM eventlog.events ORDER BY position"))).scalars()
        assert list(positions) == list(range(1, count + 1))
        assert (await tx.execute(text("SELECT count(*) FROM eventlog.outbox"))).scalar_one() == 0
