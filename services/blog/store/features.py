"""What editors feature."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.blog.domain.articles import Article
from services.blog.domain.features import Feature
from services.blog.store import rows
from services.blog.store.articles import visible_article_clause
from services.blog.tables import articles, blogs
from services.blog.tables.discovery import features

Row = sa.Row[Any]
_LOCK = sa.text("LOCK TABLE features IN SHARE ROW EXCLUSIVE MODE")
_WITH_BLOG = articles.join(blogs, blogs.c.id == articles.c.blog)
# Where a list of what is featured goes on: place, begin, id.
Place = tuple[int, datetime, UUID]


async def lock(tx: AsyncConnection) -> None:
    """Keeps other editors from changing features until this transaction ends; readers go on."""
    await tx.execute(_LOCK)


async def add(tx: AsyncConnection, feature: Feature) -> None:
    """Stores a new feature."""
    await tx.execute(sa.insert(features).values(_values(feature)))


async def save(tx: AsyncConnection, feature: Feature) -> None:
    """Stores a changed feature."""
    await tx.execute(sa.update(features).where(features.c.id == feature.id).values(_values(feature)))


async def delete(tx: AsyncConnection, feature: UUID) -> None:
    """Forgets a feature."""
    await tx.execute(sa.delete(features).where(features.c.id == feature))


async def visible_feature(tx: AsyncConnection, sight: Sight, feature: UUID) -> Feature | None:
    """A feature of an article that the viewer may see."""
    joined = features.join(_WITH_BLOG, articles.c.id == features.c.article)
    query = sa.select(features).select_from(joined).where(features.c.id == feature, visible_article_clause(sight))
    row = (await tx.execute(query)).first()
    return from_row(row) if row else None


async def visible_features(tx: AsyncConnection, sight: Sight, before: UUID | None, limit: int) -> list[Feature]:
    """All features of articles that the viewer may see, newest first."""
    joined = features.join(_WITH_BLOG, articles.c.id == features.c.article)
    query = sa.select(features).select_from(joined).where(visible_article_clause(sight))
    if before is not None:
        query = query.where(features.c.id < before)
    return [from_row(row) for row in await tx.execute(query.order_by(features.c.id.desc()).limit(limit))]


async def overlapping(tx: AsyncConnection, feature: Feature) -> list[Feature]:
    """The features that are shown at a moment at which this one is."""
    query = sa.select(features).where(sa.or_(features.c.end_time.is_(None), features.c.end_time > feature.begin_time))
    if feature.end_time is not None:
        query = query.where(features.c.begin_time < feature.end_time)
    return [from_row(row) for row in await tx.execute(query)]


async def visible_featured(
    tx: AsyncConnection, sight: Sight, now: datetime, after: Place | None, limit: int
) -> list[tuple[Place, Article]]:
    """What is featured now and the viewer may see, in the editors' order, after a place."""
    own = features.c
    joined = features.join(_WITH_BLOG, articles.c.id == own.article)
    query = sa.select(own.position, own.begin_time, own.id.label("feature"), articles).select_from(joined)
    shown = own.begin_time <= now, sa.or_(own.end_time.is_(None), own.end_time > now)
    query = query.where(*shown, visible_article_clause(sight))
    if after is not None:
        position, begin_time, id_ = after
        earlier = sa.tuple_(own.begin_time, own.id) < (begin_time, id_)
        query = query.where(sa.or_(own.position > position, sa.and_(own.position == position, earlier)))
    query = query.order_by(own.position, own.begin_time.desc(), own.id.desc()).limit(limit)
    found = await tx.execute(query)
    return [((row.position, row.begin_time, row.feature), rows.article(row)) for row in found]


def from_row(row: Row) -> Feature:
    """A row as a feature."""
    return Feature(**{column.name: getattr(row, column.name) for column in features.c})


def _values(feature: Feature) -> dict[str, Any]:
    return {column.name: getattr(feature, column.name) for column in features.c}
