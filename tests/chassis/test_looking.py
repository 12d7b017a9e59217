"""Work that is found by looking is done soon after something was written, and now and then when nothing is."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from chassis.database import Database
from chassis.looking import keep_looking
from chassis.problems import Unavailable
from tests.conftest import Databases


@pytest.fixture(scope="module")
async def url(postgres: Databases) -> str:
    made = await postgres.fresh()
    database = Database(made)
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE chores (number int)"))
    await database.close()
    return made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url, pool_size=2)
    yield opened
    await opened.close()


class Looks:
    """Every look, and what it answers: whether there is more, or an error."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.count = 0
        self._answers = list(answers)
        self._looked = asyncio.Condition()

    async def look(self) -> bool:
        async with self._looked:
            self.count += 1
            self._looked.notify_all()
        answer = self._answers.pop(0) if self._answers else False
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def until(self, count: int) -> None:
        """Waits until so many looks were taken."""
        async with asyncio.timeout(20), self._looked:
            await self._looked.wait_for(lambda: self.count >= count)


@asynccontextmanager
async def looking(
    database: Database, work: Callable[[], Awaitable[bool]], late_seconds: float = 0.01, idle_seconds: float = 60
) -> AsyncIterator[None]:
    keep = keep_looking(database, work, late_seconds, "The work", passing=(KeyError,), idle_seconds=idle_seconds)
    task = asyncio.create_task(keep)
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def write(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("INSERT INTO chores VALUES (1)"))


async def test_where_there_is_more_it_goes_on_at_once(database: Database) -> None:
    looks = Looks(*[True] * 50)
    async with looking(database, looks.look, late_seconds=60):
        await looks.until(51)


async def test_a_write_calls_for_a_look_and_reading_does_not(database: Database) -> None:
    looks = Looks()
    async with looking(database, looks.look):
        await looks.until(1)
        for count in range(2, 6):
            async with database.snapshot() as tx:
                await tx.execute(text("SELECT count(*) FROM chores"))
            await write(database)
            await looks.until(count)
        assert looks.count == 5


async def test_a_write_during_a_look_is_not_overlooked(database: Database) -> None:
    looks = Looks()

    async def look() -> bool:
        if looks.count == 0:
            await write(database)
        return await looks.look()

    async with looking(database, look):
        await looks.until(2)


async def test_when_nothing_is_written_it_looks_now_and_then(database: Database) -> None:
    looks = Looks()
    async with looking(database, looks.look, idle_seconds=0.02):
        await looks.until(5)


async def test_what_goes_wrong_is_logged_and_goes_better_the_next_time(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    looks = Looks(Unavailable("AWAY", "It is away."), KeyError("expected"), ZeroDivisionError("a surprise"))
    with caplog.at_level(logging.WARNING):
        async with looking(database, looks.look):
            await looks.until(1)
            for count in range(2, 5):
                await write(database)
                await looks.until(count)
    logged = [(record.levelname, bool(record.exc_info)) for record in caplog.records]
    assert logged == [("WARNING", False), ("WARNING", False), ("ERROR", True)]
