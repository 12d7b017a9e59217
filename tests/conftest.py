"""The servers of a test run: one PostgreSQL and one Valkey, in which every module of tests gets a place of its own.

`make test` runs workers side by side: each has servers of its own, and takes whole modules. A folder of
tests makes its world from them: `world = await start(SERVICE)`, in a fixture with the scope of a module.
"""

import secrets as chance
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from xdist.scheduler import LoadScopeScheduling

from chassis.service import Service
from chassis.testing import Answers, Secrets, World, running
from deploy import postgres as embedded_postgres
from deploy import valkey as embedded_valkey
from deploy.local import OWNED_APART, free_ports
from deploy.postgres import Postgres
from deploy.supervisor import Process, Supervisor

# What is lost when the machine fails is only tests.
HASTY = [part for name in ("fsync", "full_page_writes") for part in ("-c", f"{name}=off")]
CACHES = 200

# Folders of which all modules share what takes long to start, so that one worker gets them all.
SHARED = ("tests/end_to_end",)

Start = Callable[..., Awaitable[World]]


class Modules(LoadScopeScheduling):  # type: ignore[misc] # which has no types
    """Gives workers whole modules in the order of their names, so that a world is made once."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return next((folder for folder in SHARED if module.startswith(f"{folder}/")), module)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Modules:
    """What pytest-xdist asks."""
    config.option.loadscopereorder = False
    return Modules(config, log)


@dataclass(frozen=True)
class Databases:
    """The one PostgreSQL server."""

    server: Postgres
    folder: Path
    _numbers: Iterator[int]

    async def fresh(self) -> str:
        """The URL of an empty database with a role of its own, made as a first start makes them."""
        return (await self.of("any"))["database_url"]

    async def of(self, service: str) -> dict[str, str]:
        """The settings of an empty database for a service, which owns it if it is one of those that do."""
        name = f"test_{next(self._numbers)}"
        roles, owners = {"database_url": name}, {}
        if service in OWNED_APART:
            roles["database_owner_url"] = owner = embedded_postgres.owner_of(name)
            owners[name] = self.folder / owner
        for role in roles.values():
            (self.folder / role).write_text(chance.token_urlsafe(16))
        await self.server.process({name: self.folder / name}, owners).once_healthy()
        return {setting: self._url(role, name) for setting, role in roles.items()}

    def _url(self, role: str, database: str) -> str:
        password = (self.folder / role).read_text()
        return f"postgresql+psycopg://{role}:{password}@{self.server.address}/{database}"


@dataclass(frozen=True)
class Caches:
    """The one Valkey server."""

    url: str
    _numbers: Iterator[int]

    def fresh(self) -> str:
        """The URL of an empty cache."""
        return f"{self.url}/{next(self._numbers)}"


@pytest.fixture(scope="session")
def state() -> Iterator[Path]:
    """A folder that everybody can enter, since PostgreSQL runs as `nobody` when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="plein-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    """The keys of all services, of people's tokens and of page tokens."""
    made = Secrets(tmp_path_factory.mktemp("secrets"))
    audit_key(made).write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    return made


@pytest.fixture(scope="session")
async def postgres(state: Path, secrets: Secrets) -> AsyncIterator[Databases]:
    """PostgreSQL; `fresh` makes a database."""
    password = secrets.folder / "superuser-password"
    password.write_text(chance.token_urlsafe(16))
    server = embedded_postgres.prepared(state, free_address(), password)
    process = server.process({})
    # SIGQUIT ends PostgreSQL at once.
    hasty = replace(process, command=[*process.command, *HASTY], stop_signal=signal.SIGQUIT)
    async with kept(hasty, state):
        yield Databases(server, secrets.folder, count(1))


@pytest.fixture(scope="session")
async def valkey(state: Path, secrets: Secrets) -> AsyncIterator[Caches]:
    """Valkey; `fresh` gives a database of it to whom it will belong."""
    password, address = secrets.folder / "valkey-password", free_address()
    password.write_text(chance.token_urlsafe(16))
    process = embedded_valkey.process(state / "valkey", address, password)
    async with kept(replace(process, command=[*process.command, "--databases", str(CACHES)]), state):
        yield Caches(f"redis://:{password.read_text()}@{address}", count())


@pytest.fixture(scope="module")
async def start(
    postgres: Databases, valkey: Caches, secrets: Secrets, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Start]:
    """`await start(SERVICE, answers, **settings)` runs a service until the module's last test is done.

    It has a database, a cache and a folder for images of its own, unless the settings name others; the rest is as
    `chassis.testing.running`.
    """
    async with AsyncExitStack() as until_the_end:

        async def started(service: Service, answers: Answers | None = None, **settings: Any) -> World:
            own = await postgres.of(service.name) | {"redis_url": valkey.fresh()}
            own["media_url"] = tmp_path_factory.mktemp("media").as_uri()
            own["audit_checkpoint_url"] = tmp_path_factory.mktemp("checkpoints").as_uri()
            own["audit_key_file"] = str(audit_key(secrets))
            world = running(service, secrets, answers=answers, **(own | settings))
            return await until_the_end.enter_async_context(world)

        yield started


@asynccontextmanager
async def kept(process: Process, state: Path) -> AsyncIterator[None]:
    """Runs a process as the stack does."""
    supervisor = Supervisor([process], state / "logs")
    await supervisor.start()
    try:
        yield
    finally:
        await supervisor.stop()


def audit_key(secrets: Secrets) -> Path:
    """What signs the checkpoints of the audit log."""
    return secrets.folder / "audit.pem"


def free_address() -> str:
    """Where a server may listen in a moment; no connection of another test gets the port before it does."""
    return f"127.0.0.1:{free_ports(1)[0]}"
