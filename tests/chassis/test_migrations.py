"""A service's database is brought up to date once, however many processes start."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from psycopg.errors import DivisionByZero
from sqlalchemy import text
from sqlalchemy.exc import DataError

from chassis import migrations
from chassis.database import Database
from chassis.migrations import migrate
from tests.conftest import Databases

STEP = """
from alembic import op

revision = "{revision}"
down_revision = {before}


def upgrade() -> None:
    op.execute({sql!r})
"""


@pytest.fixture
async def database(postgres: Databases) -> AsyncIterator[Database]:
    fresh = Database(await postgres.fresh())
    yield fresh
    await fresh.close()


class Steps:
    """The migrations of one service, in a folder of the test's own."""

    def __init__(self, services: Path) -> None:
        self._folder = services / "library" / "migrations" / "versions"
        self._folder.mkdir(parents=True)
        self._last: str | None = None

    def add(self, revision: str, sql: str) -> None:
        """Adds a step, which is not to be changed any more when it has run."""
        step = STEP.format(revision=revision, before=repr(self._last), sql=sql)
        (self._folder / f"{revision}_step.py").write_text(step)
        self._last = revision

    def mend(self, revision: str, sql: str, before: str) -> None:
        (self._folder / f"{revision}_step.py").write_text(STEP.format(revision=revision, before=repr(before), sql=sql))


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    monkeypatch.setattr(migrations, "SERVICES", tmp_path)
    return Steps(tmp_path)


async def test_the_chassis_comes_before_the_service(database: Database, steps: Steps) -> None:
    steps.add("0001", "CREATE VIEW books AS SELECT count(*) FROM eventlog.events")
    await migrate(database, "library")
    assert await rows(database, "SELECT * FROM books") == [0]
    assert await rows(database, "SELECT version_num FROM public.service_version") == ["0001"]


async def test_a_service_without_tables_has_the_chassis_ones(database: Database) -> None:
    await migrate(database, "a service without a folder")
    assert await rows(database, "SELECT position FROM eventlog.head") == [0]


async def test_many_processes_migrate_once(database: Database, steps: Steps) -> None:
    steps.add("0001", "CREATE TABLE books (title text)")
    steps.add("0002", "INSERT INTO books VALUES ('Max Havelaar')")
    await asyncio.gather(*[migrate(database, "library") for _ in range(4)])
    assert await rows(database, "SELECT title FROM books") == ["Max Havelaar"]


async def test_a_step_that_fails_leaves_the_steps_before_it_and_is_tried_again(
    database: Database, steps: Steps
) -> None:
    steps.add("0001", "CREATE TABLE books (pages int)")
    steps.add("0002", "INSERT INTO books VALUES (1); SELECT 1 / 0")
    with pytest.raises(DataError) as failure:
        await migrate(database, "library")
    assert isinstance(failure.value.orig, DivisionByZero)
    assert await rows(database, "SELECT pages FROM books") == []
    steps.mend("0002", "INSERT INTO books VALUES (2)", before="0001")
    await migrate(database, "library")
    assert await rows(database, "SELECT pages FROM books") == [2]


async def test_a_step_waits_only_shortly_for_a_lock_and_does_not_work_forever(database: Database, steps: Steps) -> None:
    settings = "SELECT name, setting FROM pg_settings WHERE name IN ('lock_timeout', 'statement_timeout')"
    steps.add("0001", f"CREATE TABLE kept AS {settings}")
    await migrate(database, "library")
    assert await rows(database, "SELECT setting FROM kept ORDER BY name") == ["4000", "60000"]


async def rows(database: Database, sql: str) -> list[object]:
    """The first column."""
    async with database.snapshot() as tx:
        return list((await tx.execute(text(sql))).scalars())
