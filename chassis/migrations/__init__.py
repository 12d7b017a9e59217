"""Brings a service's own database up to date: first what the chassis keeps in it, then what the service owns.

A service has one Alembic file a step in `services/<name>/migrations/versions/`, and nothing else: `env.py` is here.
"""

import asyncio
import threading
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.pool import NullPool

from chassis.database import Database

HERE = Path(__file__).parent
SERVICES = HERE.parents[1] / "services"
ADVISORY_LOCK = 0x504C45494E
_NEWEST = "SELECT version_num FROM public.{table}"
# Alembic keeps what it works on in globals, so in one process one database is migrated at a time.
_alembic = threading.Lock()


async def migrate(database: Database, service: str, owner: URL | None = None) -> None:
    """Runs the steps that are missing, each in a transaction of its own; of several processes the first does it.

    `owner` is the same database, entered as the role that owns what is in it, where that is not the service's own.
    A step that waits for a lock longer than 4 s, or works longer than 60 s, ends the start: the next one tries again.
    """
    if not await _is_current(database, service):
        await asyncio.to_thread(_migrate, owner or database.url, service)


async def _is_current(database: Database, service: str) -> bool:
    """Whether the newest steps have been taken, found without Alembic: loading that costs every start half a second."""
    found = []
    async with database.snapshot() as tx:
        for versions, table in _steps(service):
            newest = max(file.name.partition("_")[0] for file in versions.glob("[0-9]*.py"))
            there = (await tx.execute(text("SELECT to_regclass(:table)"), {"table": f"public.{table}"})).scalar()
            query = text(_NEWEST.format(table=table))
            found.append(there is not None and (await tx.execute(query)).scalar() == newest)
    return all(found)


def _steps(service: str) -> list[tuple[Path, str]]:
    """The folders of steps that there are, each with its table."""
    own = SERVICES / service / "migrations" / "versions"
    return [(HERE / "versions", "chassis_version")] + ([(own, "service_version")] if own.is_dir() else [])


def _migrate(url: URL, service: str) -> None:
    timeouts = "-c timezone=UTC -c lock_timeout=4s -c statement_timeout=60s"
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5, "options": timeouts})
    with _alembic, engine.connect() as connection:
        # Whoever has the lock may need minutes, and dies with its lock.
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
        connection.commit()
        for versions, table in _steps(service):
            _upgrade(connection, versions, table)


def _upgrade(connection: Connection, versions: Path, version_table: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": version_table})
    config.set_main_option("script_location", _literal(HERE))
    config.set_main_option("version_locations", _literal(versions))
    config.set_main_option("path_separator", "newline")
    command.upgrade(config, "head")
    # Alembic leaves a transaction open when there was nothing to do, and would not commit in one that it finds open.
    connection.commit()


def _literal(path: Path) -> str:
    return str(path).replace("%", "%%")
