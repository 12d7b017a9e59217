"""What moderation decided on posts; what decides who sees articles and comments, as blog told it, and moderation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.posts import Post
from services.feed.tables import posts
from services.feed.tables.notifications import articles, hidden_subjects

Row = sa.Row[Any]

_SAVE_STATES = (
    sa.update(posts)
    .where(posts.c.id == sa.bindparam("post"))
    .values(hidden=sa.bindparam("is_hidden"), removed=sa.bindparam("is_removed"))
)


async def keep_article(
    tx: AsyncConnection,
    article: UUID,
    author: UUID,
    kinds: Sequence[int],
    group: UUID | None,
    now: datetime,
    blog: UUID | None = None,
) -> Row:
    """Keeps a new article; its row, which stays as it is when the article is known."""
    values: dict[str, Any] = {"id": article, "author": author, "blog": blog, "kinds": list(kinds)}
    values |= {"group_id": group, "create_time": now}
    statement = insert(articles).values(**values)
    statement = statement.on_conflict_do_update(index_elements=["id"], set_={"author": author})
    row: Row = (await tx.execute(statement.returning(articles))).one()
    return row


async def known_article(tx: AsyncConnection, article: UUID) -> Row | None:
    """An article's row, or None for one that blog did not tell of, or withdrew."""
    return (await tx.execute(sa.select(articles).where(articles.c.id == article))).first()


async def change_audience(tx: AsyncConnection, article: UUID, kinds: Sequence[int], group: UUID | None) -> None:
    """Keeps that others may see an article than before."""
    values = {"kinds": list(kinds), "group_id": group}
    await tx.execute(sa.update(articles).where(articles.c.id == article).values(**values))


async def decide(tx: AsyncConnection, subject: UUID, *, hidden: bool, removed: bool) -> bool:
    """Keeps that a blog, article or comment is hidden, removed, or neither any more; False when it was so already.

    It may not be known yet: moderation's log can be ahead of blog's.
    """
    if not hidden and not removed:
        return bool((await tx.execute(sa.delete(hidden_subjects).where(hidden_subjects.c.id == subject))).rowcount)
    statement = insert(hidden_subjects).values(id=subject, removed=removed)
    statement = statement.on_conflict_do_update(
        index_elements=["id"], set_={"removed": removed}, where=hidden_subjects.c.removed != removed
    )
    return (await tx.execute(statement.returning(hidden_subjects.c.id))).first() is not None


async def article_state(tx: AsyncConnection, article: Row) -> tuple[bool, bool]:
    """Whether moderators hid an article or its blog, and whether they removed one of these."""
    query = sa.select(hidden_subjects.c.removed).where(hidden_subjects.c.id.in_([article.id, article.blog]))
    found = (await tx.execute(query)).scalars().all()
    return False in found, True in found


async def articles_of_blog(tx: AsyncConnection, blog: UUID) -> list[UUID]:
    """The articles that are known of a blog."""
    return list((await tx.execute(sa.select(articles.c.id).where(articles.c.blog == blog))).scalars())


async def save_states(tx: AsyncConnection, changed: Sequence[Post]) -> None:
    """Stores whether moderators hid or removed many posts, which the transaction has locked."""
    if changed:
        rows = [{"post": post.id, "is_hidden": post.hidden, "is_removed": post.removed} for post in changed]
        await tx.execute(_SAVE_STATES, rows)


async def drop_article(tx: AsyncConnection, article: UUID) -> None:
    """Forgets an article."""
    await tx.execute(sa.delete(articles).where(articles.c.id == article))
