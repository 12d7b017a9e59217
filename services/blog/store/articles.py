"""Articles in PostgreSQL.

Readers see what is published; who may change an article also sees it before. Statements join `articles` with `blogs`,
since what is hidden with its blog is read by nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import RootColumns, meetable_clause, visible_clause
from services.blog.domain.articles import Article, State
from services.blog.domain.blogs import Role
from services.blog.domain.subscriptions import Sort
from services.blog.store import rows
from services.blog.store.blogs import role_clause, visible_blog_clause
from services.blog.tables import articles, blogs, drafts
from services.blog.tables.subscriptions import subscriptions

Row = sa.Row[Any]
# Who came into a group later sees what came out since.
_CAME_OUT = sa.func.coalesce(articles.c.publish_time, sa.func.now())
ROOT = RootColumns(
    articles.c.author, articles.c.kinds, _CAME_OUT, articles.c.group_id, articles.c.hidden, articles.c.removed
)
# Kinds keep readers out, not who works at it or is asked to look; groups and barriers keep out everybody.
_FOR_ANY_KIND = RootColumns(
    articles.c.author,
    sa.cast(sa.literal("{}"), ARRAY(sa.SmallInteger)),
    _CAME_OUT,
    articles.c.group_id,
    removed=articles.c.removed,
)


def visible_article_clause(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer may read the article in a row of `articles`, joined with its blog in `blogs`.

    Who edits a blog reads all that is in it, whoever blocks whom.
    """
    is_out, meant = articles.c.state == int(State.PUBLISHED), visible_clause(sight, ROOT)
    if sight.apart:
        edited = sa.and_(role_clause(sight, Role.EDITOR), visible_clause(sight.despite_blocks(), ROOT))
        meant = sa.or_(meant, edited)
    return sa.and_(is_out, meant, visible_blog_clause(sight))


def changeable_clause(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer sees the article in such a row as who writes or edits it, published or not."""
    own, despite_blocks = articles.c.author == sight.viewer, sight.despite_blocks()
    edits = sa.and_(role_clause(sight, Role.EDITOR), meetable_clause(despite_blocks, articles.c.author))
    return sa.and_(sa.or_(own, edits), draft_clause(despite_blocks), visible_blog_clause(sight))


def draft_clause(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether nothing keeps the viewer from the article in such a row, whatever kinds of worker it is for."""
    return visible_clause(sight, _FOR_ANY_KIND)


def joined() -> "sa.Select[Any]":
    """Articles with their blogs, and with what their drafts are called."""
    query = sa.select(articles, drafts.c.title.label("draft_title"))
    return query.join(blogs, blogs.c.id == articles.c.blog).join(drafts, drafts.c.article == articles.c.id)


async def visible_article(tx: AsyncConnection, sight: Sight, article: UUID, *, lock: bool = False) -> Article | None:
    """A published article that the viewer may read. `lock` keeps others from changing it meanwhile."""
    query = joined().where(articles.c.id == article, visible_article_clause(sight))
    return await _one(tx, query, lock)


async def changeable_article(tx: AsyncConnection, sight: Sight, article: UUID, *, lock: bool = False) -> Article | None:
    """An article that the viewer writes or edits, published or not."""
    return await _one(tx, joined().where(articles.c.id == article, changeable_clause(sight)), lock)


async def known_article(tx: AsyncConnection, sight: Sight, article: UUID, *, lock: bool = False) -> Article | None:
    """An article that the viewer may read, or may change though it is not published."""
    known = sa.or_(visible_article_clause(sight), changeable_clause(sight))
    return await _one(tx, joined().where(articles.c.id == article, known), lock)


async def visible_by_end(tx: AsyncConnection, sight: Sight, end: str) -> Article | None:
    """A published article that the viewer may read, by the end of its address."""
    # In the words of the index that finds it.
    ends = sa.literal_column("right(articles.id::text, 12)") == end
    return await _one(tx, joined().where(ends, visible_article_clause(sight)), lock=False)


async def visible_batch(tx: AsyncConnection, sight: Sight, ids: Sequence[UUID]) -> list[Article]:
    """Those of these published articles that the viewer may read, in no order."""
    query = joined().where(articles.c.id.in_(ids), visible_article_clause(sight))
    return [rows.article(row) for row in await tx.execute(query)] if ids else []


async def visible_articles(
    tx: AsyncConnection,
    sight: Sight,
    *,
    blog: UUID | None,
    author: UUID | None,
    tag: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
    subscribed: bool = False,
) -> list[Article]:
    """Published articles that the viewer may read, those that came out last first."""
    query = joined().where(visible_article_clause(sight))
    if blog is not None:
        query = query.where(articles.c.blog == blog)
    if author is not None:
        query = query.where(articles.c.author == author)
    if tag is not None:
        query = query.where(articles.c.tags.contains([tag]))
    if subscribed:
        query = query.where(_subscribed_clause(sight))
    if before is not None:
        query = query.where(sa.tuple_(articles.c.publish_time, articles.c.id) < before)
    query = query.order_by(articles.c.publish_time.desc(), articles.c.id.desc()).limit(limit)
    return [rows.article(row) for row in await tx.execute(query)]


def _subscribed_clause(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer subscribed to the blog, to the author or to a tag of an article in such a row."""
    mine = subscriptions.c

    def values(sort: Sort) -> "sa.Select[Any]":
        value = sa.func.substr(mine.target, len(sort) + 2)
        return sa.select(value).where(mine.person == sight.viewer, mine.target.startswith(f"{sort}/"))

    tags = sa.func.array(values(Sort.TAG).scalar_subquery(), type_=ARRAY(sa.Text))
    return sa.or_(
        sa.cast(articles.c.blog, sa.Text).in_(values(Sort.BLOG)),
        sa.cast(articles.c.author, sa.Text).in_(values(Sort.AUTHOR)),
        articles.c.tags.overlap(tags),
    )


async def visible_of_series(tx: AsyncConnection, sight: Sight, series: UUID) -> list[UUID]:
    """The articles of a series that the viewer may read or change, in their order."""
    known = sa.or_(visible_article_clause(sight), changeable_clause(sight))
    query = sa.select(articles.c.id).join(blogs, blogs.c.id == articles.c.blog)
    query = query.where(articles.c.series == series, known).order_by(articles.c.series_place, articles.c.id)
    return list((await tx.execute(query)).scalars())


async def changeable_ids(tx: AsyncConnection, sight: Sight, blog: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these articles that stand in a blog and that the viewer may read or change."""
    known = sa.or_(visible_article_clause(sight), changeable_clause(sight))
    query = sa.select(articles.c.id).join(blogs, blogs.c.id == articles.c.blog)
    return set((await tx.execute(query.where(articles.c.blog == blog, articles.c.id.in_(ids), known))).scalars())


async def place_in_series(tx: AsyncConnection, series: UUID, before: Sequence[UUID], ids: Sequence[UUID]) -> None:
    """Lets `ids` stand in a series in this order, and those of the articles `before` that are none of them no more."""
    gone = set(before) - set(ids)
    await tx.execute(sa.update(articles).where(articles.c.id.in_(gone)).values(series=None, series_place=None))
    places = sa.func.array_position(sa.cast(list(ids), ARRAY(sa.Uuid)), articles.c.id)
    if ids:
        within = sa.update(articles).where(articles.c.id.in_(ids))
        await tx.execute(within.values(series=series, series_place=places))


async def due(tx: AsyncConnection, now: datetime, limit: int) -> list[UUID]:
    """Articles that are to be published by now, those that wait longest first."""
    query = sa.select(articles.c.id).where(articles.c.schedule_time <= now).order_by(articles.c.schedule_time)
    return list((await tx.execute(query.limit(limit))).scalars())


async def locked_if_due(tx: AsyncConnection, article: UUID, now: datetime) -> Article | None:
    """An article that is to be published by now, locked; None when another process is at it, or was."""
    query = joined().where(articles.c.id == article, articles.c.schedule_time <= now)
    row = (await tx.execute(query.with_for_update(of=articles, skip_locked=True))).first()
    return rows.article(row) if row else None


async def locked(tx: AsyncConnection, article: UUID) -> Article | None:
    """An article, whoever may see it, locked."""
    return await _one(tx, joined().where(articles.c.id == article), lock=True)


async def any_article(tx: AsyncConnection, article: UUID) -> Article | None:
    """An article, whoever may see it."""
    return await _one(tx, joined().where(articles.c.id == article), lock=False)


async def add(tx: AsyncConnection, article: Article) -> None:
    """Stores a new article; its draft comes after it."""
    await tx.execute(sa.insert(articles).values(rows.article_values(article)))


async def save(tx: AsyncConnection, article: Article) -> None:
    """Stores a changed article, which the transaction has locked."""
    await tx.execute(sa.update(articles).where(articles.c.id == article.id).values(rows.article_values(article)))


async def delete(tx: AsyncConnection, article: UUID) -> None:
    """Drops an article with all that hangs under it."""
    await tx.execute(sa.delete(articles).where(articles.c.id == article))


async def _one(tx: AsyncConnection, query: "sa.Select[Any]", lock: bool) -> Article | None:
    row = (await tx.execute(query.with_for_update(of=articles) if lock else query)).first()
    return rows.article(row) if row else None
