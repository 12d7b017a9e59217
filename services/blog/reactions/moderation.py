"""What blog does when moderation decides: blogs and articles are hidden, removed or shown again."""

from uuid import UUID

from plein.blog.v1 import events_pb2 as blog_events_pb2
from plein.moderation.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import Reactions, append, on
from chassis.resources import Resources
from services.blog.store import articles, blogs
from services.blog.wire.names import id_in


class Moderation(Reactions):
    """What is hidden its author still sees, what is removed nobody; both are kept."""

    source = "moderation"
    may_be_absent = True

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    @on(events_pb2.SubjectHidden)
    async def subject_hidden(self, tx: AsyncConnection, event: events_pb2.SubjectHidden) -> None:
        await _judge(tx, event.subject, hidden=True)

    @on(events_pb2.SubjectRemoved)
    async def subject_removed(self, tx: AsyncConnection, event: events_pb2.SubjectRemoved) -> None:
        await _judge(tx, event.subject, hidden=True, removed=True)

    @on(events_pb2.SubjectRestored)
    async def subject_restored(self, tx: AsyncConnection, event: events_pb2.SubjectRestored) -> None:
        await _judge(tx, event.subject, hidden=False)


async def _judge(tx: AsyncConnection, subject: str, *, hidden: bool, removed: bool = False) -> None:
    match subject.partition("/")[0]:
        case "blogs":
            await _judge_blog(tx, id_in(subject), hidden=hidden, removed=removed)
        case "articles":
            await _judge_article(tx, id_in(subject), hidden=hidden, removed=removed)


async def _judge_blog(tx: AsyncConnection, id_: UUID, *, hidden: bool, removed: bool) -> None:
    before = await blogs.locked(tx, id_)
    if before is not None and (before.hidden, before.removed) != (hidden, removed):
        blog = before.moderated(hidden=hidden, removed=removed)
        await blogs.save(tx, blog)
        told = blog_events_pb2.BlogHidden if hidden else blog_events_pb2.BlogRestored
        await append(tx, blog.name, blog.version, told(blog=blog.name))


async def _judge_article(tx: AsyncConnection, id_: UUID, *, hidden: bool, removed: bool) -> None:
    before = await articles.locked(tx, id_)
    if before is not None and (before.hidden, before.removed) != (hidden, removed):
        article = before.moderated(hidden=hidden, removed=removed)
        await articles.save(tx, article)
        told = blog_events_pb2.ArticleHidden if hidden else blog_events_pb2.ArticleRestored
        await append(tx, article.name, article.version, told(article=article.name))
