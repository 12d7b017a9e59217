"""PostgreSQL from its Python package: one server for one stack, one database and one role for each service.

A service's role owns its database, or else `<service>_owner` does, which alone changes tables and takes rights away.

It refuses to run as root, so root runs it as `nobody`. Where nobody cannot enter a folder, data and programs go to
/var/lib/plein: making somebody's home readable to everyone is not ours to do.
"""

import asyncio
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import LiteralString

import psycopg
from psycopg import sql

from deploy.preflight import CannotStart
from deploy.programs import PACKAGES, POSTGRES_PARTS, POSTGRES_PROGRAMS, POSTGRES_VERSION
from deploy.supervisor import Process, tied

OUTSIDE = Path("/var/lib/plein")
SUPERUSER = "postgres"
# Service roles are no superusers, so their extensions are there before they are.
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")
SETTINGS = {
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    # After a crash it makes sure that all is on disk; file by file, the default, takes seconds for a few databases.
    "recovery_init_sync_method": "syncfs",
    "autovacuum": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NO_OWNERS: Mapping[str, Path] = MappingProxyType({})
# What a service ({0}) may do in a database that is its owner's ({1}): it reads and writes rows, and changes no tables.
# Migrations, which run as the owner, take from that what the service is not to do.
RIGHTS: tuple[LiteralString, ...] = (
    "GRANT CONNECT, TEMPORARY ON DATABASE {0} TO {0}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {1} GRANT USAGE ON SCHEMAS TO {0}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {1} GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO {0}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {1} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {0}",
)
# Its own: the user's locale may not be installed, and PG… variables would redirect it.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


@dataclass(frozen=True)
class Postgres:
    """One server: its programs, its data, whom it runs as ("" for ourselves) and where it listens."""

    programs: Path
    data: Path
    user: str
    address: str
    superuser_password: Path

    def process(self, databases: dict[str, Path], owners: Mapping[str, Path] = NO_OWNERS) -> Process:
        """`databases` maps each service's name, which its database and its role have too, to its password's file.

        `owners` has the passwords of the owners of those databases that their service does not own.
        """

        async def create_databases() -> None:
            try:
                await self._create_databases(databases, owners)
            except psycopg.Error as error:
                raise CannotStart(f"The databases cannot be made in {self.data}: {_last_line(error)}.") from error

        async def sweep() -> None:
            await end_servers(self.data)

        host, _, port = self.address.rpartition(":")
        settings = SETTINGS | {"listen_addresses": host, "port": port}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Process(
            "postgres",
            [self.programs / "postgres", "-D", self.data, *options],
            environment=ENVIRONMENT,
            address=self.address,
            probe=f"postgres://{self.address}",
            user=self.user,
            stop_signal=signal.SIGINT,  # disconnects everybody; SIGTERM would wait for them
            orphan_signal=signal.SIGQUIT,  # takes its own processes along, which SIGKILL does not
            sweep=sweep,
            once_healthy=create_databases,
        )

    async def _create_databases(self, databases: dict[str, Path], owners: Mapping[str, Path]) -> None:
        async with await self._connected("postgres") as connection:
            for shared in ("postgres", "template1"):
                await connection.execute(_composed("REVOKE ALL ON DATABASE {} FROM PUBLIC", shared))
            for name, password in databases.items():
                await _create_role(connection, name, password.read_text())
                if name in owners:
                    await _create_role(connection, owner_of(name), owners[name].read_text())
                await _create_database(connection, name, owner_of(name) if name in owners else name)
        for name in databases:
            async with await self._connected(name) as connection:
                for extension in EXTENSIONS:
                    await connection.execute(_composed("CREATE EXTENSION IF NOT EXISTS {}", extension))
                for statement in RIGHTS if name in owners else ():
                    await connection.execute(_composed(statement, name, owner_of(name)))
                owner = owner_of(name) if name in owners else name
                await connection.execute(_composed("ALTER SCHEMA public OWNER TO {}", owner))

    async def _connected(self, database: str) -> psycopg.AsyncConnection:
        host, _, port = self.address.rpartition(":")
        password = self.superuser_password.read_text()
        try:
            return await psycopg.AsyncConnection.connect(
                host=host, port=port, dbname=database, user=SUPERUSER, password=password, autocommit=True
            )
        except psycopg.OperationalError as error:
            raise CannotStart(f"The database in {self.data} does not let its owner in: {_last_line(error)}.") from None


def prepared(home: Path, address: str, superuser_password: Path) -> Postgres:
    """Makes the data on the first start; CannotStart when it is damaged, gone or somebody else's.

    It is in home/postgres, which is a link to /var/lib/plein/… for root with a home that `nobody` cannot enter.
    """
    user = "nobody" if os.geteuid() == 0 else ""
    place = home / "postgres"
    data = data_folder(home) if user else place
    server = Postgres(_programs(user), data, user, address, superuser_password)
    if data.exists():
        _refuse_damage(server)
    else:
        _initialise(server)
    if not place.exists():
        place.symlink_to(data)
    return server


def data_folder(home: Path) -> Path:
    """Where root keeps the data of a home: in it when `nobody` can enter it, otherwise outside."""
    place = home / "postgres"
    outside = OUTSIDE / hashlib.sha256(str(home).encode()).hexdigest()[:12] / "postgres"
    if place.is_symlink():
        if place.readlink() != outside:
            raise CannotStart(f"The database of {home} belongs in {outside}, and {place} links to {place.readlink()}.")
        if not outside.exists():
            raise CannotStart(f"The database {outside} is gone: restore a backup, or remove {home} to begin anew.")
        return outside
    if _enterable(home):
        return place
    if place.exists():
        raise CannotStart(f"The database cannot run as nobody in {home}, since others may not enter that folder.")
    if outside.exists():
        # Its home was deleted and made anew: the passwords are gone, but somebody may still want the data.
        outside.rename(outside.with_name(f"postgres-until-{int(time.time())}"))
    return outside


async def end_servers(data: Path) -> None:
    """Kills what is left of a server whose first process was killed, and waits until it is gone.

    Every process of PostgreSQL works in its data folder. As long as one lives, no new server starts there.
    """
    while left := list(_servers(data)):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.01)


def _servers(data: Path) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text() == "postgres\n" and (process / "cwd").readlink() == data:
                yield int(process.name)


def owner_of(name: str) -> str:
    """The role that owns the database of a service that does not own it itself."""
    return f"{name}_owner"


async def _create_role(connection: psycopg.AsyncConnection, name: str, password: str) -> None:
    # Hashed here, so that no log of the server can show it.
    hashed = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    found = await connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if not await found.fetchone():
        await connection.execute(_composed("CREATE ROLE {} LOGIN", name))
    alter = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(hashed))
    await connection.execute(alter)


async def _create_database(connection: psycopg.AsyncConnection, name: str, owner: str) -> None:
    found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    if not await found.fetchone():
        await connection.execute(_composed("CREATE DATABASE {} OWNER {}", name, owner))
    await connection.execute(_composed("REVOKE ALL ON DATABASE {} FROM PUBLIC", name))


def _composed(statement: LiteralString, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))


def _programs(user: str) -> Path:
    """The folder of the server's programs, which are copied first when `user` cannot enter where they are."""
    programs = PACKAGES / POSTGRES_PROGRAMS
    if not user or _enterable(programs):
        return programs
    copy = OUTSIDE / f"postgresql-{POSTGRES_VERSION}"
    if not copy.exists():
        _make_enterable(OUTSIDE)
        copy_programs(copy)
    return copy / POSTGRES_PROGRAMS


def copy_programs(target: Path) -> None:
    """Copies PostgreSQL to where everybody may run it, as a whole or not at all."""
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    for part in POSTGRES_PARTS:
        if (PACKAGES / part).exists():
            shutil.copytree(PACKAGES / part, draft / part)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755)
    with suppress(OSError):  # another stack was first
        draft.rename(target)
    shutil.rmtree(draft, ignore_errors=True)


def _initialise(server: Postgres) -> None:
    """Makes the data beside its place first, so that a start that was cut short leaves no half a database."""
    if server.data.is_relative_to(OUTSIDE):
        _make_enterable(server.data.parent)
    draft = server.data.with_name("postgres-being-made")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile(dir=draft.parent) as password:
        password.write(server.superuser_password.read_bytes())
        password.flush()
        for path in (draft, password.name):
            os.chown(path, *_owner(server.user))
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        access = [f"--username={SUPERUSER}", "--auth=scram-sha-256", f"--pwfile={password.name}"]
        made = _run(server, ["initdb", f"--pgdata={draft}", "--no-instructions", *locale, *access])
    if made.returncode:
        raise CannotStart(f"The database cannot be made in {server.data}: {_last_line(made.stderr)}.")
    draft.replace(server.data)


def _refuse_damage(server: Postgres) -> None:
    """Whoever owns the data decides what becomes of it, so nothing is mended or made anew here."""
    if server.data.stat().st_uid != _owner(server.user)[0]:
        raise CannotStart(f"The database in {server.data} belongs to {server.data.owner()}: start it as they do.")
    control = _run(server, ["pg_controldata", str(server.data)])
    version = server.data / "PG_VERSION"
    if control.returncode or "WARNING" in control.stdout or not version.is_file():
        raise CannotStart(f"The database in {server.data} is damaged: restore a backup, or move it away to begin anew.")
    ours, theirs = POSTGRES_VERSION.split(".")[0], version.read_text().strip()
    if ours != theirs:
        raise CannotStart(f"The database in {server.data} is of PostgreSQL {theirs}, and this is PostgreSQL {ours}.")


def _run(server: Postgres, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    command: list[str | Path] = [server.programs / arguments[0], *arguments[1:]]
    return subprocess.run(
        tied(command, server.user), env=ENVIRONMENT, cwd="/", capture_output=True, text=True, check=False
    )


def _owner(user: str) -> tuple[int, int]:
    """The ids of a user and its group."""
    return pwd.getpwnam(user)[2:4] if user else (os.geteuid(), os.getegid())


def _enterable(path: Path) -> bool:
    """Whether everybody can come to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _make_enterable(folder: Path) -> None:
    """Makes a folder below /var/lib, whatever the umask; what exists stays as it is."""
    for path in (OUTSIDE, folder):
        if not path.exists():
            path.mkdir()
            path.chmod(0o755)


def _last_line(said: object) -> str:
    return (str(said).strip().splitlines() or ["it said nothing"])[-1].rstrip(".")
