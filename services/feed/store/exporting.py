"""What feed keeps of one person, for the person alone: pages in an order that does not change."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.tables import follows, marks, post_revisions
from services.feed.tables import posts as table
from services.feed.tables.cards import card_followers

Row = sa.Row[Any]


async def own_posts(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """The posts of a person that stand and that the person sees, oldest first."""
    query = sa.select(table.c.id).where(table.c.author == person, table.c.delete_time.is_(None), ~table.c.removed)
    if after is not None:
        query = query.where(table.c.id > after)
    return list((await tx.execute(query.order_by(table.c.id).limit(limit))).scalars())


async def own_revisions(tx: AsyncConnection, person: UUID, after: tuple[UUID, int] | None, limit: int) -> list[Row]:
    """What these posts said before, in the order of the posts, and of time."""
    key = sa.tuple_(post_revisions.c.post, post_revisions.c.revision)
    query = sa.select(post_revisions).join(table, table.c.id == post_revisions.c.post)
    query = query.where(table.c.author == person, table.c.delete_time.is_(None), ~table.c.removed)
    if after is not None:
        query = query.where(key > after)
    query = query.order_by(post_revisions.c.post, post_revisions.c.revision).limit(limit)
    return list(await tx.execute(query))


async def own_marks(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[Row]:
    """Rows of what a person did with posts and did not take back, in the order of the posts."""
    done = sa.or_(marks.c.reaction > 0, marks.c.bookmark_time.is_not(None), marks.c.votes > 0)
    query = sa.select(marks).where(marks.c.person == person, done)
    if after is not None:
        query = query.where(marks.c.post > after)
    return list(await tx.execute(query.order_by(marks.c.post).limit(limit)))


async def own_follows(tx: AsyncConnection, person: UUID, before: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """Rows (followee, create_time) of whom a person follows, newest first."""
    query = sa.select(follows.c.followee, follows.c.create_time).where(follows.c.follower == person, follows.c.active)
    if before is not None:
        query = query.where(sa.tuple_(follows.c.create_time, follows.c.followee) < before)
    query = query.order_by(follows.c.create_time.desc(), follows.c.followee.desc()).limit(limit)
    return list(await tx.execute(query))


async def own_card_follows(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[Row]:
    """Rows (post, create_time) of the cards that a person follows."""
    query = sa.select(card_followers.c.post, card_followers.c.create_time).where(card_followers.c.person == person)
    if after is not None:
        query = query.where(card_followers.c.post > after)
    return list(await tx.execute(query.order_by(card_followers.c.post).limit(limit)))
