"""Articles that came out at any time, in the words that the tests use."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.testing import World
from tests.blog.caller import Caller

_COME_OUT = sa.text("UPDATE articles SET publish_time = :moment WHERE 'articles/' || id = :name")


async def publish(
    world: World,
    author: Caller,
    blog: str,
    title: str = "First",
    text: str = "Hello.",
    *,
    moment: datetime | None = None,
    **fields: Any,
) -> str:
    """Writes an article and lets it come out, now or as if it had been at another moment; its name."""
    article = await author.write(blog, title, text, **fields)
    if moment is not None:
        async with world.server.resources.database.transaction() as tx:
            await tx.execute(_COME_OUT, {"moment": moment, "name": article.name})
    return article.name
