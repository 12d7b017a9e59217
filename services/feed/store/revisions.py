"""What posts said before they were changed, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.posts import Post
from services.feed.tables import post_revisions

Row = sa.Row[Any]


async def keep(tx: AsyncConnection, post: Post) -> None:
    """Keeps what a post says now, before it says something else."""
    values = {
        "post": post.id,
        "revision": post.revision,
        "create_time": post.edit_time or post.create_time,
        "text": post.text,
        "tags": list(post.tags),
        "image_alt_texts": [image.alt_text for image in post.images],
        "poll_choices": list(post.poll.choices) if post.poll else [],
    }
    await tx.execute(sa.insert(post_revisions).values(values))


async def newest(tx: AsyncConnection, post: UUID, before: int | None, limit: int) -> list[Row]:
    """What a post, which the caller may see, said before a revision, newest first."""
    query = sa.select(post_revisions).where(post_revisions.c.post == post)
    if before is not None:
        query = query.where(post_revisions.c.revision < before)
    return list(await tx.execute(query.order_by(post_revisions.c.revision.desc()).limit(limit)))


async def lost_tags(tx: AsyncConnection, found: Sequence[Post]) -> set[str]:
    """The tags that any of these posts once had and has no more."""
    query = sa.select(post_revisions.c.post, post_revisions.c.tags)
    rows = await tx.execute(query.where(post_revisions.c.post.in_([post.id for post in found])))
    standing = {post.id: post.tags for post in found}
    return {tag for row in rows for tag in row.tags if tag not in standing[row.post]}


async def forget(tx: AsyncConnection, post: UUID) -> None:
    """Drops all that a post ever said."""
    await tx.execute(sa.delete(post_revisions).where(post_revisions.c.post == post))
