"""What blog does when moderation decides: blogs, articles and comments are hidden, removed or shown again."""

from uuid import UUID

from plein.blog.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.decisions import DecisionReactions
from chassis.events import append
from services.blog.store import articles, blogs, comments
from services.blog.wire.names import id_in


class Moderation(DecisionReactions):
    """What is hidden its author still sees, what is removed nobody; both are kept."""

    async def subject_decided(self, tx: AsyncConnection, subject: str, *, hidden: bool, removed: bool) -> None:
        match subject.partition("/")[0]:
            case "blogs":
                await _judge_blog(tx, id_in(subject), hidden=hidden, removed=removed)
            case "articles":
                await _judge_article(tx, id_in(subject), hidden=hidden, removed=removed)
            case "comments":
                await _judge_comment(tx, id_in(subject), hidden=hidden, removed=removed)


async def _judge_blog(tx: AsyncConnection, id_: UUID, *, hidden: bool, removed: bool) -> None:
    before = await blogs.locked(tx, id_)
    if before is not None and (before.hidden, before.removed) != (hidden, removed):
        blog = before.moderated(hidden=hidden, removed=removed)
        await blogs.save(tx, blog)
        told = events_pb2.BlogHidden if hidden or removed else events_pb2.BlogRestored
        await append(tx, blog.name, blog.version, told(blog=blog.name))


async def _judge_article(tx: AsyncConnection, id_: UUID, *, hidden: bool, removed: bool) -> None:
    before = await articles.locked(tx, id_)
    if before is not None and (before.hidden, before.removed) != (hidden, removed):
        article = before.moderated(hidden=hidden, removed=removed)
        await articles.save(tx, article)
        told = events_pb2.ArticleHidden if hidden or removed else events_pb2.ArticleRestored
        await append(tx, article.name, article.version, told(article=article.name))


async def _judge_comment(tx: AsyncConnection, id_: UUID, *, hidden: bool, removed: bool) -> None:
    before = await comments.locked(tx, id_)
    if before is not None and (before.hidden, before.removed) != (hidden, removed):
        comment = before.moderated(hidden=hidden, removed=removed)
        await comments.save(tx, comment)
        told = events_pb2.CommentHidden if hidden or removed else events_pb2.CommentRestored
        await append(tx, comment.name, comment.version, told(comment=comment.name))
