import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local import free_ports
from deploy.preflight import CannotStart
from deploy.supervisor import Kept, Process, Supervisor

LIMIT_SECONDS = 15

# Listens, and answers whoever asks how it is.
WORK = """
import signal, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens", flush=True)
while True:
    caller, _ = listener.accept()
    caller.sendall(b"+PONG\\r\\n")
    caller.close()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + WORK
PARENT = (
    """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
"""
    + WORK
)
TELLS_ITS_END = (
    """
import signal, sys
def tell(*_):
    with open(sys.argv[2], "a") as ends:
        ends.write(sys.argv[1] + " ")
    sys.exit()
signal.signal(signal.SIGTERM, tell)
"""
    + WORK
)


class Changes:
    """Lets a test wait until something has become of a process."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self.started: list[str] = []

    def __call__(self, kept: Kept) -> None:
        if kept.started.is_set() and not kept.restarts:
            self.started.append(kept.process.name)
        self._tasks.add(asyncio.create_task(self._notify()))

    async def restarted(self, kept: Kept) -> None:
        async with asyncio.timeout(LIMIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: kept.restarts > 0 and kept.pid is not None)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def stand_in(name: str, script: str = WORK, *arguments: str, after: tuple[str, ...] = ()) -> Process:
    port = free_ports(1)[0]
    command = [sys.executable, "-c", script, str(port), *arguments]
    return Process(name, command, f"127.0.0.1:{port}", f"redis://127.0.0.1:{port}", after=after)


@asynccontextmanager
async def supervised(logs: Path, *processes: Process) -> AsyncIterator[tuple[Supervisor, Changes]]:
    changes = Changes()
    supervisor = Supervisor(processes, logs, changes)
    try:
        await supervisor.start()
        yield supervisor, changes
    finally:
        await supervisor.stop()


async def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    async with supervised(tmp_path, stand_in("feed")) as (supervisor, changes):
        feed = supervisor.kept["feed"]
        killed = pid(feed)
        os.kill(killed, signal.SIGKILL)
        await changes.restarted(feed)
        assert pid(feed) != killed


async def test_a_process_starts_after_what_it_needs(tmp_path: Path) -> None:
    web, feed = stand_in("web", after=("feed",)), stand_in("feed")
    async with supervised(tmp_path, web, feed) as (_, changes):
        assert changes.started == ["feed", "web"]


async def test_a_process_stops_before_what_it_needs(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    postgres = stand_in("postgres", TELLS_ITS_END, str(ends))
    feed = stand_in("feed", TELLS_ITS_END, str(ends), after=("postgres",))
    web = stand_in("web", TELLS_ITS_END, str(ends), after=("feed",))
    async with supervised(tmp_path, postgres, feed, web):
        pass
    assert ends.read_text().split() == [process.address.partition(":")[2] for process in (web, feed, postgres)]


async def test_a_process_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    async with asyncio.timeout(LIMIT_SECONDS), supervised(tmp_path, stand_in("deaf", DEAF)) as (supervisor, _):
        deaf = pid(supervisor.kept["deaf"])
    assert has_ended(deaf)


async def test_a_frozen_process_is_killed(tmp_path: Path) -> None:
    async with asyncio.timeout(LIMIT_SECONDS), supervised(tmp_path, stand_in("frozen")) as (supervisor, _):
        frozen = pid(supervisor.kept["frozen"])
        os.kill(frozen, signal.SIGSTOP)
    assert has_ended(frozen)


async def test_what_a_process_started_ends_with_it(tmp_path: Path) -> None:
    async with supervised(tmp_path, stand_in("parent", PARENT)):
        grandchild = int((tmp_path / "parent.log").read_text().split()[0])
    assert has_ended(grandchild)


async def test_a_process_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    ends_at_once = stand_in("feed", "raise SystemExit('Setting REDIS_URL: Field required.')")
    with pytest.raises(CannotStart, match=r"^feed does not start: Setting REDIS_URL: Field required\. Its log is"):
        async with supervised(tmp_path, ends_at_once, stand_in("web", after=("feed",))):
            pass


async def test_nothing_is_left_of_a_start_that_failed(tmp_path: Path) -> None:
    ends_at_once = stand_in("feed", "raise SystemExit(1)", after=("parent",))
    with pytest.raises(CannotStart):
        async with supervised(tmp_path, stand_in("parent", PARENT), ends_at_once):
            pass
    assert has_ended(int((tmp_path / "parent.log").read_text().split()[0]))


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    process = stand_in("feed")
    script = f"""
import asyncio, pathlib
from deploy.supervisor import Process, Supervisor
async def main():
    feed = Process("feed", {process.command!r}, "", {process.probe!r})
    supervisor = Supervisor([feed], pathlib.Path({str(tmp_path)!r}))
    await supervisor.start()
    print(supervisor.kept["feed"].pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        feed = int(supervisor.stdout.readline())
        supervisor.kill()
    assert has_ended(feed)


def pid(kept: Kept) -> int:
    assert kept.pid is not None
    return kept.pid


def has_ended(process: int) -> bool:
    """Whether a process ends within the limit, or has ended."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], LIMIT_SECONDS)[0])
    finally:
        os.close(descriptor)
