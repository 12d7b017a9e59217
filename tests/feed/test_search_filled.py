"""Posts from before there was a search are found, and those that a process of the version before still writes."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from chassis import migrations
from chassis.database import Database
from chassis.migrations import migrate
from tests.conftest import Databases

# More than go in at once; every tenth was deleted, every tenth passes another on and says nothing.
POSTS = 4500
WRITE = """
    INSERT INTO posts (id, author, text, root, create_time, delete_time, reshare_of, poll)
    SELECT id, gen_random_uuid(), CASE n % 10 WHEN 0 THEN '' WHEN 1 THEN '' ELSE 'Oude koffies ' || n END, id, now(),
        CASE n % 10 WHEN 0 THEN now() END, CASE n % 10 WHEN 1 THEN id END, 'null'
    FROM (SELECT n, uuidv7() AS id FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n) AS made"""
FOUND = "SELECT count(*) FROM post_texts WHERE vector @@ CAST(:query AS tsquery)"


@pytest.fixture
async def database(postgres: Databases) -> AsyncIterator[Database]:
    fresh = Database(await postgres.fresh())
    yield fresh
    await fresh.close()


async def test_all_posts_are_found_once_the_service_has_started(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "SERVICES", earlier_steps(tmp_path))
        await migrate(database, "feed")
    await write(database, 1, POSTS)
    await migrate(database, "feed")
    assert await found(database, "koffies & oud") == POSTS * 8 // 10
    assert await found(database, "'!poll'") == 0
    await write(database, POSTS + 1, POSTS + 10)
    assert await found(database, "koffies & oud") == (POSTS + 10) * 8 // 10


def earlier_steps(folder: Path) -> Path:
    """The service's steps before the first one about search."""
    steps = folder / "feed" / "migrations" / "versions"
    steps.mkdir(parents=True)
    for file in sorted((migrations.SERVICES / "feed" / "migrations" / "versions").glob("[0-9]*.py")):
        if file.name.endswith("_post_texts.py"):
            break
        shutil.copy(file, steps)
    return folder


async def write(database: Database, first: int, last: int) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(WRITE), {"first": first, "last": last})


async def found(database: Database, query: str) -> int:
    async with database.snapshot() as tx:
        count: int = (await tx.execute(text(FOUND), {"query": query})).scalar_one()
        return count
