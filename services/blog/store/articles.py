"""Articles in PostgreSQL.

Readers see what is published; who may change an article also sees it before.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import RootColumns, meetable_clause, visible_clause
from services.blog.domain.articles import Article, State
from services.blog.domain.blogs import Role
from services.blog.store import rows
from services.blog.store.blogs import visible_blog_clause
from services.blog.tables import articles, blog_authors, blogs, drafts

Row = sa.Row[Any]
# Who came into a group later sees what came out since.
ROOT = RootColumns(
    articles.c.author,
    articles.c.kinds,
    sa.func.coalesce(articles.c.publish_time, sa.func.now()),
    articles.c.group_id,
    articles.c.hidden,
)


def visible_article_clause(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer may read the article in a row of `articles`, joined with its blog in `blogs`."""
    is_out = articles.c.state == int(State.PUBLISHED)
    return sa.and_(is_out, ~articles.c.removed, visible_clause(sight, ROOT), visible_blog_clause(sight))


def changeable_clause(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer sees the article in a row of `articles` as who writes or edits it, published or not."""
    role = sa.select(blog_authors.c.role).where(
        blog_authors.c.blog == articles.c.blog, blog_authors.c.person == sight.viewer
    )
    own = articles.c.author == sight.viewer
    edits = sa.and_(role.scalar_subquery() <= int(Role.EDITOR), meetable_clause(sight, articles.c.author))
    seen = sa.and_(visible_clause(sight, _AS_WRITER), visible_blog_clause(sight))
    return sa.and_(sa.or_(own, edits), ~articles.c.removed, seen)


# Kinds keep readers out, not who edits it; groups and barriers keep out everybody.
_AS_WRITER = RootColumns(
    articles.c.author, sa.cast(sa.literal("{}"), articles.c.kinds.type), ROOT.create_time, articles.c.group_id
)


def _joined() -> "sa.Select[Any]":
    query = sa.select(articles, drafts.c.title.label("draft_title"))
    return query.join(blogs, blogs.c.id == articles.c.blog).join(drafts, drafts.c.article == articles.c.id)


async def visible_article(tx: AsyncConnection, sight: Sight, article: UUID, *, lock: bool = False) -> Article | None:
    """A published article that the viewer may read. `lock` keeps others from changing it meanwhile."""
    query = _joined().where(articles.c.id == article, visible_article_clause(sight))
    if lock:
        query = query.with_for_update(of=articles)
    return _one((await tx.execute(query)).first())


async def known_article(tx: AsyncConnection, sight: Sight, article: UUID, *, lock: bool = False) -> Article | None:
    """An article that the viewer may read, or may change though it is not published."""
    known = sa.or_(visible_article_clause(sight), changeable_clause(sight))
    query = _joined().where(articles.c.id == article, known)
    if lock:
        query = query.with_for_update(of=articles)
    return _one((await tx.execute(query)).first())


async def visible_batch(tx: AsyncConnection, sight: Sight, ids: Sequence[UUID]) -> list[Article]:
    """Those of these published articles that the viewer may read, in no order."""
    query = _joined().where(articles.c.id.in_(ids), visible_article_clause(sight))
    return [rows.article(row) for row in await tx.execute(query)] if ids else []


async def locked(tx: AsyncConnection, article: UUID) -> Article | None:
    """An article, whoever may see it, locked."""
    query = _joined().where(articles.c.id == article).with_for_update(of=articles)
    return _one((await tx.execute(query)).first())


async def add(tx: AsyncConnection, article: Article) -> None:
    """Stores a new article; its draft comes after it."""
    await tx.execute(sa.insert(articles).values(rows.article_values(article)))


async def save(tx: AsyncConnection, article: Article) -> None:
    """Stores a changed article, which the transaction has locked."""
    await tx.execute(sa.update(articles).where(articles.c.id == article.id).values(rows.article_values(article)))


async def delete(tx: AsyncConnection, article: UUID) -> None:
    """Drops an article with all that hangs under it."""
    await tx.execute(sa.delete(articles).where(articles.c.id == article))


def _one(row: Row | None) -> Article | None:
    return rows.article(row) if row else None
