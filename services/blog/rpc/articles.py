"""Reading articles, beginning them, and changing for whom they are."""

from typing import Any

from google.protobuf import empty_pb2
from plein.blog.v1 import articles_pb2, articles_pb2_grpc

from chassis import markdown, pages
from chassis.events import append
from chassis.ids import new_id
from chassis.once import once, replace_answers
from chassis.problems import BadInput, NotFound
from services.blog.domain.articles import Article, check_change, check_publish, end_of_slug
from services.blog.domain.blogs import EVERYONE
from services.blog.domain.drafts import Draft, content
from services.blog.rpc.base import check_audience, check_within, now
from services.blog.rpc.publishing import Publishing
from services.blog.store import articles, blogs, drafts, publishing
from services.blog.wire import articles as wire
from services.blog.wire import events
from services.blog.wire.blogs import asked_audience
from services.blog.wire.names import (
    article_id,
    blog_id,
    moment_and_id,
    moment_position,
    person_id,
    unknown_article,
    unknown_person,
)


class Articles(Publishing, articles_pb2_grpc.ArticleServiceServicer):
    """All methods of articles, those of publishing among them."""

    async def GetArticle(self, request: articles_pb2.GetArticleRequest, context: Any) -> articles_pb2.Article:
        id_, sight = article_id(request.name), self.sight()
        async with self.database.snapshot() as tx:
            found = await articles.visible_article(tx, sight, id_)
            working = await articles.changeable_article(tx, sight, id_)
        if article := found or working:
            return wire.article(article, working=working is not None)
        raise unknown_article(request.name)

    async def BatchGetArticles(
        self, request: articles_pb2.BatchGetArticlesRequest, context: Any
    ) -> articles_pb2.BatchGetArticlesResponse:
        ids = []
        for name in dict.fromkeys(request.names):
            try:
                ids.append(article_id(name))
            except NotFound:
                continue
        async with self.database.snapshot() as tx:
            found = {article.id: article for article in await articles.visible_batch(tx, self.sight(), ids)}
        answered = [wire.article(found[id_], whole=False) for id_ in dict.fromkeys(ids) if id_ in found]
        return articles_pb2.BatchGetArticlesResponse(articles=answered)

    async def LookUpArticle(self, request: articles_pb2.LookUpArticleRequest, context: Any) -> articles_pb2.Article:
        end = end_of_slug(request.slug)
        async with self.database.snapshot() as tx:
            found = await articles.visible_by_end(tx, self.sight(), end) if end else None
        if found is None:
            raise unknown_article(request.slug)
        return wire.article(found)

    async def ListArticles(
        self, request: articles_pb2.ListArticlesRequest, context: Any
    ) -> articles_pb2.ListArticlesResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        author = person_id(request.author) if request.author else None
        if author is not None and not sight.meets(author):
            raise unknown_person(request.author)
        before = moment_and_id(self.pages.position(request))
        async with self.database.snapshot() as tx:
            if request.parent:
                await self.seen_blog(tx, sight, request.parent)
            found = await articles.visible_articles(
                tx,
                sight,
                blog=blog_id(request.parent) if request.parent else None,
                author=author,
                tag=markdown.folded_tag(request.tag.removeprefix("tags/")) if request.tag else None,
                before=before,
                limit=size + 1,
                subscribed=request.subscribed,
            )
        answer = articles_pb2.ListArticlesResponse(
            articles=[wire.article(article, whole=False) for article in found[:size]]
        )
        if len(found) > size and (moment := found[size - 1].publish_time):
            answer.next_page_token = self.pages.seal(request, moment_position(moment, found[size - 1].id))
        return answer

    async def CreateArticle(self, request: articles_pb2.CreateArticleRequest, context: Any) -> articles_pb2.Article:
        sight, asked = self.sight_of_member(), request.article
        audience = asked_audience(asked.audience, "article.audience")
        check_audience(sight, audience, "article.audience")
        async with self.database.transaction() as tx:

            async def begun() -> articles_pb2.Article:
                blog = await self.seen_blog(tx, sight, asked.blog)
                check_change(await blogs.role_of(tx, blog.id, sight.viewer, lock=True), own=True)
                meant = blog.audience if audience == EVERYONE else audience
                check_within(meant, blog.audience, "article.audience")
                moment, id_ = now(), new_id()
                cover = asked.cover if asked.HasField("cover") else None
                said = content(asked.title, asked.text, asked.summary)
                said = await self.with_images(tx, sight, id_, said, cover, "article.cover.image")
                article = Article(id_, blog.id, sight.viewer, meant, moment, draft_title=said.title)
                await articles.add(tx, article)
                await drafts.add(tx, Draft(id_, said, sight.viewer, moment, moment))
                return wire.article(article, working=True)

            return await once(tx, request, articles_pb2.Article, begun)

    async def UpdateArticle(self, request: articles_pb2.UpdateArticleRequest, context: Any) -> articles_pb2.Article:
        if unknown := set(request.update_mask.paths) - {"audience"}:
            sentence = "{path} cannot be changed here, only audience."
            raise BadInput("BAD_MASK", sentence, field="update_mask", path=min(unknown))
        sight = self.sight_of_member()
        audience = asked_audience(request.article.audience, "article.audience")
        check_audience(sight, audience, "article.audience")
        async with self.database.transaction() as tx:
            before, role = await self.article_at_work(tx, sight, request.article.name)
            check_publish(role, own=before.author == sight.viewer)
            blog = await self.seen_blog(tx, sight, f"blogs/{before.blog}")
            meant = blog.audience if audience == EVERYONE else audience
            check_within(meant, blog.audience, "article.audience")
            article = before.meant_for(meant, request.article.etag)
            if article is not before:
                await articles.save(tx, article)
                if article.is_out:
                    await append(tx, article.name, article.version, events.audience_changed(article))
            return wire.article(article, working=True)

    async def DeleteArticle(self, request: articles_pb2.DeleteArticleRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight()
        async with self.database.transaction() as tx:
            article, role = await self.article_at_work(tx, sight, request.name, own_too=True)
            article.check_delete(role, own=article.author == sight.viewer)
            await publishing.remove(tx, article)
            left = articles_pb2.Article(name=article.name).SerializeToString()
            await replace_answers(tx, f"people/{article.author}", left, left)
        return empty_pb2.Empty()
