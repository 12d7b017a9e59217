"""What pages of comments cost: of an article with a thousand, beside one with a hundred, and all thousand at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Any

from sqlalchemy import text

from chassis.testing import World
from services.blog.service import SERVICE
from tests.bench.alone import alone
from tests.bench.figures import Figure, Figures, p, show
from tests.blog.caller import Caller
from tests.blog.talking import Talker, listing, published, write_many

ORDERS = ("NEWEST", "MOST_DISCUSSED")
FEW, MANY, REPLIES, ROUNDS = 10, 100, 9, 100
SIZE, FIRST_REPLIES = 20, 5


async def measure(found: Figures) -> None:
    """A reader goes to the first page in two orders, and takes all comments at once."""
    async with alone(SERVICE) as world:
        author = Talker(Caller(world, await world.person("author")))
        reader = Talker(Caller(world, await world.person("reader")))
        little, much = [await _article(world, author, threads) for threads in (FEW, MANY)]
        for order in ORDERS:
            few, many = await _timed(
                *(_asking(reader, article, order, SIZE, FIRST_REPLIES) for article in (little, much))
            )
            name = f"comment page of 20 threads, {order.lower().replace('_', ' ')} first, 1,000 comments"
            found[f"{name}, p50"] = Figure(p(many, 50) * 1000, "ms")
            found[f"{name} / 100"] = Figure(median(many) / median(few), "x at most", 1.5)
        page, whole = await _timed(
            _asking(reader, much, "NEWEST", SIZE, FIRST_REPLIES), _asking(reader, much, "NEWEST", MANY, REPLIES)
        )
        found["comment page of 1,000 comments, p50"] = Figure(p(whole, 50) * 1000, "ms")
        found["comment page of 1,000 comments / of 120"] = Figure(median(whole) / median(page), "x at most", 5)


async def _article(world: World, author: Talker, threads: int) -> str:
    article = await published(author.caller)
    await write_many(world, author, article, threads=threads, replies=REPLIES)
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text("ANALYZE comments"))
    return article


def _asking(reader: Talker, article: str, order: str, size: int, replies: int) -> Callable[[], Awaitable[Any]]:
    async def ask() -> Any:
        return await reader.comments.ListComments(listing(article, order, size=size, replies=replies))

    return ask


async def _timed(*asks: Callable[[], Awaitable[Any]]) -> list[Sequence[float]]:
    """Seconds of each, in turn, so that whatever else the machine does falls on all of them."""
    times: list[list[float]] = [[] for _ in asks]
    for _ in range(ROUNDS):
        for ask, seconds in zip(asks, times, strict=True):
            began = time.perf_counter()
            await ask()
            seconds.append(time.perf_counter() - began)
    return [seconds[ROUNDS // 10 :] for seconds in times]


async def main() -> None:
    found: Figures = {}
    await measure(found)
    show(found)


if __name__ == "__main__":
    asyncio.run(main())
