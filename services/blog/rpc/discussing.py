"""What the methods about comments work with."""

from collections.abc import Sequence
from itertools import accumulate
from uuid import UUID

from google.protobuf.message import Message
from plein.blog.v1 import comments_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.problems import NotAllowed
from services.blog.domain.articles import Article, may_change
from services.blog.domain.comments import Comment
from services.blog.rpc.base import Base
from services.blog.store import articles, blogs, comment_reactions, comments, consultations
from services.blog.wire import comments as wire
from services.blog.wire.names import article_id, unknown_article

MOST_BYTES = 4 * 1024 * 1024


class Discussing(Base):
    """Comments are decided on their article; its authors are its own and those who edit in its blog."""

    async def seen_article(self, tx: AsyncConnection, sight: Sight, name: str) -> Article:
        """A published article that the viewer may see, or NotFound."""
        found = await articles.visible_article(tx, sight, article_id(name))
        if found is None:
            raise unknown_article(name)
        return found

    async def seen_comment(self, tx: AsyncConnection, sight: Sight, name: str, *, lock: bool = False) -> Comment:
        """A comment that the viewer may see, or NotFound."""
        found = await comments.visible_comment(tx, sight, wire.comment_id(name), lock=lock)
        if found is None:
            raise wire.unknown_comment(name)
        return found

    async def messages(self, tx: AsyncConnection, sight: Sight, found: Sequence[Comment]) -> list[comments_pb2.Comment]:
        """Comments as their viewer sees them: with the own reactions, and with what was done with contributions."""
        ids = [comment.id for comment in found]
        own = await comment_reactions.of_person(tx, sight.viewer, ids)
        done = await consultations.of_comments(tx, ids)
        minutes = self.settings.comment_edit_minutes
        return [
            wire.comment(comment, sight, minutes, own.get(comment.id, 0), done.get(comment.id)) for comment in found
        ]

    async def message(self, tx: AsyncConnection, sight: Sight, comment: Comment) -> comments_pb2.Comment:
        """One comment as its viewer sees it."""
        return (await self.messages(tx, sight, [comment]))[0]


def fitting(messages: Sequence[Message]) -> int:
    """How many of these fit into one answer, which clients take up to a size: at least one."""
    sizes = accumulate(message.ByteSize() for message in messages)
    return max(1, sum(1 for size in sizes if size <= MOST_BYTES))


async def is_author(tx: AsyncConnection, article: Article, person: UUID, *, lock: bool = False) -> bool:
    """Whether somebody is one of an article's authors. `lock` lets them stay one until the transaction ends."""
    role = await blogs.role_of(tx, article.blog, person, lock=lock)
    return may_change(role, own=article.author == person)


async def check_author(tx: AsyncConnection, article: Article, person: UUID, *, lock: bool = True) -> None:
    """Refuses who sees an article and is none of its authors. `lock` is for what writes."""
    if not await is_author(tx, article, person, lock=lock):
        raise NotAllowed("NOT_AN_AUTHOR", "Only the authors of the article can do this.")
