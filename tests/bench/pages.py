"""What is read most besides homes: a group's timeline, an article's page, and all that was said about an article."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from plein.blog.v1 import articles_pb2, articles_pb2_grpc, blog_pb2, blog_pb2_grpc, comments_pb2, comments_pb2_grpc
from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import feed_pb2, feed_pb2_grpc
from plein.groups.v1 import groups_pb2, groups_pb2_grpc

from deploy.stack import Stack

POSTS, THREADS, REPLIES, TOGETHER = 100, 100, 9, 8
PARAGRAPH = "Op het **plein** staat een *boom*, en onder de boom een [bank](https://example.org). " * 6
HEARD_WITHIN_SECONDS = 20


@dataclass(frozen=True)
class Page:
    """One page: how programs and browsers ask for it, and what is answered."""

    method: str
    request: bytes
    path: str
    answer: bytes


async def written(stack: Stack, token: str) -> Mapping[str, Page]:
    """The pages, of what the person with this token writes now."""
    pages = {"group's timeline": await _group(stack, token)}
    async with grpc.aio.insecure_channel(stack.neighbours["blog"]) as channel:
        article = await _article(channel, token)
        pages["article"] = await _article_page(channel, token, article)
        pages["1,000 comments"] = await _comments_page(channel, token, article)
    return pages


async def _group(stack: Stack, token: str) -> Page:
    async with grpc.aio.insecure_channel(stack.neighbours["groups"]) as channel:
        groups = groups_pb2_grpc.GroupServiceStub(channel)
        wanted = groups_pb2.Group(title="Bench", visibility=groups_pb2.GROUP_VISIBILITY_OPEN)
        group = await groups.CreateGroup(groups_pb2.CreateGroupRequest(group=wanted), metadata=_signed(token))
    async with grpc.aio.insecure_channel(stack.neighbours["feed"]) as channel:
        feed = feed_pb2_grpc.FeedServiceStub(channel)
        audience = audience_pb2.Audience(group=group.name)
        post = feed_pb2.Post(text="Goedemorgen allemaal #koffie", audience=audience)
        await _first(feed, token, post)
        for _ in range(POSTS - 1):
            await feed.CreatePost(feed_pb2.CreatePostRequest(post=post), metadata=_signed(token))
        request = feed_pb2.ListGroupPostsRequest(parent=group.name)
        page = await feed.ListGroupPosts(request, metadata=_signed(token))
    assert len(page.posts) == 20, page
    return _page("feed.v1.FeedService/ListGroupPosts", request, f"{group.name}/posts", page)


async def _first(feed: "feed_pb2_grpc.FeedServiceAsyncStub", token: str, post: feed_pb2.Post) -> None:
    """Writes the first post as soon as feed heard of the group."""
    end = time.monotonic() + HEARD_WITHIN_SECONDS
    while True:
        try:
            await feed.CreatePost(feed_pb2.CreatePostRequest(post=post), metadata=_signed(token))
        except grpc.aio.AioRpcError:
            if time.monotonic() > end:
                raise
        else:
            return


async def _article(channel: grpc.aio.Channel, token: str) -> str:
    """The name of a published article of some pages."""
    blogs, articles = blog_pb2_grpc.BlogServiceStub(channel), articles_pb2_grpc.ArticleServiceStub(channel)
    wanted = blog_pb2.Blog(title="Bench", kind=blog_pb2.BLOG_KIND_PERSON)
    blog = await blogs.CreateBlog(blog_pb2.CreateBlogRequest(blog=wanted), metadata=_signed(token))
    draft = articles_pb2.Article(blog=blog.name, title="Het plein", text="\n\n".join([PARAGRAPH] * 12))
    request = articles_pb2.CreateArticleRequest(article=draft)
    article = await articles.CreateArticle(request, metadata=_signed(token))
    await articles.PublishArticle(articles_pb2.PublishArticleRequest(name=article.name), metadata=_signed(token))
    return article.name


async def _article_page(channel: grpc.aio.Channel, token: str, article: str) -> Page:
    request = articles_pb2.GetArticleRequest(name=article)
    answer = await articles_pb2_grpc.ArticleServiceStub(channel).GetArticle(request, metadata=_signed(token))
    return _page("blog.v1.ArticleService/GetArticle", request, article, answer)


async def _comments_page(channel: grpc.aio.Channel, token: str, article: str) -> Page:
    comments = comments_pb2_grpc.CommentServiceStub(channel)

    async def say(above: str) -> str:
        comment = comments_pb2.Comment(text="Dat zie ik *anders*, en wel hierom.", reply_to=above)
        asked = comments_pb2.CreateCommentRequest(parent=article, comment=comment)
        return (await comments.CreateComment(asked, metadata=_signed(token))).name

    for start in range(0, THREADS, TOGETHER):
        tops = await asyncio.gather(*(say("") for _ in range(start, min(start + TOGETHER, THREADS))))
        for _ in range(REPLIES):
            await asyncio.gather(*(say(top) for top in tops))
    request = comments_pb2.ListCommentsRequest(parent=article, page_size=THREADS, reply_size=REPLIES)
    page = await comments.ListComments(request, metadata=_signed(token))
    assert sum(1 + len(thread.replies) for thread in page.threads) == THREADS * (1 + REPLIES), page
    path = f"{article}/comments?pageSize={THREADS}&replySize={REPLIES}"
    return _page("blog.v1.CommentService/ListComments", request, path, page)


def _page(method: str, request: Message, path: str, answer: Message) -> Page:
    return Page(f"/plein.{method}", request.SerializeToString(), f"/v1/{path}", answer.SerializeToString())


def _signed(token: str) -> Any:
    return (("authorization", f"Bearer {token}"),)
