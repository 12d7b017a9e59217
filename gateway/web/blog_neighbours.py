"""The calls that the web site makes to the blog service, but for those about comments."""

from datetime import datetime
from typing import Any

import grpc
from google.api import httpbody_pb2
from plein.blog.v1 import (
    articles_pb2,
    articles_pb2_grpc,
    blog_pb2,
    blog_pb2_grpc,
    discovery_pb2,
    discovery_pb2_grpc,
    drafts_pb2,
    drafts_pb2_grpc,
    images_pb2,
    images_pb2_grpc,
    series_pb2,
    series_pb2_grpc,
    subscriptions_pb2,
    subscriptions_pb2_grpc,
)
from plein.chassis.v1 import audience_pb2

from chassis.neighbours import Neighbours

MOST = 100


class Blogs:
    """Blogs, their series, and what the reader subscribed to."""

    def __init__(self, neighbours: Neighbours) -> None:
        def channel(file: Any, name: str) -> grpc.aio.Channel:
            return neighbours.as_viewer("blog", file.DESCRIPTOR.services_by_name[name])

        self._blogs = blog_pb2_grpc.BlogServiceStub(channel(blog_pb2, "BlogService"))
        self._series = series_pb2_grpc.SeriesServiceStub(channel(series_pb2, "SeriesService"))
        self._told = subscriptions_pb2_grpc.SubscriptionServiceStub(channel(subscriptions_pb2, "SubscriptionService"))
        self._atom = subscriptions_pb2_grpc.AtomServiceStub(channel(subscriptions_pb2, "AtomService"))

    async def blog(self, name: str) -> blog_pb2.Blog:
        return await self._blogs.GetBlog(blog_pb2.GetBlogRequest(name=name))

    async def blogs(self, page_token: str, page_size: int = 0) -> blog_pb2.ListBlogsResponse:
        return await self._blogs.ListBlogs(blog_pb2.ListBlogsRequest(page_token=page_token, page_size=page_size))

    async def own(self) -> list[blog_pb2.Blog]:
        """The blogs in which the reader has a role, newest first."""
        request = blog_pb2.ListBlogsRequest(author="people/me", page_size=MOST)
        return list((await self._blogs.ListBlogs(request)).blogs)

    async def begin(self, blog: blog_pb2.Blog, request_id: str) -> blog_pb2.Blog:
        return await self._blogs.CreateBlog(blog_pb2.CreateBlogRequest(blog=blog, request_id=request_id))

    async def change(self, blog: blog_pb2.Blog, *paths: str) -> None:
        request = blog_pb2.UpdateBlogRequest(blog=blog)
        request.update_mask.paths.extend(paths)
        await self._blogs.UpdateBlog(request)

    async def series_of(self, blog: str) -> list[series_pb2.Series]:
        """The newest hundred series of a blog."""
        request = series_pb2.ListSeriesRequest(parent=blog, page_size=MOST)
        return list((await self._series.ListSeries(request)).series)

    async def series(self, name: str) -> series_pb2.Series:
        return await self._series.GetSeries(series_pb2.GetSeriesRequest(name=name))

    async def is_subscribed(self, target: str) -> bool:
        """Whether the reader is told of what is new in a blog, by an author or with a tag."""
        try:
            await self._told.GetSubscription(subscriptions_pb2.GetSubscriptionRequest(target=target))
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def subscribe(self, target: str, subscribes: bool) -> None:
        if subscribes:
            await self._told.Subscribe(subscriptions_pb2.SubscribeRequest(target=target))
        else:
            await self._told.Unsubscribe(subscriptions_pb2.UnsubscribeRequest(target=target))

    async def atom_addresses(self) -> list[subscriptions_pb2.AtomAddress]:
        request = subscriptions_pb2.ListAtomAddressesRequest(page_size=MOST)
        return list((await self._atom.ListAtomAddresses(request)).atom_addresses)

    async def make_atom_address(self, target: str, request_id: str) -> None:
        request = subscriptions_pb2.CreateAtomAddressRequest(request_id=request_id)
        request.atom_address.target = target
        await self._atom.CreateAtomAddress(request)

    async def revoke_atom_address(self, name: str) -> None:
        await self._atom.DeleteAtomAddress(subscriptions_pb2.DeleteAtomAddressRequest(name=name))


class Articles:
    """Articles as they are read, found and published."""

    def __init__(self, neighbours: Neighbours) -> None:
        def channel(file: Any, name: str) -> grpc.aio.Channel:
            return neighbours.as_viewer("blog", file.DESCRIPTOR.services_by_name[name])

        self._articles = articles_pb2_grpc.ArticleServiceStub(channel(articles_pb2, "ArticleService"))
        self._found = discovery_pb2_grpc.ArticleDiscoveryServiceStub(channel(discovery_pb2, "ArticleDiscoveryService"))
        self._images = images_pb2_grpc.ArticleImageServiceStub(channel(images_pb2, "ArticleImageService"))

    async def article(self, name: str) -> articles_pb2.Article:
        return await self._articles.GetArticle(articles_pb2.GetArticleRequest(name=name))

    async def looked_up(self, slug: str) -> articles_pb2.Article:
        return await self._articles.LookUpArticle(articles_pb2.LookUpArticleRequest(slug=slug))

    async def batch(self, names: list[str]) -> list[articles_pb2.Article]:
        """Those of these that the reader may read, at most 100, in their order."""
        if not names:
            return []
        request = articles_pb2.BatchGetArticlesRequest(names=names[:MOST])
        return list((await self._articles.BatchGetArticles(request)).articles)

    async def listed(self, **asked: Any) -> articles_pb2.ListArticlesResponse:
        """Published articles, newest first: `parent`, `author`, `tag`, `subscribed`, `page_size`, `page_token`."""
        return await self._articles.ListArticles(articles_pb2.ListArticlesRequest(**asked))

    async def begin(self, blog: str, request_id: str) -> articles_pb2.Article:
        request = articles_pb2.CreateArticleRequest(request_id=request_id)
        request.article.blog = blog
        return await self._articles.CreateArticle(request)

    async def change_audience(self, name: str, audience: audience_pb2.Audience) -> None:
        request = articles_pb2.UpdateArticleRequest(article=articles_pb2.Article(name=name, audience=audience))
        request.update_mask.paths.append("audience")
        await self._articles.UpdateArticle(request)

    async def publish(self, name: str, draft_etag: str, *, warnings_accepted: bool) -> articles_pb2.Article:
        request = articles_pb2.PublishArticleRequest(name=name, draft_etag=draft_etag)
        request.warnings_accepted = warnings_accepted
        return await self._articles.PublishArticle(request)

    async def schedule(self, name: str, draft_etag: str, moment: datetime, *, warnings_accepted: bool) -> None:
        request = articles_pb2.ScheduleArticleRequest(name=name, draft_etag=draft_etag)
        request.publish_time.FromDatetime(moment)
        request.warnings_accepted = warnings_accepted
        await self._articles.ScheduleArticle(request)

    async def unschedule(self, name: str) -> None:
        await self._articles.UnscheduleArticle(articles_pb2.UnscheduleArticleRequest(name=name))

    async def unpublish(self, name: str) -> None:
        await self._articles.UnpublishArticle(articles_pb2.UnpublishArticleRequest(name=name))

    async def delete(self, name: str) -> None:
        await self._articles.DeleteArticle(articles_pb2.DeleteArticleRequest(name=name))

    async def featured(self) -> list[articles_pb2.Article]:
        """What editors show on the front page now, the first six."""
        request = discovery_pb2.ListFeaturedArticlesRequest(page_size=6)
        return list((await self._found.ListFeaturedArticles(request)).articles)

    async def search(self, query: str, order_by: str, page_token: str) -> discovery_pb2.SearchArticlesResponse:
        request = discovery_pb2.SearchArticlesRequest(query=query, order_by=order_by, page_token=page_token)
        return await self._found.SearchArticles(request)

    async def count_read(self, name: str) -> None:
        await self._found.CountRead(discovery_pb2.CountReadRequest(name=name))

    async def read_count(self, name: str) -> int:
        """How often an article was read, rounded down to tens."""
        answer = await self._found.BatchGetReadCounts(discovery_pb2.BatchGetReadCountsRequest(names=[name]))
        return next((one.count for one in answer.read_counts), 0)

    async def image(self, name: str) -> httpbody_pb2.HttpBody:
        return await self._images.GetArticleImageContent(images_pb2.GetArticleImageContentRequest(name=name))

    async def take_in_image(self, content: bytes) -> images_pb2.UploadedArticleImage:
        return await self._images.UploadArticleImage(
            images_pb2.UploadArticleImageRequest(file=httpbody_pb2.HttpBody(data=content))
        )


class Drafts:
    """What articles say next, and what they said before. Names are of articles."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = drafts_pb2.DESCRIPTOR.services_by_name["DraftService"]
        self._stub = drafts_pb2_grpc.DraftServiceStub(neighbours.as_viewer("blog", api))

    async def draft(self, article: str) -> drafts_pb2.Draft:
        return await self._stub.GetDraft(drafts_pb2.GetDraftRequest(name=f"{article}/draft"))

    async def drafts(self, page_token: str) -> drafts_pb2.ListDraftsResponse:
        """The drafts that the reader may change in all blogs."""
        return await self._stub.ListDrafts(drafts_pb2.ListDraftsRequest(parent="blogs/-", page_token=page_token))

    async def save(self, draft: drafts_pb2.Draft, *paths: str) -> drafts_pb2.Draft:
        """Saves these fields. ABORTED when somebody else saved the draft meanwhile."""
        request = drafts_pb2.UpdateDraftRequest(draft=draft)
        request.update_mask.paths.extend(paths)
        return await self._stub.UpdateDraft(request)

    async def preview(self, article: str) -> articles_pb2.Article:
        request = drafts_pb2.PreviewDraftRequest(name=f"{article}/draft")
        return (await self._stub.PreviewDraft(request)).article

    async def shares(self, article: str) -> list[drafts_pb2.DraftShare]:
        request = drafts_pb2.ListDraftSharesRequest(parent=f"{article}/draft", page_size=MOST)
        return list((await self._stub.ListDraftShares(request)).shares)

    async def share(self, article: str, person: str) -> None:
        await self._stub.ShareDraft(drafts_pb2.ShareDraftRequest(name=f"{article}/draft", person=person))

    async def unshare(self, article: str, person: str) -> None:
        await self._stub.UnshareDraft(drafts_pb2.UnshareDraftRequest(name=f"{article}/draft", person=person))

    async def revisions(self, article: str, page_token: str) -> drafts_pb2.ListRevisionsResponse:
        return await self._stub.ListRevisions(drafts_pb2.ListRevisionsRequest(parent=article, page_token=page_token))

    async def revision(self, name: str) -> drafts_pb2.Revision:
        return await self._stub.GetRevision(drafts_pb2.GetRevisionRequest(name=name))

    async def differences(self, revision: str) -> drafts_pb2.CompareRevisionsResponse:
        """How a revision differs from the draft."""
        return await self._stub.CompareRevisions(drafts_pb2.CompareRevisionsRequest(name=revision))

    async def restore(self, revision: str, draft_etag: str) -> None:
        request = drafts_pb2.RestoreRevisionRequest(name=revision, draft_etag=draft_etag)
        await self._stub.RestoreRevision(request)
