"""Runs one service: `python -m services groups`. Everything else comes from the environment (docs/operating.md).

`python -m services groups migrate` only brings its database up to date: for where the service may not do that itself.
"""

import asyncio
import importlib
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvloop

from chassis import memory
from chassis.database import Database
from chassis.migrations import migrate
from chassis.resources import owner_address
from chassis.service import Service, serve
from chassis.settings import Settings, read, secret_text


def names() -> list[str]:
    """Every folder here that is a service."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/service.py"))


def service(name: str) -> Service:
    """The service of that name."""
    found: Service = importlib.import_module(f"services.{name}.service").SERVICE
    return found


def main() -> None:
    if sys.argv[1:2] not in [[name] for name in names()] or sys.argv[2:] not in ([], ["migrate"]):
        sys.exit(f"Usage: python -m services NAME [migrate], with one of: {', '.join(names())}.")
    chosen = service(sys.argv[1])
    settings = read(chosen.settings)
    if sys.argv[2:]:
        asyncio.run(migrated(chosen.name, settings))
        return
    if settings.workers > 1:
        run_workers(settings)
    memory.share()
    migrate_aside(chosen.name, settings)
    # Whoever answers calls knows only the rights of the service.
    uvloop.run(serve(chosen, settings.model_copy(update={"database_owner_url": ""})))


def migrate_aside(name: str, settings: Settings) -> None:
    """Migrates in a child: what that loads is thirty megabytes that the service would keep for nothing."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(migrated(name, settings))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        sys.exit(1)


async def migrated(name: str, settings: Settings) -> None:
    """Brings the database up to date, as its owner where the settings name one."""
    password = secret_text(settings.database_password_file)
    await migrate(Database(settings.database_url, password), name, owner_address(settings))


def run_workers(settings: Settings) -> NoReturn:
    """One process a worker, each on a port of its own that follows the first, since Envoy spreads calls over ports."""
    host, _, first = settings.listen_address.rpartition(":")
    addresses = [f"{host}:{int(first) + index}" for index in range(settings.workers)]
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "services", sys.argv[1]],
            env={**os.environ, "WORKERS": "1", "LISTEN_ADDRESS": address},
        )
        for address in addresses
    ]

    def stop(number: int, _frame: FrameType | None) -> None:
        for worker in workers:
            worker.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    codes = [worker.wait() for worker in workers]
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
