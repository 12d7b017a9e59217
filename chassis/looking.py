"""Work that is found by looking for it: what is due by the clock, and what this process or another left to be done."""

import logging
from asyncio import sleep
from collections.abc import Awaitable, Callable

from chassis.database import Database
from chassis.problems import Problem

log = logging.getLogger(__name__)

# How long nobody looks while this process writes nothing: others may die and leave things undone.
IDLE_SECONDS = 2.0


async def keep_looking(
    database: Database,
    work: Callable[[], Awaitable[bool | None]],
    late_seconds: float,
    what: str,
    *,
    passing: tuple[type[Exception], ...] = (),
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Does `work` over and over until it is cancelled, at once again for as long as it answers that there may be more.

    Otherwise it is done again `late_seconds` after this process wrote something, and after `idle_seconds` anyhow. What
    goes wrong is logged and goes better the next time; problems and what is `passing` are nothing to wonder at. `what`
    begins that sentence.
    """
    expected: tuple[type[Exception], ...] = (Problem, *passing)
    while True:
        writes, more = database.writes, None
        try:
            more = await work()
        except expected as problem:
            log.warning("%s goes on later: %s", what, problem)
        except Exception:
            log.exception("%s failed for a reason that nobody foresaw", what)
        if not more:
            await sleep(late_seconds)
            await database.written_since(writes, idle_seconds - late_seconds)
