"""What several calls want at the same time is done at once: many rows cost little more than one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

MOST = 64


class Together(Generic[Item, Outcome]):
    """Does for many callers at once what `work` does for a list: what comes while it works is the next list.

    So a lone caller waits for nobody, and a crowd shares; after a list of several it rests `pace_seconds`, so that more
    come together for the next. `work` answers with the outcomes of its items, in order.
    Should it fail, each item is tried alone, so that nobody fails because of another.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]], pace_seconds: float = 0) -> None:
        self._work = work
        self._pace_seconds = pace_seconds
        self._waiting: list[tuple[Item, asyncio.Future[Outcome]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Outcome:
        """The item's outcome. Who is cancelled meanwhile does not know whether it was done, as with any write."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, outcome))
        if self._worker is None:
            # In a context of its own: it works for all, and not until the deadline of whoever came first.
            self._worker = asyncio.get_running_loop().create_task(self._run(), context=Context())
        return await outcome

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._settle([(item, outcome) for item, outcome in batch if not outcome.done()])
                if len(batch) > 1:
                    await asyncio.sleep(self._pace_seconds)
        finally:
            self._worker = None

    async def _settle(self, batch: Sequence[tuple[Item, "asyncio.Future[Outcome]"]]) -> None:
        if not batch:
            return
        try:
            outcomes = await self._work([item for item, _ in batch])
        except Exception as error:
            if len(batch) == 1:
                _fail(batch[0][1], error)
                return
            for one in batch:
                await self._settle([one])
            return
        for (_, waiting), outcome in zip(batch, outcomes, strict=True):
            if not waiting.done():
                waiting.set_result(outcome)


def _fail(waiting: "asyncio.Future[Outcome]", error: Exception) -> None:
    if not waiting.done():
        waiting.set_exception(error)
