"""The life of a stack on this machine: checked, started, filled, kept running, stopped."""

import asyncio
import json
import os
import secrets
import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import grpc

from deploy import local
from deploy.demo.company import Person
from deploy.demo.load import load
from deploy.preflight import CannotStart, locked, require_folder, require_port, require_space
from deploy.secrets import write_secret
from deploy.stack import RunningProcess, Stack, forget
from deploy.supervisor import Kept, Process, Supervisor


@dataclass(frozen=True)
class Account:
    """Somebody of the demonstration company who can sign in; `kind` is of worker."""

    handle: str
    name: str
    title: str
    kind: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Demonstration:
    """What home/demo.json remembers of the demonstration company; all accounts have the same password."""

    people: int
    password: str
    accounts: tuple[Account, ...]


class Screen(Protocol):
    """Who is told how it goes."""

    def works(self, process: str) -> None: ...

    def loads(self, what: str, done: int, total: int) -> None: ...

    def ready(self, stack: Stack, demonstration: Demonstration | None) -> None: ...

    def stops(self) -> None: ...


async def run(home: Path, port: int, people: int, screen: Screen) -> None:
    """Runs the stack of a home until SIGINT, SIGTERM or SIGHUP; with people, loads that many on the first start.

    Raises CannotStart, after everything that was started has been stopped, and CancelledError when told to stop.
    """
    _cancel_on_signals()
    require_folder(home)
    with locked(home):
        plan = _plan(home, port)
        running = Running(plan, await asyncio.to_thread(local.processes, plan), screen)
        try:
            await running.start(people)
            await asyncio.Event().wait()
        finally:
            screen.stops()
            await running.stop()


class Running:
    """One running stack, and what others are told about it."""

    def __init__(self, plan: local.Plan, processes: Sequence[Process], screen: Screen) -> None:
        self._plan = plan
        self._screen = screen
        self._ready = False
        self._supervisor = Supervisor(processes, plan.home / "logs", self._changed)

    async def start(self, people: int) -> None:
        """Returns when everything works and the demonstration is in it."""
        await self._supervisor.start()
        demonstration = await _demonstration(self._stack(), people, self._screen)
        self._ready = True
        self._stack().write()
        self._screen.ready(self._stack(), demonstration)

    async def stop(self) -> None:
        await self._supervisor.stop()
        forget(self._plan.home)

    def _changed(self, kept: Kept) -> None:
        self._stack().write()
        if kept.started.is_set() and not kept.restarts:
            self._screen.works(kept.process.name)

    def _stack(self) -> Stack:
        return Stack(
            home=self._plan.home,
            port=self._plan.port,
            grpc_port=self._plan.port + 1,
            public_url=self._plan.public_url,
            supervisor_pid=os.getpid(),
            ready=self._ready,
            neighbours=self._plan.neighbours,
            processes=tuple(_running_process(kept) for kept in self._supervisor.kept.values()),
        )


def _running_process(kept: Kept) -> RunningProcess:
    process = kept.process
    return RunningProcess(process.name, kept.pid, process.address, process.probe, kept.restarts)


def _plan(home: Path, port: int) -> local.Plan:
    require_space(home)
    require_port(port)
    require_port(port + 1)
    plan = local.plan(home, port)
    plan.secrets.make(plan.services, plan.owned_apart)
    (home / "media").mkdir(exist_ok=True)
    return plan


async def _demonstration(stack: Stack, people: int, screen: Screen) -> Demonstration | None:
    file = stack.home / "demo.json"
    if file.is_file():
        remembered = json.loads(file.read_text())
        accounts = tuple(Account(**account) for account in remembered["accounts"])
        return Demonstration(remembered["people"], remembered["password"], accounts)
    if not people:
        return None
    demonstration = await _loaded(stack, people, secrets.token_urlsafe(12), screen)
    write_secret(file, json.dumps(asdict(demonstration), indent=2).encode())
    return demonstration


async def _loaded(stack: Stack, people: int, password: str, screen: Screen) -> Demonstration:
    neighbours = stack.as_operator()
    try:
        loaded = await load(neighbours, people, password=password, progress=screen.loads)
    except (ValueError, grpc.aio.AioRpcError) as error:
        said = error.details() if isinstance(error, grpc.aio.AioRpcError) else error
        raise CannotStart(f"The demonstration does not load: {said} (`plein up --empty` starts without it).") from error
    finally:
        await neighbours.close()
    return Demonstration(people, password, tuple(_account(person) for person in loaded.accounts))


def _account(person: Person) -> Account:
    name = f"{person.given_name} {person.family_name}"
    return Account(person.handle, name, person.title, person.kind, person.roles)


def _cancel_on_signals() -> None:
    """Cancels the running task once; a second signal does not disturb what the first one set in motion."""
    task = asyncio.current_task()

    def cancel() -> None:
        if task and not task.cancelling():
            task.cancel()

    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(sign, cancel)
