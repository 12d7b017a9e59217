"""Discussions: how much is said, and whether one can say more."""

from typing import Any

from plein.blog.v1 import comments_pb2, events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.events import append
from services.blog.domain.articles import Article
from services.blog.domain.comments import Discussion
from services.blog.domain.consultations import Stage
from services.blog.rpc.base import now
from services.blog.rpc.discussing import Discussing, check_author, is_author
from services.blog.store import comments, consultations
from services.blog.wire import comments as wire


class Discussions(Discussing):
    """The article's authors close and open them."""

    async def GetDiscussion(self, request: comments_pb2.GetDiscussionRequest, context: Any) -> comments_pb2.Discussion:
        sight = self.sight()
        async with self.database.snapshot() as tx:
            article = await self.seen_article(tx, sight, request.name)
            return await self._told(tx, sight, article, await comments.discussion(tx, article.id))

    async def CloseDiscussion(
        self, request: comments_pb2.CloseDiscussionRequest, context: Any
    ) -> comments_pb2.Discussion:
        return await self._change(request.name, closed=True)

    async def OpenDiscussion(
        self, request: comments_pb2.OpenDiscussionRequest, context: Any
    ) -> comments_pb2.Discussion:
        return await self._change(request.name, closed=False)

    async def _change(self, name: str, *, closed: bool) -> comments_pb2.Discussion:
        sight = self.sight()
        async with self.database.transaction() as tx:
            article = await self.seen_article(tx, sight, name)
            await check_author(tx, article, sight.viewer)
            before = await comments.discussion(tx, article.id, lock=True)
            discussion = before.closed_now(sight.viewer, now()) if closed else before.opened()
            if discussion is not before:
                await comments.save_discussion(tx, discussion)
                told = events_pb2.DiscussionClosed if closed else events_pb2.DiscussionOpened
                await append(tx, discussion.name, discussion.version, told(article=article.name))
            return await self._told(tx, sight, article, discussion)

    async def _told(
        self, tx: AsyncConnection, sight: Sight, article: Article, discussion: Discussion
    ) -> comments_pb2.Discussion:
        count = await comments.visible_count(tx, sight, article.id)
        consultation = await consultations.consultation(tx, article.id)
        in_time = consultation is None or consultation.stage(now()) is Stage.OPEN
        welcome = not discussion.closed and (in_time or await is_author(tx, article, sight.viewer))
        return wire.discussion(discussion, count, open_to_caller=welcome)
