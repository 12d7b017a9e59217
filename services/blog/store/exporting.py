"""What blog keeps of one person, for the person alone: pages in an order that does not change."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.blog.domain.articles import Article
from services.blog.domain.blogs import Blog
from services.blog.domain.drafts import Draft, Revision
from services.blog.store import drafts as draft_store
from services.blog.store import rows
from services.blog.store.articles import joined
from services.blog.tables import articles, blog_authors, blogs, drafts
from services.blog.tables.images import images
from services.blog.tables.revisions import draft_shares, revisions

Row = sa.Row[Any]


async def own_blogs(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[Blog]:
    """The blogs in which a person has a role or for which the person answers, oldest first."""
    roles = sa.select(blog_authors.c.blog).where(blog_authors.c.person == person)
    query = sa.select(blogs).where(sa.or_(blogs.c.owner == person, blogs.c.id.in_(roles)))
    if after is not None:
        query = query.where(blogs.c.id > after)
    return [rows.blog(row) for row in await tx.execute(query.order_by(blogs.c.id).limit(limit))]


async def own_articles(
    tx: AsyncConnection, person: UUID, after: UUID | None, limit: int
) -> list[tuple[Article, Draft]]:
    """What a person wrote, published or not, with its drafts, oldest first."""
    query = joined().where(articles.c.author == person)
    if after is not None:
        query = query.where(articles.c.id > after)
    found = [rows.article(row) for row in await tx.execute(query.order_by(articles.c.id).limit(limit))]
    of_them = sa.select(drafts).where(drafts.c.article.in_([article.id for article in found]))
    theirs = {row.article: draft_store.draft(row) for row in await tx.execute(of_them)} if found else {}
    return [(article, theirs[article.id]) for article in found]


async def own_revisions(
    tx: AsyncConnection, person: UUID, after: tuple[UUID, int] | None, limit: int
) -> list[Revision]:
    """What these articles said before, in their order, and in that of time."""
    key = sa.tuple_(revisions.c.article, revisions.c.number)
    query = sa.select(revisions).join(articles, articles.c.id == revisions.c.article).where(articles.c.author == person)
    if after is not None:
        query = query.where(key > after)
    query = query.order_by(revisions.c.article, revisions.c.number).limit(limit)
    return [draft_store.kept_revision(row) for row in await tx.execute(query)]


async def own_shares(
    tx: AsyncConnection, person: UUID, now: datetime, after: tuple[UUID, UUID] | None, limit: int
) -> list[Row]:
    """Rows of with whom the drafts of a person's articles are shared now."""
    query = sa.select(draft_shares).join(articles, articles.c.id == draft_shares.c.article)
    query = query.where(articles.c.author == person, draft_shares.c.expire_time > now)
    if after is not None:
        query = query.where(sa.tuple_(draft_shares.c.article, draft_shares.c.person) > after)
    query = query.order_by(draft_shares.c.article, draft_shares.c.person).limit(limit)
    return list(await tx.execute(query))


async def own_images(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """The images that a person brought and that are not about to be removed, oldest first."""
    query = sa.select(images.c.id).where(images.c.owner == person)
    query = query.where(sa.or_(images.c.remove_time.is_(None), images.c.remove_time > sa.func.now()))
    if after is not None:
        query = query.where(images.c.id > after)
    return list((await tx.execute(query.order_by(images.c.id).limit(limit))).scalars())
