"""Articles."""

from typing import Any

from plein.blog.v1 import articles_pb2, articles_pb2_grpc

from chassis.ids import new_id
from chassis.once import once
from services.blog.domain.articles import Article, check_change
from services.blog.domain.blogs import EVERYONE
from services.blog.domain.drafts import Draft, content
from services.blog.rpc.base import Base, check_audience, check_within, now
from services.blog.store import articles, blogs, drafts
from services.blog.wire import articles as wire
from services.blog.wire.blogs import asked_audience
from services.blog.wire.names import article_id, unknown_article


class Articles(Base, articles_pb2_grpc.ArticleServiceServicer):
    """Reading and beginning."""

    async def GetArticle(self, request: articles_pb2.GetArticleRequest, context: Any) -> articles_pb2.Article:
        async with self.database.snapshot() as tx:
            found = await articles.known_article(tx, self.sight(), article_id(request.name))
        if found is None:
            raise unknown_article(request.name)
        return wire.article(found)

    async def CreateArticle(self, request: articles_pb2.CreateArticleRequest, context: Any) -> articles_pb2.Article:
        sight, asked = self.sight_of_member(), request.article
        audience = asked_audience(asked.audience, "article.audience")
        check_audience(sight, audience, "article.audience")
        said = content(asked.title, asked.text, asked.summary)
        async with self.database.transaction() as tx:

            async def begun() -> articles_pb2.Article:
                blog = await self.seen_blog(tx, sight, asked.blog)
                check_change(await blogs.role_of(tx, blog.id, sight.viewer, lock=True), own=True)
                meant = blog.audience if audience == EVERYONE else audience
                check_within(meant, blog.audience, "article.audience")
                moment = now()
                article = Article(new_id(), blog.id, sight.viewer, meant, moment, draft_title=said.title)
                await articles.add(tx, article)
                await drafts.add(tx, Draft(article.id, said, sight.viewer, moment))
                return wire.article(article)

            return await once(tx, request, articles_pb2.Article, begun)
