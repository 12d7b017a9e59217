"""What can befall the processes of a stack on one machine. Each fault begins, lasts a while, and is over."""

import os
import signal
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import redis.asyncio

from deploy.stack import Stack
from tests.chaos.crowd import pid_of
from tests.chaos.doings import until

Fault = Callable[[Stack, float], Coroutine[Any, Any, None]]

# Of each twentieth of a second Valkey works so much when it is slow: nearly every answer waits for the next.
SLICE_SECONDS, WORKING_SECONDS = 0.05, 0.003


def killed(name: str) -> Fault:
    """SIGKILL, to PostgreSQL's own children as well; twice, for what was started anew has more to catch up with."""

    async def kill_twice(stack: Stack, seconds: float) -> None:
        _kill(stack.home, name)
        await until(time.monotonic() + seconds)
        _kill(stack.home, name)

    return kill_twice


def frozen(name: str) -> Fault:
    """It keeps its connections and answers nothing."""

    async def freeze(stack: Stack, seconds: float) -> None:
        pid = pid_of(stack.home, name)
        os.kill(pid, signal.SIGSTOP)
        try:
            await until(time.monotonic() + seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    return freeze


async def slow(stack: Stack, seconds: float) -> None:
    """Valkey works for a few milliseconds of each twentieth of a second."""
    pid, end = pid_of(stack.home, "valkey"), time.monotonic() + seconds
    try:
        while (now := time.monotonic()) < end:
            os.kill(pid, signal.SIGCONT)
            await until(now + WORKING_SECONDS)
            os.kill(pid, signal.SIGSTOP)
            await until(now + SLICE_SECONDS)
    finally:
        os.kill(pid, signal.SIGCONT)


async def full(stack: Stack, seconds: float) -> None:
    """Valkey refuses all that needs memory, and drops nothing for it."""
    address = next(process.address for process in stack.processes if process.name == "valkey")
    password = stack.secrets.valkey_password.read_text()
    async with redis.asyncio.from_url(f"redis://:{password}@{address}/0") as valkey:
        names = ("maxmemory", "maxmemory-policy")
        before = {name: (await valkey.config_get(name))[name] for name in names}
        await valkey.config_set("maxmemory-policy", "noeviction")
        await valkey.config_set("maxmemory", "1")
        await until(time.monotonic() + seconds)
        for name, value in before.items():
            await valkey.config_set(name, str(value))


FAULTS: dict[str, Fault] = {
    "feed killed": killed("feed"),
    "valkey killed": killed("valkey"),
    "postgres killed": killed("postgres"),
    "valkey frozen": frozen("valkey"),
    "valkey slow": slow,
    "valkey full": full,
}


def _kill(home: Path, name: str) -> None:
    pid = pid_of(home, name)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for victim in [pid, *map(int, children)]:
        os.kill(victim, signal.SIGKILL)
