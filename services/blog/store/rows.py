"""Blogs and articles as rows of their tables."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.blog.domain.articles import Article, Content, Published, State
from services.blog.domain.blogs import Audience, Blog, Cover, Kind

Row = sa.Row[Any]


def blog(row: Row) -> Blog:
    """A row as a blog."""
    return Blog(
        id=row.id,
        kind=Kind(row.kind),
        owner=row.owner,
        title=row.title,
        description=row.description,
        audience=Audience(tuple(row.kinds), row.group_id),
        create_time=row.create_time,
        update_time=row.update_time,
        cover=cover(row.cover),
        hidden=row.hidden,
        removed=row.removed,
        version=row.version,
    )


def blog_values(domain: Blog) -> dict[str, Any]:
    """A blog's columns."""
    return {
        "id": domain.id,
        "kind": int(domain.kind),
        "owner": domain.owner,
        "title": domain.title,
        "description": domain.description,
        "kinds": list(domain.audience.kinds),
        "group_id": domain.audience.group,
        "cover": cover_value(domain.cover),
        "hidden": domain.hidden,
        "removed": domain.removed,
        "create_time": domain.create_time,
        "update_time": domain.update_time,
        "version": domain.version,
    }


def article(row: Row) -> Article:
    """A row of articles as an article; with the column `draft_title` it also knows what its draft is called."""
    content = Content(row.title, row.text, row.summary, cover(row.cover))
    return Article(
        id=row.id,
        blog=row.blog,
        author=row.author,
        audience=Audience(tuple(row.kinds), row.group_id),
        create_time=row.create_time,
        state=State(row.state),
        published=Published(
            content, row.html, row.plain_text, tuple(row.tags), tuple(row.mentions), row.reading_minutes
        ),
        published_revision=row.published_revision,
        draft_title=getattr(row, "draft_title", ""),
        slug=row.slug,
        series=row.series,
        publish_time=row.publish_time,
        edit_time=row.edit_time,
        schedule_time=row.schedule_time,
        scheduled_by=row.scheduled_by,
        schedule_problem=row.schedule_problem,
        hidden=row.hidden,
        removed=row.removed,
        version=row.version,
    )


def article_values(domain: Article) -> dict[str, Any]:
    """An article's columns, those of its draft aside."""
    published, content = domain.published, domain.published.content
    return {
        "id": domain.id,
        "blog": domain.blog,
        "author": domain.author,
        "state": int(domain.state),
        "kinds": list(domain.audience.kinds),
        "group_id": domain.audience.group,
        "title": content.title,
        "text": content.text,
        "html": published.html,
        "summary": content.summary,
        "plain_text": published.plain_text,
        "cover": cover_value(content.cover),
        "tags": list(published.tags),
        "mentions": list(published.mentions),
        "reading_minutes": published.reading_minutes,
        "slug": domain.slug,
        "published_revision": domain.published_revision,
        "hidden": domain.hidden,
        "removed": domain.removed,
        "create_time": domain.create_time,
        "publish_time": domain.publish_time,
        "edit_time": domain.edit_time,
        "schedule_time": domain.schedule_time,
        "scheduled_by": domain.scheduled_by,
        "schedule_problem": domain.schedule_problem,
        "version": domain.version,
    }


def cover(stored: "list[Any] | None") -> Cover | None:
    """A column `cover` as a cover."""
    return Cover(UUID(stored[0]), *stored[1:]) if stored else None


def cover_value(domain: Cover | None) -> "list[Any] | None":
    """The inverse of `cover`."""
    return [str(domain.image), domain.alt_text, domain.width, domain.height] if domain else None
