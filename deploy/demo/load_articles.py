"""Brings the demonstration's blogs into a running stack: each account writes what is its own, as people do."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from google.api import httpbody_pb2
from plein.blog.v1 import (
    articles_pb2,
    articles_pb2_grpc,
    blog_pb2,
    blog_pb2_grpc,
    comments_pb2,
    comments_pb2_grpc,
    consultations_pb2,
    consultations_pb2_grpc,
    contribution_pb2,
    discovery_pb2,
    discovery_pb2_grpc,
    images_pb2,
    images_pb2_grpc,
    series_pb2,
    series_pb2_grpc,
    subscriptions_pb2,
    subscriptions_pb2_grpc,
)

from chassis.neighbours import Neighbours
from chassis.viewer import Viewer, enter
from deploy.demo.articles import Article, Blog, Comment, blogs
from deploy.demo.covers import cover
from deploy.demo.groups import Account

# Blog hears of new people from identity's log, so the first call may come before who makes it.
ROUNDS = 60
PAUSE_SECONDS = 0.5
ADMINISTRATOR = "ada"


class Desk:
    """Where the accounts write. `accounts` are by handle."""

    def __init__(self, neighbours: Neighbours, accounts: dict[str, Account]) -> None:
        def channel(file: Any, name: str) -> grpc.aio.Channel:
            return neighbours.as_viewer("blog", file.DESCRIPTOR.services_by_name[name])

        self._accounts = accounts
        self.blogs = blog_pb2_grpc.BlogServiceStub(channel(blog_pb2, "BlogService"))
        self.articles = articles_pb2_grpc.ArticleServiceStub(channel(articles_pb2, "ArticleService"))
        self.images = images_pb2_grpc.ArticleImageServiceStub(channel(images_pb2, "ArticleImageService"))
        self.series = series_pb2_grpc.SeriesServiceStub(channel(series_pb2, "SeriesService"))
        self.comments = comments_pb2_grpc.CommentServiceStub(channel(comments_pb2, "CommentService"))
        self.told = subscriptions_pb2_grpc.SubscriptionServiceStub(channel(subscriptions_pb2, "SubscriptionService"))
        self.consultations = consultations_pb2_grpc.ConsultationServiceStub(
            channel(consultations_pb2, "ConsultationService")
        )
        self.found = discovery_pb2_grpc.ArticleDiscoveryServiceStub(channel(discovery_pb2, "ArticleDiscoveryService"))

    def person(self, handle: str) -> str:
        return self._accounts[handle].person

    def author(self, blog: str, handle: str) -> str:
        """The name of somebody's role in a blog."""
        return f"{blog}/authors/{self.person(handle).removeprefix('people/')}"

    def sit(self, handle: str) -> None:
        """From now on this task asks as somebody else."""
        enter(Viewer(token=self._accounts[handle].access_token))


async def load_articles(neighbours: Neighbours, accounts: dict[str, Account], editor: str) -> int:
    """Loads all blogs; how many articles. When there is any blog already, nothing. `editor` features articles."""
    desk, wanted = Desk(neighbours, accounts), blogs()
    if await _there_are_blogs(desk, wanted[0].owner):
        return 0
    begun = [await _begin(desk, blog) for blog in wanted]
    await asyncio.gather(*(_fill(desk, blog, name, editor) for blog, name in zip(wanted, begun, strict=True)))
    return sum(len(blog.articles) for blog in wanted)


async def _there_are_blogs(desk: Desk, handle: str) -> bool:
    for _ in range(ROUNDS):
        desk.sit(handle)
        try:
            return bool((await desk.blogs.ListBlogs(blog_pb2.ListBlogsRequest(page_size=1))).blogs)
        except grpc.aio.AioRpcError as error:
            if error.code() != grpc.StatusCode.UNAUTHENTICATED:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    raise ValueError("The blog service does not hear of new people.")


async def _begin(desk: Desk, blog: Blog) -> str:
    """Begins a blog with who writes in it and who follows it; its name."""
    # One of the organisation is begun by an administrator, who then hands it over.
    desk.sit(ADMINISTRATOR if blog.kind == "ORGANISATION" else blog.owner)
    made = blog_pb2.Blog(title=blog.title, description=blog.description)
    made.kind = blog_pb2.BlogKind.Value(f"BLOG_KIND_{blog.kind}")
    name = (await desk.blogs.CreateBlog(blog_pb2.CreateBlogRequest(blog=made))).name
    roles = dict.fromkeys(blog.writers, blog_pb2.BLOG_ROLE_EDITOR)
    roles |= {blog.owner: blog_pb2.BLOG_ROLE_OWNER} if blog.kind == "ORGANISATION" else {}
    for handle, role in roles.items():
        await desk.blogs.SetBlogRole(blog_pb2.SetBlogRoleRequest(name=desk.author(name, handle), role=role))
    if blog.kind == "ORGANISATION":
        own = desk.author(name, ADMINISTRATOR)
        await desk.blogs.RemoveBlogAuthor(blog_pb2.RemoveBlogAuthorRequest(name=own))
    for handle in blog.followers:
        desk.sit(handle)
        await desk.told.Subscribe(subscriptions_pb2.SubscribeRequest(target=name))
    return name


async def _fill(desk: Desk, blog: Blog, name: str, editor: str) -> None:
    """Writes a blog's articles, and what is said about each."""
    written = {article.key: await _write(desk, name, article) for article in blog.articles}
    if blog.series:
        series = series_pb2.Series(title=blog.series["title"], description=blog.series["description"])
        series.articles.extend(written[article.key] for article in blog.articles)
        desk.sit(blog.articles[0].author)
        await desk.series.CreateSeries(series_pb2.CreateSeriesRequest(parent=name, series=series))
    for article in blog.articles:
        for comment in article.comments:
            await _say(desk, article, written[article.key], comment)
    desk.sit(editor)
    for position, article in enumerate(article for article in blog.articles if article.featured):
        feature = discovery_pb2.Feature(article=written[article.key], position=position)
        await desk.found.CreateFeature(discovery_pb2.CreateFeatureRequest(feature=feature))


async def _write(desk: Desk, blog: str, article: Article) -> str:
    desk.sit(article.author)
    made = articles_pb2.Article(blog=blog, title=article.title, text=article.text, summary=article.summary)
    if article.picture:
        file = httpbody_pb2.HttpBody(data=await asyncio.to_thread(cover, article.title))
        taken = await desk.images.UploadArticleImage(images_pb2.UploadArticleImageRequest(file=file))
        made.cover.image, made.cover.alt_text = taken.name, article.picture
    name = (await desk.articles.CreateArticle(articles_pb2.CreateArticleRequest(article=made))).name
    if not article.draft:
        await desk.articles.PublishArticle(articles_pb2.PublishArticleRequest(name=name))
    if article.days:
        asked = consultations_pb2.CreateConsultationRequest(parent=name)
        asked.consultation.close_time.FromDatetime(datetime.now(UTC) + timedelta(days=article.days))
        await desk.consultations.CreateConsultation(asked)
    return name


async def _say(desk: Desk, article: Article, name: str, comment: Comment, reply_to: str = "") -> None:
    desk.sit(comment.by)
    said = comments_pb2.Comment(text=comment.text, reply_to=reply_to)
    made = await desk.comments.CreateComment(comments_pb2.CreateCommentRequest(parent=name, comment=said))
    for handle in comment.likes:
        desk.sit(handle)
        like = comments_pb2.ReactToCommentRequest(name=made.name, reaction=comments_pb2.COMMENT_REACTION_LIKE)
        await desk.comments.ReactToComment(like)
    for reply in comment.replies:
        await _say(desk, article, name, reply, made.name)
    if comment.answer:
        await _say(desk, article, name, Comment(article.author, comment.answer), made.name)
    if comment.state:
        await _decide(desk, article, made, comment)


async def _decide(desk: Desk, article: Article, made: comments_pb2.Comment, comment: Comment) -> None:
    desk.sit(article.author)
    now = await desk.comments.GetComment(comments_pb2.GetCommentRequest(name=made.name))
    decision = consultations_pb2.DecideContributionRequest(name=now.contribution.name, etag=now.contribution.etag)
    decision.state, decision.reason = (
        contribution_pb2.ContributionState.Value(f"CONTRIBUTION_STATE_{comment.state}"),
        comment.reason,
    )
    await desk.consultations.DecideContribution(decision)
