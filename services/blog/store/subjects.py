"""What of blog can be reported, as moderation sees it."""

from datetime import datetime
from uuid import UUID

from plein.chassis.v1.subjects_pb2 import Subject
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.moments import timestamp
from services.blog.domain.articles import Article
from services.blog.domain.blogs import Blog
from services.blog.domain.comments import Comment
from services.blog.domain.drafts import image_ids
from services.blog.store import articles, blogs, comments


async def subject(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None:
    """The blog, article or comment of a resource name; with a `sight` only what that viewer may read now."""
    kind, _, id_text = name.partition("/")
    try:
        id_ = UUID(id_text)
    except ValueError:
        return None
    match kind:
        case "blogs":
            return await _blog(tx, id_, sight)
        case "articles":
            return await _article(tx, id_, sight)
        case "comments":
            return await _comment(tx, id_, sight)
    return None


async def _blog(tx: AsyncConnection, id_: UUID, sight: Sight | None) -> Subject | None:
    blog = await blogs.visible_blog(tx, sight, id_) if sight else await blogs.any_blog(tx, id_)
    return _of_blog(blog, await blogs.owners(tx, id_)) if blog else None


async def _article(tx: AsyncConnection, id_: UUID, sight: Sight | None) -> Subject | None:
    """A draft that was never published is nobody's to judge."""
    article = await articles.visible_article(tx, sight, id_) if sight else await articles.any_article(tx, id_)
    if article is None or article.publish_time is None:
        return None
    return _of_article(article, await blogs.editors(tx, article.blog))


async def _comment(tx: AsyncConnection, id_: UUID, sight: Sight | None) -> Subject | None:
    comment = await comments.visible_comment(tx, sight, id_) if sight else await comments.any_comment(tx, id_)
    article = await articles.any_article(tx, comment.article) if comment else None
    if comment is None or article is None or comment.delete_time is not None:
        return None
    return _of_comment(comment, article, await blogs.editors(tx, article.blog))


def _of_blog(blog: Blog, owners: list[UUID]) -> Subject:
    return Subject(
        name=blog.name,
        author=f"people/{blog.owner}",
        root=blog.name,
        group=f"groups/{blog.audience.group}" if blog.audience.group else "",
        concerned=[f"people/{owner}" for owner in owners],
        title=blog.title,
        text=blog.description,
        images=[f"articleImages/{blog.cover.image}"] if blog.cover else [],
        # Roles and judgements change the version, and nothing that is shown.
        revision=str(int(blog.update_time.timestamp() * 1_000_000)),
        create_time=timestamp(blog.create_time),
        update_time=timestamp(blog.update_time),
        hidden=blog.hidden,
        removed=blog.removed,
    )


def _of_article(article: Article, editors: list[UUID]) -> Subject:
    content = article.published.content
    covers = [content.cover.image] if content.cover else []
    return Subject(
        name=article.name,
        author=f"people/{article.author}",
        root=article.name,
        group=f"groups/{article.audience.group}" if article.audience.group else "",
        concerned=[f"people/{editor}" for editor in editors],
        title=content.title,
        text=article.published.plain_text,
        images=[f"articleImages/{image}" for image in dict.fromkeys([*covers, *image_ids(content.text)])],
        revision=str(article.published_revision),
        create_time=timestamp(_came_out(article)),
        update_time=timestamp(article.edit_time or _came_out(article)),
        hidden=article.hidden,
        removed=article.removed,
        parent=f"blogs/{article.blog}",
    )


def _of_comment(comment: Comment, article: Article, editors: list[UUID]) -> Subject:
    concerned = dict.fromkeys([article.author, *editors])
    return Subject(
        name=comment.name,
        author=f"people/{comment.author}",
        root=article.name,
        group=f"groups/{article.audience.group}" if article.audience.group else "",
        concerned=[f"people/{person}" for person in concerned],
        text=comment.words.plain_text,
        revision=str(comment.revision),
        create_time=timestamp(comment.create_time),
        update_time=timestamp(comment.edit_time or comment.create_time),
        hidden=comment.hidden,
        removed=comment.removed,
        parent=f"comments/{comment.reply_to}" if comment.reply_to else article.name,
    )


def _came_out(article: Article) -> datetime:
    return article.publish_time or article.create_time
