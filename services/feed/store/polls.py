"""Polls in PostgreSQL: which have ended, and what is left of votes when the post is gone."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.posts import Post
from services.feed.tables import marks, posts

Row = sa.Row[Any]


async def expect_end(tx: AsyncConnection, post: Post) -> None:
    """Marks that the end of a post's poll is to be told, when it comes; for a post without a poll, that none is."""
    end = post.poll.end_time if post.poll else None
    await tx.execute(sa.update(posts).where(posts.c.id == post.id).values(poll_due=end))


async def ended(tx: AsyncConnection, now: datetime, limit: int) -> list[Row]:
    """Marks that the ends of polls are told, and answers rows (id, version) of their posts, first ended first.

    Those that another transaction holds are left to it, or to the next time.
    """
    query = sa.select(posts.c.id).where(posts.c.poll_due <= now).order_by(posts.c.poll_due).limit(limit)
    due = query.with_for_update(skip_locked=True).cte("due")
    statement = sa.update(posts).where(posts.c.id == due.c.id)
    statement = statement.values(poll_due=None, version=posts.c.version + 1)
    return list(await tx.execute(statement.returning(posts.c.id, posts.c.version)))


async def by_ballots(tx: AsyncConnection, ballots: Collection[tuple[UUID, UUID]]) -> Sequence[Row]:
    """The voters' rows in `marks` of (post, ballot) pairs; a vote that was changed since is under another ballot."""
    if not ballots:
        return []
    pairs = sa.tuple_(marks.c.post, marks.c.ballot).in_(list(ballots))
    return list(await tx.execute(sa.select(marks).where(pairs)))


async def forget_votes(tx: AsyncConnection, post: UUID) -> None:
    """Drops what everybody voted in a post's poll."""
    voted = sa.update(marks).where(marks.c.post == post, marks.c.votes > 0)
    await tx.execute(voted.values(votes=0, ballot=None, version=marks.c.version + 1))
