"""Drafts, what they said before, and who may look at them, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.blog.domain.articles import Article, Content, State
from services.blog.domain.drafts import Draft, Revision
from services.blog.store import articles, rows
from services.blog.tables import articles as article_table
from services.blog.tables import drafts
from services.blog.tables.revisions import draft_shares, revisions

Row = sa.Row[Any]


async def add(tx: AsyncConnection, draft: Draft) -> None:
    """Stores the draft of a new article."""
    await tx.execute(sa.insert(drafts).values(_values(draft)))


async def save(tx: AsyncConnection, saved: Draft) -> None:
    """Stores what a draft says now; the transaction has locked it."""
    await tx.execute(sa.update(drafts).where(drafts.c.article == saved.article).values(_values(saved)))


async def of_article(tx: AsyncConnection, article: UUID, *, lock: bool = False) -> Draft:
    """The draft of an article that there is, whoever may see it. `lock` keeps others from saving meanwhile."""
    query = sa.select(drafts).where(drafts.c.article == article)
    return draft((await tx.execute(query.with_for_update() if lock else query)).one())


async def changeable_of_blog(
    tx: AsyncConnection, sight: Sight, blog: UUID | None, before: UUID | None, limit: int
) -> list[tuple[Article, Draft]]:
    """Articles of a blog, or of all, whose draft the viewer may change and readers do not see so, newest first."""
    new = sa.or_(article_table.c.state != int(State.PUBLISHED), drafts.c.revision != article_table.c.published_revision)
    query = articles.joined().where(new, articles.changeable_clause(sight))
    if blog is not None:
        query = query.where(article_table.c.blog == blog)
    if before is not None:
        query = query.where(article_table.c.id < before)
    found = list(await tx.execute(query.order_by(article_table.c.id.desc()).limit(limit)))
    of_them = sa.select(drafts).where(drafts.c.article.in_([row.id for row in found]))
    theirs = {row.article: draft(row) for row in await tx.execute(of_them)} if found else {}
    return [(rows.article(row), theirs[row.id]) for row in found]


async def previewed_article(tx: AsyncConnection, sight: Sight, article: UUID, now: datetime) -> Article | None:
    """An article whose draft the viewer may look at: as one who may change it, or with whom it is shared."""
    mine = sa.select(sa.literal(1)).where(
        draft_shares.c.article == article_table.c.id,
        draft_shares.c.person == sight.viewer,
        draft_shares.c.expire_time > now,
    )
    shared = sa.and_(mine.exists(), articles.draft_clause(sight), ~article_table.c.hidden)
    query = articles.joined().where(article_table.c.id == article, sa.or_(articles.changeable_clause(sight), shared))
    row = (await tx.execute(query)).first()
    return rows.article(row) if row else None


async def keep(tx: AsyncConnection, draft: Draft, publish_time: datetime | None = None) -> None:
    """Keeps what a draft says as a revision, published or not."""
    values = _content_values(draft.content) | {
        "article": draft.article,
        "number": draft.revision,
        "person": draft.person,
        "create_time": draft.update_time,
        "publish_time": publish_time,
    }
    statement = insert(revisions).values(values)
    first = sa.func.coalesce(revisions.c.publish_time, statement.excluded.publish_time)
    keys = ["article", "number"]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_={"publish_time": first}))


async def revision(tx: AsyncConnection, article: UUID, number: int) -> Revision | None:
    """What was kept of a draft, whoever may see it."""
    query = sa.select(revisions).where(revisions.c.article == article, revisions.c.number == number)
    row = (await tx.execute(query)).first()
    return kept_revision(row) if row else None


async def newest_revisions(tx: AsyncConnection, article: UUID, before: int | None, limit: int) -> list[Revision]:
    """What was kept of a draft, newest first."""
    query = sa.select(revisions).where(revisions.c.article == article)
    if before is not None:
        query = query.where(revisions.c.number < before)
    return [kept_revision(row) for row in await tx.execute(query.order_by(revisions.c.number.desc()).limit(limit))]


async def share(tx: AsyncConnection, article: UUID, person: UUID, until: datetime) -> None:
    """Lets somebody look at a draft until a moment, in the place of an earlier one."""
    statement = insert(draft_shares).values(article=article, person=person, expire_time=until)
    await tx.execute(statement.on_conflict_do_update(index_elements=["article", "person"], set_={"expire_time": until}))


async def unshare(tx: AsyncConnection, article: UUID, person: UUID) -> None:
    """Ends that somebody may look at a draft."""
    await tx.execute(sa.delete(draft_shares).where(draft_shares.c.article == article, draft_shares.c.person == person))


async def shared_with(tx: AsyncConnection, article: UUID, now: datetime) -> Sequence[UUID]:
    """With whom a draft is shared now."""
    query = sa.select(draft_shares.c.person)
    return (
        (await tx.execute(query.where(draft_shares.c.article == article, draft_shares.c.expire_time > now)))
        .scalars()
        .all()
    )


async def visible_shares(
    tx: AsyncConnection, sight: Sight, article: UUID, now: datetime, after: UUID | None, limit: int
) -> list[Row]:
    """Rows of with whom a draft is shared now, of those whom the viewer may meet, in the order of their ids."""
    query = sa.select(draft_shares).where(draft_shares.c.article == article, draft_shares.c.expire_time > now)
    query = query.where(meetable_clause(sight, draft_shares.c.person))
    if after is not None:
        query = query.where(draft_shares.c.person > after)
    return list(await tx.execute(query.order_by(draft_shares.c.person).limit(limit)))


def draft(row: Row) -> Draft:
    """A row of drafts as a draft."""
    content = Content(row.title, row.text, row.summary, rows.cover(row.cover))
    return Draft(row.article, content, row.person, row.update_time, row.keep_time, row.revision)


def kept_revision(row: Row) -> Revision:
    """A row of revisions as a revision."""
    content = Content(row.title, row.text, row.summary, rows.cover(row.cover))
    return Revision(row.article, row.number, content, row.person, row.create_time, row.publish_time)


def _content_values(content: Content) -> dict[str, Any]:
    return {
        "title": content.title,
        "text": content.text,
        "summary": content.summary,
        "cover": rows.cover_value(content.cover),
    }


def _values(draft: Draft) -> dict[str, Any]:
    return _content_values(draft.content) | {
        "article": draft.article,
        "person": draft.person,
        "update_time": draft.update_time,
        "keep_time": draft.keep_time,
        "revision": draft.revision,
    }
