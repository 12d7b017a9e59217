"""Keeps telling those who listen what is new, until the process is about to stop."""

import asyncio
import logging

from chassis.events import Tail
from chassis.problems import Problem
from chassis.resources import Resources
from services.feed.domain.live import End
from services.feed.store.home_watching import KEPT_EVENTS, HomeWatching
from services.feed.store.inbox_watching import InboxWatching
from services.feed.store.watches import TICK_SECONDS

log = logging.getLogger(__name__)


# How soon it is noticed that an inbox changed.
LOOK_SECONDS = 1.0


async def keep_telling(resources: Resources) -> None:
    """Reads feed's log, looks after new streams and lets the wheels turn. At the end all streams say why they end."""
    homes, inboxes = resources.one(HomeWatching), resources.one(InboxWatching)
    tail = Tail(resources.events, resources.database, homes, back=KEPT_EVENTS)
    async with asyncio.TaskGroup() as tasks:
        for work in (_settle(homes), _look(inboxes), _beat(homes, inboxes)):
            tasks.create_task(work)
        await tail.run()
        homes.watches.end_all(End.SERVER_STOPS)
        inboxes.watches.end_all(End.SERVER_STOPS)


async def _settle(homes: HomeWatching) -> None:
    while True:
        try:
            await homes.settle()
        except Problem as problem:
            log.warning("New streams wait: %s", problem)


async def _look(inboxes: InboxWatching) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await inboxes.look()
        except Problem as problem:
            log.warning("Changed inboxes are not noticed: %s", problem)


async def _beat(homes: HomeWatching, inboxes: InboxWatching) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        homes.retry()
        homes.watches.beat()
        inboxes.watches.beat()
