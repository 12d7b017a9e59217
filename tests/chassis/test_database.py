"""Transactions end as they should, also when the database breaks, freezes, is busy or takes too long."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import deadline
from chassis.database import Database
from chassis.problems import TooLate, Unavailable
from tests.conftest import Databases

POOL_SIZE = 2


async def within(seconds: float, work: Coroutine[Any, Any, object]) -> None:
    """Does it as a call would that has so much time."""

    async def limited() -> None:
        deadline.begin(seconds)
        await work

    await asyncio.create_task(limited())


@pytest.fixture(scope="module")
async def url(postgres: Databases) -> str:
    """A database with one table, that of the numbers."""
    made = await postgres.fresh()
    database = Database(made)
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE numbers (number int PRIMARY KEY)"))
    await database.close()
    return made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The database without any numbers."""
    opened = Database(url, pool_size=POOL_SIZE)
    async with opened.transaction() as tx:
        await tx.execute(text("TRUNCATE numbers"))
    yield opened
    await opened.close()


async def test_what_was_done_before_an_error_is_undone(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await write_and_fail(database)
    assert await numbers(database) == []


async def test_what_was_done_before_a_cancellation_is_undone(database: Database) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.transaction() as tx:
            await write(tx, 1)
            written.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(write_and_wait())
    await written.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await numbers(database) == []


async def test_a_snapshot_sees_one_moment_and_changes_nothing(database: Database) -> None:
    async with database.snapshot() as before:
        await read(before)
        async with database.transaction() as tx:
            await write(tx, 1)
        assert await read(before) == []
    assert await numbers(database) == [1]
    with pytest.raises(Exception, match="read-only"):
        async with database.snapshot() as tx:
            await write(tx, 2)


async def test_nobody_notices_that_an_idle_connection_broke(database: Database, url: str) -> None:
    async with database.transaction() as tx:
        broken = await process_of(tx)
    await terminate(url, broken)
    async with database.transaction() as tx:
        assert await process_of(tx) != broken
        await write(tx, 1)
    assert await numbers(database) == [1]


async def test_a_broken_idle_connection_costs_its_neighbours_nothing(database: Database, url: str) -> None:
    """Who is in a transaction meanwhile gives a connection back that the next caller gets, and that closing closes."""
    async with database.transaction() as first:
        async with database.transaction() as second:
            broken, kept = await process_of(second), await process_of(first)
        await terminate(url, broken)
        async with database.transaction() as third:
            assert await process_of(third) not in (broken, kept)
    async with database.transaction() as first, database.transaction() as second:
        assert kept in (await process_of(first), await process_of(second))


async def test_a_connection_that_breaks_inside_a_transaction_is_told(database: Database, url: str) -> None:
    with pytest.raises(Unavailable) as refused:
        await write_over_a_broken_connection(database, url)
    assert refused.value.reason == "DATABASE_AWAY"
    assert await numbers(database) == []


async def test_a_statement_ends_with_the_calls_deadline(database: Database) -> None:
    began = time.monotonic()
    with pytest.raises(TooLate):
        await within(0.3, take(database, seconds=30))
    assert time.monotonic() - began < 1
    assert await numbers(database) == []


async def test_a_frozen_server_process_costs_no_more_than_the_deadline(database: Database) -> None:
    async with database.transaction() as tx:
        process = await process_of(tx)
    with frozen(process):
        began = time.monotonic()
        with pytest.raises(TooLate):
            await within(0.3, numbers(database))
        assert time.monotonic() - began < 1.5
        async with database.transaction() as tx:
            assert await process_of(tx) != process
            await write(tx, 1)
        assert await numbers(database) == [1]


async def test_a_server_process_that_freezes_inside_a_transaction_costs_no_more_either(database: Database) -> None:
    began = time.monotonic()
    async with AsyncExitStack() as until_thawed:
        with pytest.raises(TooLate):
            await within(0.3, freeze_while_writing(database, until_thawed))
        assert time.monotonic() - began < 1.5
        assert await numbers(database) == []


async def test_who_finds_no_free_connection_hears_that_the_database_is_busy(database: Database) -> None:
    async with AsyncExitStack() as busy:
        for _ in range(POOL_SIZE):
            await busy.enter_async_context(database.transaction())
        with pytest.raises(Unavailable) as refused:
            await numbers(database)
    assert refused.value.reason == "DATABASE_BUSY"
    assert await numbers(database) == []


async def test_who_waits_too_long_for_a_lock_hears_that_somebody_else_is_at_it(database: Database) -> None:
    async with database.transaction() as other:
        await other.execute(text("LOCK TABLE numbers"))
        with pytest.raises(Unavailable) as refused:
            await numbers(database)
    assert refused.value.reason == "DATABASE_BUSY"
    assert await numbers(database) == []


async def test_a_database_that_is_away_is_unavailable() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable) as refused:
        await numbers(away)
    assert refused.value.reason == "DATABASE_AWAY"
    await away.close()


async def test_a_write_is_told_to_who_asked_and_nothing_else_is(database: Database) -> None:
    commits: list[str] = []
    database.after_write(lambda: commits.append("one"))
    async with database.transaction() as tx:
        await write(tx, 1)
        assert commits == []
    assert commits == ["one"]
    with pytest.raises(ZeroDivisionError):
        await write_and_fail(database)
    async with database.quiet_transaction() as tx:
        await write(tx, 2)
    async with database.transaction() as tx:
        await tx.execute(text("SELECT number FROM numbers WHERE number > 9 FOR UPDATE"))
    await numbers(database)
    assert commits == ["one"]
    assert database.writes == 2  # one of them empties the table for this test


async def test_who_looks_for_work_is_woken_by_a_write_and_looks_now_and_then_anyhow(database: Database) -> None:
    before = database.writes
    waiting = asyncio.create_task(database.written_since(before, 60))
    async with database.transaction() as tx:
        await write(tx, 1)
    async with asyncio.timeout(5):
        await waiting
        await database.written_since(before, 60)
        await database.written_since(database.writes, 0.01)


async def test_a_peek_is_a_statement_alone_and_survives_connections_that_broke(database: Database, url: str) -> None:
    (broken,) = await database.peek("SELECT pg_backend_pid()")
    await terminate(url, broken)
    assert await database.peek("SELECT 1, 'two'") == (1, "two")
    with pytest.raises(Exception, match="nowhere"):
        await database.peek("SELECT 1 FROM nowhere")
    assert await numbers(database) == []


async def test_a_statement_that_writes_alone_is_counted_and_done_once_over_connections_that_broke(
    database: Database, url: str
) -> None:
    (broken,) = await database.peek("SELECT pg_backend_pid()")
    await terminate(url, broken)
    before = database.writes
    await database.write("INSERT INTO numbers VALUES (%s)", 7)
    assert (database.writes, await numbers(database)) == (before + 1, [7])


async def test_a_statement_that_writes_alone_is_not_tried_again_when_its_connection_breaks_in_it(
    database: Database,
) -> None:
    await database.peek("SELECT 1")
    before = database.writes
    with pytest.raises(Unavailable):
        await database.write("INSERT INTO numbers SELECT 8 FROM pg_terminate_backend(pg_backend_pid())")
    assert (database.writes, await numbers(database)) == (before, [])


async def test_what_was_there_before_is_refused_and_costs_no_connection(database: Database) -> None:
    await database.write("CREATE TEMPORARY TABLE single (number int PRIMARY KEY)")  # lasts as long as its connection
    await database.write("INSERT INTO single VALUES (1)")
    before = database.writes
    with pytest.raises(UniqueViolation):
        await database.write("INSERT INTO single VALUES (1)")
    assert (database.writes, await database.peek("SELECT count(*) FROM single")) == (before, (1,))


async def write(tx: AsyncConnection, number: int) -> None:
    await tx.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})


async def write_and_fail(database: Database) -> None:
    async with database.transaction() as tx:
        await write(tx, 3)
        raise ZeroDivisionError


async def write_over_a_broken_connection(database: Database, url: str) -> None:
    async with database.transaction() as tx:
        await terminate(url, await process_of(tx))
        await write(tx, 1)


async def take(database: Database, seconds: float) -> None:
    async with database.transaction() as tx:
        await write(tx, 1)
        await tx.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


async def freeze_while_writing(database: Database, until_thawed: AsyncExitStack) -> None:
    async with database.transaction() as tx:
        until_thawed.enter_context(frozen(await process_of(tx)))
        await write(tx, 1)


async def read(tx: AsyncConnection) -> list[int]:
    return list((await tx.execute(text("SELECT number FROM numbers ORDER BY number"))).scalars())


async def numbers(database: Database) -> list[int]:
    """What is committed."""
    async with database.snapshot() as tx:
        return await read(tx)


async def process_of(tx: AsyncConnection) -> int:
    """The process of the server that is at the other end of the connection."""
    process: int = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    return process


async def terminate(url: str, process: int) -> None:
    """Ends a process of the server, and waits until it is gone."""
    other = Database(url)
    async with other.transaction() as tx:
        await tx.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    await other.close()


@contextmanager
def frozen(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)
