"""Threads under articles, in pages: which the viewer sees, in which order, and where a comment stands among them.

A thread whose first comment is by somebody whom the viewer is not to meet is not seen at all. One whose first comment
is gone is seen for its replies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.blog.domain.comments import Comment, Order, Place, moment_of
from services.blog.store.articles import visible_article_clause
from services.blog.store.comments import (
    comment,
    shown_columns,
    standing_clause,
    under_articles,
    visible_comment_clause,
)
from services.blog.tables import articles, blogs
from services.blog.tables.comments import comments

_replies = comments.alias("replies")


@dataclass(frozen=True, slots=True)
class Thread:
    """The first comment of a thread, how many replies the viewer sees in it, and its rank in the order of the list."""

    top: Comment
    reply_count: int
    rank: int


async def page(
    tx: AsyncConnection, sight: Sight, article: UUID, order: Order, as_of: UUID, after: Place | None, limit: int
) -> list[Thread]:
    """Threads that follow on a place in an order, which is that of the moment in the id `as_of`."""
    threads, rank = _threads(sight, order, as_of)
    threads = threads.where(comments.c.article == article)
    if after is not None:
        threads = threads.where(_follows(rank, order, after))
    found = threads.order_by(*_ordering(rank, comments.c.id, order)).limit(limit).subquery("threads")
    # Replies are counted of the threads on the page alone.
    counted = _seen_replies(sight, found.c.id).with_only_columns(sa.func.count().label("seen")).lateral("counted")
    query = sa.select(found, sa.null().label("shown_reply_to"), counted.c.seen).join(counted, sa.true())
    rows = await tx.execute(query.order_by(*_ordering(found.c.rank, found.c.id, order)))
    return [Thread(comment(row), row.seen, row.rank) for row in rows]


def place(thread: Thread, as_of: UUID) -> Place:
    """Where a list goes on after a thread."""
    return Place(as_of, thread.rank, thread.top.id)


async def find(
    tx: AsyncConnection, sight: Sight, sought: Comment, order: Order, as_of: UUID, size: int
) -> tuple[int, Place | None]:
    """Which page of so many threads a comment's thread is on, from 0, and the place after which that page begins."""
    threads, rank = _threads(sight, order, as_of)
    number = sa.func.row_number().over(order_by=_ordering(rank, comments.c.id, order)).label("number")
    threads = threads.with_only_columns(comments.c.id, rank.label("rank"), number)
    numbered = threads.where(comments.c.article == sought.article).cte("numbered")
    mine = sa.select(numbered.c.number).where(numbered.c.id == sought.thread).scalar_subquery()
    before = mine - 1 - sa.func.mod(mine - 1, size)
    query = sa.select(numbered, before.label("before"))
    rows = list(await tx.execute(query.where(sa.or_(numbered.c.number == before, numbered.c.id == sought.thread))))
    places = {row.number: Place(as_of, row.rank, row.id) for row in rows}
    start = rows[0].before if rows else 0
    return start // size, places.get(start)


async def first_replies(tx: AsyncConnection, sight: Sight, threads: Sequence[UUID], size: int) -> list[Comment]:
    """The first replies of each of these threads, oldest first, at most so many of each."""
    if not threads or size < 1:
        return []
    wanted = sa.select(sa.func.unnest(sa.literal(list(threads), ARRAY(sa.Uuid))).label("id")).subquery("wanted")
    seen = _replies_in(sight).where(comments.c.thread == wanted.c.id).order_by(comments.c.id).limit(size)
    found = seen.lateral("found")
    rows = await tx.execute(sa.select(found).select_from(wanted.join(found, sa.true())).order_by(found.c.id))
    return [comment(row) for row in rows]


async def replies(tx: AsyncConnection, sight: Sight, thread: UUID, after: UUID | None, limit: int) -> list[Comment]:
    """The replies in a thread, oldest first."""
    query = _replies_in(sight).where(comments.c.thread == thread)
    if after is not None:
        query = query.where(comments.c.id > after)
    return [comment(row) for row in await tx.execute(query.order_by(comments.c.id).limit(limit))]


async def replies_before(tx: AsyncConnection, sight: Sight, reply: Comment) -> int:
    """How many replies stand before one in its thread."""
    query = under_articles(sa.select(sa.func.count()).select_from(comments))
    query = query.where(comments.c.thread == reply.thread, _IS_REPLY, comments.c.id < reply.id)
    return int((await tx.execute(query.where(visible_comment_clause(sight)))).scalar_one())


async def reply_at(tx: AsyncConnection, sight: Sight, thread: UUID, number: int) -> UUID | None:
    """The id of the reply with this number in a thread, from 0."""
    query = under_articles(sa.select(comments.c.id)).where(comments.c.thread == thread, _IS_REPLY)
    query = query.where(visible_comment_clause(sight)).order_by(comments.c.id).offset(number).limit(1)
    found: UUID | None = (await tx.execute(query)).scalar()
    return found


async def seen_thread(tx: AsyncConnection, sight: Sight, thread: UUID) -> Comment | None:
    """The first comment of a thread that the viewer sees, though there be nothing to see of it but its replies."""
    threads, _ = _threads(sight, Order.NEWEST, thread)
    row = (await tx.execute(threads.where(comments.c.id == thread))).first()
    return comment(row) if row else None


_IS_REPLY = comments.c.reply_to.is_not(None)


def _replies_in(sight: Sight) -> "sa.Select[Any]":
    return under_articles(shown_columns(sight)).where(_IS_REPLY, visible_comment_clause(sight))


def _threads(sight: Sight, order: Order, as_of: UUID) -> "tuple[sa.Select[Any], sa.ColumnElement[int]]":
    """First comments that the viewer sees, with their `rank` in the order, and that rank."""
    rank: sa.ColumnElement[int] = sa.literal(0, sa.Integer)
    query = sa.select(comments).join(articles, articles.c.id == comments.c.article)
    query = query.join(blogs, blogs.c.id == articles.c.blog).where(comments.c.reply_to.is_(None))
    query = query.where(visible_article_clause(sight), meetable_clause(sight, comments.c.author))
    query = query.where(sa.or_(standing_clause(sight, comments), _seen_replies(sight, comments.c.id).exists()))
    if order is Order.QUESTIONS_FIRST:
        rank = sa.cast(comments.c.question, sa.Integer)
    elif order is Order.MOST_DISCUSSED:
        ranked = _ranked(sight, as_of)
        rank = ranked.c.rank
        # What is newer would come among what was seen already.
        query = query.join(ranked, sa.true()).where(comments.c.id <= as_of)
    return query.add_columns(rank.label("rank")), rank


def _seen_replies(sight: Sight, thread: sa.ColumnElement[UUID]) -> "sa.Select[Any]":
    """The replies of the thread in a column that the viewer sees who sees the thread."""
    columns = _replies.c
    query = (
        sa.select(sa.literal(1)).select_from(_replies).where(columns.thread == thread, columns.reply_to.is_not(None))
    )
    return query.where(standing_clause(sight, _replies), meetable_clause(sight, columns.author))


def _ranked(sight: Sight, as_of: UUID) -> sa.FromClause:
    """By how many replies a thread is ranked: those that stood at `as_of`, though they be deleted since."""
    columns = _replies.c
    stood = sa.or_(columns.delete_time.is_(None), columns.delete_time > moment_of(as_of))
    shown = sa.and_(~columns.removed, sa.or_(~columns.hidden, columns.author == sight.viewer))
    query = sa.select(sa.cast(sa.func.count(), sa.Integer).label("rank")).select_from(_replies)
    query = query.where(columns.thread == comments.c.id, columns.reply_to.is_not(None), columns.id <= as_of)
    query = query.where(stood, shown, meetable_clause(sight, columns.author))
    return query.correlate(comments).lateral("ranked")


def _follows(rank: sa.ColumnElement[int], order: Order, after: Place) -> sa.ColumnElement[bool]:
    """Whether a thread follows on a place; by id alone where that is all that counts, which an index knows."""
    match order:
        case Order.OLDEST:
            return comments.c.id > after.thread
        case Order.NEWEST:
            return comments.c.id < after.thread
    return sa.tuple_(rank, comments.c.id) < (after.rank, after.thread)


def _ordering(
    rank: sa.ColumnElement[int], id_: sa.ColumnElement[UUID], order: Order
) -> tuple[sa.ColumnElement[Any], ...]:
    match order:
        case Order.OLDEST:
            return (id_.asc(),)
        case Order.NEWEST:
            return (id_.desc(),)
    return (rank.desc(), id_.desc())
