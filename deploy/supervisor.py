"""Keeps processes running: starts each after those that it needs, again when it dies, and stops all in reverse."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.health import answers
from deploy.preflight import CannotStart

log = logging.getLogger(__name__)

TIED = Path(__file__).with_name("tied.py")
START_SECONDS = 60.0
# The stack has four layers that stop one after another, which together must take less than ten seconds.
STOP_SECONDS = 2.2
POLL_SECONDS = 0.05
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
# Who has run for this long and dies is started again without a pause.
STEADY_SECONDS = 10.0


async def nothing() -> None:
    """What most processes need before and after."""


@dataclass(frozen=True)
class Process:
    """What one process is.

    `probe` is what deploy.health asks; `after` names the processes that must work before this one starts, and that stop
    after it. `user` is "" or whom to run as. `orphan_signal` ends it when the supervisor is killed. `sweep` runs before
    each start and after the end, `once_healthy` after the first start only.
    """

    name: str
    command: Sequence[str | Path]
    address: str
    probe: str
    environment: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[str] = ()
    user: str = ""
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    sweep: Callable[[], Awaitable[None]] = nothing
    once_healthy: Callable[[], Awaitable[None]] = nothing


class Kept:
    """One process that is kept running."""

    def __init__(self, process: Process, log_file: Path, changed: "Callable[[Kept], None]") -> None:
        self.process = process
        self.log_file = log_file
        self.restarts = 0
        self.started = asyncio.Event()
        self.stopped = asyncio.Event()
        self._changed = changed
        self._log_position = 0
        self._child: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None while there is no process."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def start(self) -> None:
        """Returns when the process works; CannotStart when it ends instead, or takes too long."""
        await self._spawn()
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await answers(self.process.probe):
                    if self.pid is None:
                        raise CannotStart(self._why_it_ended())
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise CannotStart(f"{self.process.name} did not work within a minute: see {self.log_file}.") from None
        await self.process.once_healthy()
        self._keeping = asyncio.create_task(self._keep())
        self.started.set()
        self._changed(self)

    async def stop(self) -> None:
        """Ends the process and all that it started, by force when its time is over."""
        try:
            if self._keeping:
                self._keeping.cancel()
                await asyncio.gather(self._keeping, return_exceptions=True)
            if self._child:
                await self._end(self._child)
        finally:
            self.stopped.set()

    async def _keep(self) -> None:
        pause = 0.0
        while child := self._child:
            started = time.monotonic()
            code = await child.wait()
            _kill_group(child.pid)
            if time.monotonic() - started > STEADY_SECONDS:
                pause = 0.0
            log.warning("%s ended (%s) and is started again", self.process.name, _spoken(code))
            await asyncio.sleep(pause)
            pause = min(max(FIRST_PAUSE_SECONDS, pause * 2), LONGEST_PAUSE_SECONDS)
            self.restarts += 1
            try:
                await self._spawn()
            except OSError as error:
                log.warning("%s cannot be started now: %s", self.process.name, error)

    async def _spawn(self) -> None:
        await self.process.sweep()
        with self.log_file.open("ab") as written:
            self._log_position = written.tell()
            self._child = await asyncio.create_subprocess_exec(
                *tied(self.process.command, self.process.user, self.process.orphan_signal),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=written,
                stderr=asyncio.subprocess.STDOUT,
                env=self.process.environment,
                cwd="/",
                start_new_session=True,
            )
        self._changed(self)

    async def _end(self, child: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            child.send_signal(self.process.stop_signal)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await child.wait()
        except TimeoutError:
            log.warning("%s did not stop in time and is killed", self.process.name)
        _kill_group(child.pid)
        await child.wait()
        await self.process.sweep()

    def _why_it_ended(self) -> str:
        lines = self.log_file.read_bytes()[self._log_position :].decode(errors="replace").splitlines()
        serious = [line for line in lines if "FATAL" in line or "PANIC" in line]
        last = (serious or lines or ["it said nothing"])[-1].strip().rstrip(".")
        return f"{self.process.name} does not start: {last}. Its log is {self.log_file}."


class Supervisor:
    """Keeps several processes running. `changed` is told when one has a new process id, and when it first works."""

    def __init__(
        self, processes: Sequence[Process], logs: Path, changed: Callable[[Kept], None] = lambda kept: None
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.kept = {process.name: Kept(process, logs / f"{process.name}.log", changed) for process in processes}

    async def start(self) -> None:
        """Returns when all processes work. After CannotStart, `stop` ends those that were started."""
        starting = [asyncio.create_task(self._start(kept)) for kept in self.kept.values()]
        try:
            await asyncio.gather(*starting)
        finally:
            for task in starting:
                task.cancel()
            await asyncio.gather(*starting, return_exceptions=True)

    async def stop(self) -> None:
        """Ends every process once those that need it have ended."""
        await asyncio.gather(*(self._stop(kept) for kept in self.kept.values()))

    async def _start(self, kept: Kept) -> None:
        for name in kept.process.after:
            await self.kept[name].started.wait()
        await kept.start()

    async def _stop(self, kept: Kept) -> None:
        for other in self.kept.values():
            if kept.process.name in other.process.after:
                await other.stopped.wait()
        await kept.stop()


def tied(
    command: Sequence[str | Path], user: str = "", orphan_signal: signal.Signals = signal.SIGKILL
) -> list[str | Path]:
    """The command for a child process that does not outlive us; `user` is "" or whom it runs as."""
    return [sys.executable, "-I", TIED, str(os.getpid()), str(int(orphan_signal)), user, *command]


def _kill_group(leader: int) -> None:
    """Kills what a process started and left behind; each process leads a group of its own."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _spoken(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
