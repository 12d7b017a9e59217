"""How a fault is stood: people go on with what they do before, during and after it, and then all is right soon."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from deploy.stack import Stack
from tests.chaos.doings import until
from tests.chaos.faults import Fault

SECONDS = 12
RIGHT_WITHIN_SECONDS = 10.0


async def stood(stack: Stack, fault: Fault, doing: Coroutine[Any, Any, Any]) -> None:
    """Lets the fault befall the stack in the second third of what goes on for `SECONDS`; returns when that is over."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(doing)
        await until(began + SECONDS / 3)
        await fault(stack, SECONDS / 3)


async def right_again(wrongs: Callable[[], Awaitable[dict[str, Any]]]) -> float:
    """Seconds until nothing is wrong any more, which has to be soon once everything is quiet."""
    quiet_since = looked_at = time.monotonic()
    while wrong := await wrongs():
        looked_at = time.monotonic()
        assert looked_at < quiet_since + RIGHT_WITHIN_SECONDS, wrong
    return looked_at - quiet_since


async def all_of(*doing: Coroutine[Any, Any, Any]) -> None:
    """All of this at once; when one thing goes wrong, the others end."""
    async with asyncio.TaskGroup() as group:
        for one in doing:
            group.create_task(one)
