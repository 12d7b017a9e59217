"""Publishing articles, now or at a time, and taking them back."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from plein.blog.v1 import articles_pb2, blog_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import markdown
from chassis.access import Sight
from chassis.problems import BadInput
from services.blog.domain.articles import Article, Content, Published, check_change, check_publish
from services.blog.domain.blogs import Role
from services.blog.domain.drafts import Draft, image_ids
from services.blog.domain.images import Upload, cover
from services.blog.rpc.base import Base, now
from services.blog.store import articles, blogs, drafts, images, publishing
from services.blog.wire import articles as wire
from services.blog.wire.images import image_id
from services.blog.wire.names import article_id, moment_of, unknown_article


class Working(Base):
    """What the methods do that change an article or its draft."""

    async def article_at_work(
        self, tx: AsyncConnection, sight: Sight, name: str, *, own_too: bool = False, lock: bool = True
    ) -> tuple[Article, Role | None]:
        """An article that the caller may change, and the caller's role, both locked.

        With `own_too` also the own one in a blog in which the caller has no role any more.
        """
        article = await articles.changeable_article(tx, sight, article_id(name), lock=lock)
        if article is None:
            seen = await articles.visible_article(tx, sight, article_id(name))
            if seen is None:
                raise unknown_article(name)
            check_change(None, own=False)
            raise unknown_article(name)
        role = await blogs.role_of(tx, article.blog, sight.viewer, lock=lock)
        if not own_too or article.author != sight.viewer:
            check_change(role, own=article.author == sight.viewer)
        return article, role

    async def rendered(self, draft: Draft, found: Mapping[UUID, Upload]) -> Published:
        """What readers would see of a draft with these images, when the caller publishes it."""
        document = await asyncio.to_thread(markdown.parsed, draft.content.text)
        people = await self.people_behind(document.handles)
        return await asyncio.to_thread(publishing.rendered, draft, document, people, found)

    async def with_images(
        self, tx: AsyncConnection, sight: Sight, article: UUID, said: Content, asked: blog_pb2.Cover | None, field: str
    ) -> Content:
        """What a draft is to say, with the cover that is asked for; the caller's images then stand in the article.

        BadInput names `field` when the cover is no image of the caller's or of the article.
        """
        wanted = image_id(asked.image) if asked else None
        ids = [*image_ids(said.text), *([wanted] if wanted else [])]
        found = await images.take_into_article(tx, article, sight.viewer, ids, now())
        return replace(said, cover=cover(found, wanted, asked.image, asked.alt_text, field)) if asked else said


class Publishing(Working):
    """Publish, schedule, and take back."""

    async def PublishArticle(self, request: articles_pb2.PublishArticleRequest, context: Any) -> articles_pb2.Article:
        sight = self.sight_of_member()
        async with self.database.snapshot() as tx:
            seen, _ = await self.article_at_work(tx, sight, request.name, lock=False)
            read, found = await drafts.of_article(tx, seen.id), await images.of_article(tx, seen.id)
        published = await self.rendered(read, found)
        said, accepted = seen.published.said, request.warnings_accepted
        held = self.filtering.judge(*published.said, before=said, warnings_accepted=accepted)
        async with self.database.transaction() as tx:
            before, role = await self.article_at_work(tx, sight, request.name)
            check_publish(role, own=before.author == sight.viewer)
            draft = await drafts.of_article(tx, before.id, lock=True)
            draft.check_read(request.draft_etag)
            # What was rendered above is what must be published.
            draft.check_read(read.etag)
            article = await publishing.release(tx, before, draft, published, now(), held=held)
        return wire.article(article, working=True)

    async def ScheduleArticle(self, request: articles_pb2.ScheduleArticleRequest, context: Any) -> articles_pb2.Article:
        sight = self.sight_of_member()
        try:
            moment = moment_of(request.publish_time)
        except (ValueError, OverflowError):
            sentence = "An article is published at a time of this calendar."
            raise BadInput("TIME_OUT_OF_RANGE", sentence, field="publish_time") from None
        async with self.database.transaction() as tx:
            before, role = await self.article_at_work(tx, sight, request.name)
            check_publish(role, own=before.author == sight.viewer)
            draft = await drafts.of_article(tx, before.id, lock=True)
            draft.check_read(request.draft_etag)
            article = before.scheduled(moment, sight.viewer, now())
            article.check_release(draft.content)
            # Nobody can be asked when the time has come.
            said, accepted = draft.content.said(""), request.warnings_accepted
            self.filtering.judge(*said, before=before.published.said, warnings_accepted=accepted)
            await articles.save(tx, article)
        return wire.article(article, working=True)

    async def UnscheduleArticle(
        self, request: articles_pb2.UnscheduleArticleRequest, context: Any
    ) -> articles_pb2.Article:
        sight = self.sight()
        async with self.database.transaction() as tx:
            before, _ = await self.article_at_work(tx, sight, request.name)
            article = before.unscheduled() if before.schedule_time else before
            if article is not before:
                await articles.save(tx, article)
        return wire.article(article, working=True)

    async def UnpublishArticle(
        self, request: articles_pb2.UnpublishArticleRequest, context: Any
    ) -> articles_pb2.Article:
        sight = self.sight()
        async with self.database.transaction() as tx:
            before, role = await self.article_at_work(tx, sight, request.name)
            check_publish(role, own=before.author == sight.viewer)
            article = await publishing.withdraw(tx, before) if before.is_out else before
        return wire.article(article, working=True)
