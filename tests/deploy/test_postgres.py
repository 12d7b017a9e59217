import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from deploy import postgres
from deploy.health import answers
from deploy.local import free_ports
from deploy.preflight import CannotStart
from deploy.programs import POSTGRES_PROGRAMS
from deploy.secrets import Secrets
from deploy.supervisor import Kept, Supervisor
from tests.deploy import homes

LIMIT_SECONDS = 20
SERVICES = ("identity", "feed", "moderation")
APART = "moderation"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps databases outside the home")


def prepared(home: Path) -> postgres.Postgres:
    secrets = Secrets(home / "secrets")
    secrets.make(SERVICES, [APART])
    return postgres.prepared(home, f"127.0.0.1:{free_ports(1)[0]}", secrets.superuser_password)


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[tuple[Kept, str]]:
    """A server with the databases of two services, and its address."""
    server, secrets = prepared(home), Secrets(home / "secrets")
    databases = {name: secrets.database_password(name) for name in SERVICES}
    process = server.process(databases, {APART: secrets.owner_password(APART)})
    supervisor = Supervisor([process], home / "logs")
    try:
        await supervisor.start()
        yield supervisor.kept["postgres"], server.address
    finally:
        await supervisor.stop()


async def execute(
    home: Path, address: str, role: str, statement: LiteralString, database: str | None = None
) -> list[str]:
    """What a service's role is answered: the first column of each row."""
    secrets = Secrets(home / "secrets")
    file = secrets.owner_password(APART) if role == postgres.owner_of(APART) else secrets.database_password(role)
    password = file.read_text()
    host, _, port = address.partition(":")
    async with await psycopg.AsyncConnection.connect(
        host=host, port=port, user=role, password=password, dbname=database or role, autocommit=True
    ) as connection:
        cursor = await connection.execute(statement)
        return [str(row[0]) for row in await cursor.fetchall()] if cursor.description else []


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Path, str]]:
    """A home and the address of its server, for tests that leave them as they were."""
    with homes.temporary(tmp_path_factory.mktemp("shared")) as home:
        async with running(home) as (_, address):
            yield home, address


@pytest.mark.parametrize("database", ["identity", "postgres", "template1"])
async def test_a_service_cannot_open_another_database(shared: tuple[Path, str], database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match=f'permission denied for database "{database}"'):
        await execute(*shared, "feed", "SELECT 1", database)


async def test_a_service_owns_its_schema(shared: tuple[Path, str]) -> None:
    await execute(*shared, "feed", "CREATE TABLE posts (); DROP TABLE posts")


async def test_a_service_works_with_tables_that_only_their_owner_changes(shared: tuple[Path, str]) -> None:
    owner = "moderation_owner"
    made = "CREATE SCHEMA shelves; CREATE TABLE shelves.books (id int GENERATED ALWAYS AS IDENTITY, title text)"
    await execute(*shared, owner, made, APART)
    await execute(*shared, APART, "INSERT INTO shelves.books (title) VALUES ('Max Havelaar')")
    assert await execute(*shared, APART, "SELECT title FROM shelves.books") == ["Max Havelaar"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await execute(*shared, APART, "ALTER TABLE shelves.books ADD pages int")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await execute(*shared, APART, "CREATE TABLE public.more ()")
    await execute(*shared, owner, "DROP SCHEMA shelves CASCADE", APART)


async def test_the_owner_of_a_database_enters_no_other(shared: tuple[Path, str]) -> None:
    with pytest.raises(psycopg.OperationalError, match='permission denied for database "feed"'):
        await execute(*shared, "moderation_owner", "SELECT 1", "feed")


async def test_a_service_is_no_superuser(shared: tuple[Path, str]) -> None:
    assert await execute(*shared, "feed", "SELECT rolsuper FROM pg_roles WHERE rolname = 'feed'") == ["False"]


async def test_a_service_finds_its_extensions(shared: tuple[Path, str]) -> None:
    extensions = await execute(*shared, "feed", "SELECT extname FROM pg_extension")
    assert {"pg_trgm", "unaccent", "btree_gin"} <= set(extensions)


async def test_a_commit_survives_a_restart(home: Path) -> None:
    async with running(home) as (_, address):
        await execute(home, address, "feed", "CREATE TABLE posts AS SELECT 'kept' AS body")
    async with running(home) as (_, address):
        assert await execute(home, address, "feed", "SELECT body FROM posts") == ["kept"]


async def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    async with running(home) as (kept, address):
        await execute(home, address, "feed", "CREATE TABLE posts AS SELECT 'kept' AS body")
        assert kept.pid
        os.kill(kept.pid, signal.SIGKILL)
        async with asyncio.timeout(LIMIT_SECONDS):
            while not await answers(kept.process.probe) or not kept.restarts:
                pass
        assert await execute(home, address, "feed", "SELECT body FROM posts") == ["kept"]


async def test_no_process_of_a_server_is_left(home: Path) -> None:
    async with running(home):
        data = (home / "postgres").resolve()
        assert len(servers_in(data)) > 1
    assert servers_in(data) == []


def test_a_damaged_database_is_refused_in_a_sentence(home: Path) -> None:
    prepared(home)
    os.truncate(home / "postgres" / "global" / "pg_control", 100)
    with pytest.raises(CannotStart, match=r"^The database in .* is damaged: restore a backup, .*\.$"):
        prepared(home)


def test_a_database_of_another_version_is_refused_in_a_sentence(home: Path) -> None:
    prepared(home)
    (home / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(CannotStart, match=r"^The database in .* is of PostgreSQL 17, and this is PostgreSQL 18\.$"):
        prepared(home)


async def test_a_lost_password_is_refused_in_a_sentence(home: Path) -> None:
    async with running(home):
        pass
    Secrets(home / "secrets").superuser_password.unlink()
    with pytest.raises(CannotStart, match=r"^The database in .* does not let its owner in: .*\.$"):
        async with running(home):
            pass


@needs_root
def test_a_home_that_others_cannot_enter_stays_closed(home: Path) -> None:
    modes = [folder.stat().st_mode for folder in home.parents]
    prepared(home)
    assert (home / "postgres").readlink().is_relative_to(postgres.OUTSIDE)
    assert [folder.stat().st_mode for folder in home.parents] == modes


def test_a_copy_of_the_programs_runs_and_is_for_everybody(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    postgres.copy_programs(copy)
    for program in ("postgres", "initdb", "pg_controldata"):
        subprocess.run([copy / POSTGRES_PROGRAMS / program, "--version"], check=True, capture_output=True)
    assert all(path.stat().st_mode & 0o005 == 0o005 for path in (copy, *copy.rglob("*")))


@needs_root
def test_the_data_of_a_deleted_home_is_set_aside(home: Path) -> None:
    old = prepared(home).data
    inode = old.stat().st_ino
    (home / "postgres").unlink()
    assert prepared(home).data.stat().st_ino != inode
    assert [kept.stat().st_ino for kept in old.parent.glob("postgres-until-*")] == [inode]


def servers_in(data: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == data:
                found.append(process.name)
        except OSError:
            continue
    return found
