"""Comments and discussions in PostgreSQL, one by one; `threads` lists them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.blog.domain.comments import Comment, Discussion, Voice, Words
from services.blog.store.articles import visible_article_clause
from services.blog.tables import articles, blogs
from services.blog.tables.comments import comments, discussions

Row = sa.Row[Any]
Truth = sa.ColumnElement[bool]

tops = comments.alias("tops")
_answered = comments.alias("answered")


def standing_clause(sight: Sight, table: sa.FromClause) -> Truth:
    """Whether there is something to see of a comment for a viewer who may meet its author."""
    columns = table.c
    shown = sa.or_(~columns.hidden, columns.author == sight.viewer)
    return sa.and_(columns.delete_time.is_(None), ~columns.removed, shown)


def visible_comment_clause(sight: Sight) -> Truth:
    """Whether the viewer may see a comment in a row of `comments`, joined as `under_articles` does.

    It is decided on the article, on its own author and state, and on the author of the comment at the top.
    """
    met = sa.and_(meetable_clause(sight, comments.c.author), meetable_clause(sight, tops.c.author))
    return sa.and_(visible_article_clause(sight), standing_clause(sight, comments), met)


def under_articles(query: "sa.Select[Any]") -> "sa.Select[Any]":
    """A query of comments with their articles and blogs, on which they are decided, and the tops of their threads."""
    query = query.join(tops, tops.c.id == comments.c.thread).join(articles, articles.c.id == comments.c.article)
    return query.join(blogs, blogs.c.id == articles.c.blog)


def shown_columns(sight: Sight) -> "sa.Select[Any]":
    """Comments as their viewer sees them: `shown_reply_to` is the thread's top where the answered one is not seen."""
    seen = sa.and_(standing_clause(sight, _answered), meetable_clause(sight, _answered.c.author))
    nearest = sa.case((seen, _answered.c.id), (comments.c.reply_to.is_not(None), comments.c.thread))
    query = sa.select(comments, nearest.label("shown_reply_to"))
    return query.outerjoin(_answered, _answered.c.id == comments.c.reply_to)


def among(column: "sa.ColumnElement[UUID]", ids: Sequence[UUID]) -> Truth:
    """Whether a column is one of these ids, which are one parameter: a thousand would cost more than the answer."""
    return column == sa.any_(sa.literal(list(ids), ARRAY(sa.Uuid)))


async def visible_comment(tx: AsyncConnection, sight: Sight, id_: UUID, *, lock: bool = False) -> Comment | None:
    """A comment that the viewer may see. `lock` keeps others from changing it meanwhile."""
    query = under_articles(shown_columns(sight)).where(comments.c.id == id_, visible_comment_clause(sight))
    if lock:
        query = query.with_for_update(of=comments)
    return _one((await tx.execute(query)).first())


async def visible_comments(tx: AsyncConnection, sight: Sight, ids: Sequence[UUID]) -> list[Comment]:
    """Those of these comments that the viewer may see, in no order."""
    query = under_articles(shown_columns(sight)).where(among(comments.c.id, ids), visible_comment_clause(sight))
    return [comment(row) for row in await tx.execute(query)] if ids else []


async def visible_count(tx: AsyncConnection, sight: Sight, article: UUID) -> int:
    """How many comments on an article the viewer sees."""
    query = under_articles(sa.select(sa.func.count()).select_from(comments))
    return int(
        (await tx.execute(query.where(comments.c.article == article, visible_comment_clause(sight)))).scalar_one()
    )


async def deletable(tx: AsyncConnection, sight: Sight, id_: UUID) -> Comment | None:
    """A comment that the viewer may see, or deleted before, locked."""
    own = sa.and_(comments.c.author == sight.viewer, comments.c.delete_time.is_not(None))
    deleted = sa.and_(own, visible_article_clause(sight), meetable_clause(sight, tops.c.author))
    query = under_articles(sa.select(comments)).where(comments.c.id == id_)
    query = query.where(sa.or_(visible_comment_clause(sight), deleted)).with_for_update(of=comments)
    return _one((await tx.execute(query)).first())


async def any_comment(tx: AsyncConnection, id_: UUID) -> Comment | None:
    """A comment, whoever may see it."""
    return _one((await tx.execute(sa.select(comments).where(comments.c.id == id_))).first())


async def locked(tx: AsyncConnection, id_: UUID) -> Comment | None:
    """A comment, whoever may see it, locked."""
    return _one((await tx.execute(sa.select(comments).where(comments.c.id == id_).with_for_update())).first())


async def add(tx: AsyncConnection, new: Comment) -> None:
    """Stores a new comment."""
    await tx.execute(sa.insert(comments).values(values(new)))


async def save(tx: AsyncConnection, changed: Comment) -> None:
    """Stores a changed comment, which the transaction has locked."""
    kept = {name: value for name, value in values(changed).items() if name not in _KEPT}
    await tx.execute(sa.update(comments).where(comments.c.id == changed.id).values(kept))


async def discussion(tx: AsyncConnection, article: UUID, *, lock: bool = False) -> Discussion:
    """The discussion of an article. `lock` lets nobody else write, close or open it meanwhile."""
    query = sa.select(discussions).where(discussions.c.article == article)
    if lock:
        new = insert(discussions).values(article=article, version=0).on_conflict_do_nothing()
        await tx.execute(new)
        query = query.with_for_update()
    row = (await tx.execute(query)).first()
    return Discussion(row.article, row.closed_by, row.close_time, row.version) if row else Discussion(article)


async def save_discussion(tx: AsyncConnection, changed: Discussion) -> None:
    """Stores a changed discussion, which the transaction has locked."""
    stored = {"closed_by": changed.closed_by, "close_time": changed.close_time, "version": changed.version}
    await tx.execute(sa.update(discussions).where(discussions.c.article == changed.article).values(stored))


async def own_comments(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[Comment]:
    """The comments of a person that stand, oldest first, for the person alone."""
    query = sa.select(comments).where(comments.c.author == person, comments.c.delete_time.is_(None))
    if after is not None:
        query = query.where(comments.c.id > after)
    return [comment(row) for row in await tx.execute(query.order_by(comments.c.id).limit(limit))]


def comment(row: Row) -> Comment:
    """A row as a comment; with the column `shown_reply_to` that is what it answers."""
    return Comment(
        id=row.id,
        article=row.article,
        author=row.author,
        words=Words(row.text, row.html, row.plain_text, tuple(row.mentions)),
        thread=row.thread,
        create_time=row.create_time,
        reply_to=getattr(row, "shown_reply_to", row.reply_to),
        depth=row.depth,
        voice=Voice(row.voice),
        question=row.question,
        hidden=row.hidden,
        removed=row.removed,
        reaction_counts=tuple(row.reaction_counts),
        edit_time=row.edit_time,
        delete_time=row.delete_time,
        revision=row.revision,
        version=row.version,
    )


def values(domain: Comment) -> dict[str, Any]:
    """A comment's columns."""
    words = domain.words
    return {
        "id": domain.id,
        "article": domain.article,
        "author": domain.author,
        "text": words.text,
        "html": words.html,
        "plain_text": words.plain_text,
        "mentions": list(words.mentions),
        "thread": domain.thread,
        "reply_to": domain.reply_to,
        "depth": domain.depth,
        "voice": int(domain.voice),
        "question": domain.question,
        "hidden": domain.hidden,
        "removed": domain.removed,
        "reaction_counts": list(domain.reaction_counts),
        "create_time": domain.create_time,
        "edit_time": domain.edit_time,
        "delete_time": domain.delete_time,
        "revision": domain.revision,
        "version": domain.version,
    }


# What no change of a comment changes.
_KEPT = ("id", "article", "thread", "reply_to", "depth", "voice", "question", "create_time")


def _one(row: Row | None) -> Comment | None:
    return comment(row) if row else None
