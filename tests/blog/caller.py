"""People as they use blog, each over a channel of their own, in the words that the tests use."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import grpc
import sqlalchemy as sa
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2, status_pb2
from plein.blog.v1 import (
    articles_pb2,
    articles_pb2_grpc,
    blog_pb2,
    blog_pb2_grpc,
    drafts_pb2,
    drafts_pb2_grpc,
    images_pb2_grpc,
    series_pb2_grpc,
)
from plein.chassis.v1 import audience_pb2
from plein.groups.v1 import events_pb2 as groups_pb2

from chassis.status import DETAILS_KEY
from chassis.testing import Person, World

Kinds = Sequence[str]
Method = Callable[[Any], Awaitable[Any]]

UNKNOWN_BLOG = "blogs/01993e54-0000-7000-8000-000000000000"
UNKNOWN_ARTICLE = "articles/01993e54-0000-7000-8000-000000000000"


class Caller:
    """Somebody who is signed in, or a service by its name, or nobody."""

    def __init__(self, world: World, who: Person | str | None) -> None:
        self.who = who
        self.channel = world.channel(who)
        self.blogs = blog_pb2_grpc.BlogServiceStub(self.channel)
        self.articles = articles_pb2_grpc.ArticleServiceStub(self.channel)
        self.drafts = drafts_pb2_grpc.DraftServiceStub(self.channel)
        self.series = series_pb2_grpc.SeriesServiceStub(self.channel)
        self.images = images_pb2_grpc.ArticleImageServiceStub(self.channel)

    @property
    def person(self) -> Person:
        assert isinstance(self.who, Person)
        return self.who

    @property
    def id(self) -> UUID:
        return self.person.id

    @property
    def name(self) -> str:
        return f"people/{self.id}"

    async def begin_blog(
        self, title: str = "Notes", kind: str = "TEAM", *, kinds: Kinds = (), group: str = "", request_id: str = ""
    ) -> blog_pb2.Blog:
        """Begins a blog: of a team, if nothing else is said."""
        blog = blog_pb2.Blog(title=title, kind=blog_pb2.BlogKind.Value(f"BLOG_KIND_{kind}"))
        blog.audience.CopyFrom(audience(kinds, group))
        return await self.blogs.CreateBlog(blog_pb2.CreateBlogRequest(blog=blog, request_id=request_id))

    async def read_blog(self, name: str) -> blog_pb2.Blog:
        return await self.blogs.GetBlog(blog_pb2.GetBlogRequest(name=name))

    async def give_role(self, blog: str, person: "Caller", role: str) -> blog_pb2.BlogAuthor:
        request = blog_pb2.SetBlogRoleRequest(name=f"{blog}/authors/{person.id}")
        request.role = blog_pb2.BlogRole.Value(f"BLOG_ROLE_{role}")
        return await self.blogs.SetBlogRole(request)

    async def take_role(self, blog: str, person: "Caller") -> None:
        await self.blogs.RemoveBlogAuthor(blog_pb2.RemoveBlogAuthorRequest(name=f"{blog}/authors/{person.id}"))

    async def begin(
        self,
        blog: str,
        title: str = "First",
        text: str = "Hello.",
        *,
        kinds: Kinds = (),
        group: str = "",
        **fields: Any,
    ) -> articles_pb2.Article:
        """Begins an article, of which nobody else sees anything yet."""
        article = articles_pb2.Article(blog=blog, title=title, text=text, audience=audience(kinds, group), **fields)
        return await self.articles.CreateArticle(
            articles_pb2.CreateArticleRequest(article=article, request_id=str(uuid4()))
        )

    async def read(self, name: str) -> articles_pb2.Article:
        return await self.articles.GetArticle(articles_pb2.GetArticleRequest(name=name))

    async def publish(self, name: str, draft_etag: str = "") -> articles_pb2.Article:
        return await self.articles.PublishArticle(articles_pb2.PublishArticleRequest(name=name, draft_etag=draft_etag))

    async def write(
        self,
        blog: str,
        title: str = "First",
        text: str = "Hello.",
        *,
        kinds: Kinds = (),
        group: str = "",
        **fields: Any,
    ) -> articles_pb2.Article:
        """Writes an article and publishes it."""
        article = await self.begin(blog, title, text, kinds=kinds, group=group, **fields)
        return await self.publish(article.name)

    async def unpublish(self, name: str) -> articles_pb2.Article:
        return await self.articles.UnpublishArticle(articles_pb2.UnpublishArticleRequest(name=name))

    async def schedule(self, name: str, seconds: float) -> articles_pb2.Article:
        """Lets an article be published in so many seconds."""
        request = articles_pb2.ScheduleArticleRequest(name=name)
        request.publish_time.FromDatetime(datetime.now(UTC) + timedelta(seconds=seconds))
        return await self.articles.ScheduleArticle(request)

    async def delete(self, name: str) -> None:
        await self.articles.DeleteArticle(articles_pb2.DeleteArticleRequest(name=name))

    async def listed(self, **asked: Any) -> list[str]:
        """The names of published articles: all, or of a `parent`, an `author` or a `tag`."""
        request = articles_pb2.ListArticlesRequest(**asked, page_size=2)
        return [article.name for article in await walked(self.articles.ListArticles, request)]

    async def draft(self, article: str) -> drafts_pb2.Draft:
        return await self.drafts.GetDraft(drafts_pb2.GetDraftRequest(name=f"{article}/draft"))

    async def save(self, article: str, etag: str = "", *paths: str, **fields: Any) -> drafts_pb2.Draft:
        """Saves fields of a draft; with `paths` also those that are empty."""
        draft = drafts_pb2.Draft(name=f"{article}/draft", etag=etag, **fields)
        return await self.drafts.UpdateDraft(
            drafts_pb2.UpdateDraftRequest(draft=draft, update_mask=FieldMask(paths=paths))
        )

    async def preview(self, article: str) -> articles_pb2.Article:
        found = await self.drafts.PreviewDraft(drafts_pb2.PreviewDraftRequest(name=f"{article}/draft"))
        return found.article

    async def share(self, article: str, person: "Caller") -> drafts_pb2.DraftShare:
        return await self.drafts.ShareDraft(drafts_pb2.ShareDraftRequest(name=f"{article}/draft", person=person.name))

    async def revisions(self, article: str) -> list[drafts_pb2.Revision]:
        request = drafts_pb2.ListRevisionsRequest(parent=article, page_size=2)
        return await walked(self.drafts.ListRevisions, request)


class Meet(Protocol):
    """`ada, bob = await meet("ada", "bob")`; `kind`, `segments` and `roles` are those of all."""

    async def __call__(self, *handles: str, **access: Any) -> list[Caller]: ...


def audience(kinds: Kinds = (), group: str = "") -> audience_pb2.Audience:
    """Only these kinds of worker, or everyone; of these, the members of a group."""
    found = [audience_pb2.WorkerKind.Value(f"WORKER_KIND_{kind}") for kind in kinds]
    return audience_pb2.Audience(kinds=found, group=group)


async def new_group(world: World, *members: Caller) -> str:
    """A group with these members, of which blog has heard."""
    group = f"groups/{uuid4()}"
    joined = [groups_pb2.MemberJoined(group=group, person=member.name) for member in members]
    await world.tell(group, *joined, source="groups")
    return group


async def leave(world: World, group: str, person: Caller) -> None:
    """Lets groups tell that somebody left."""
    await world.tell(group, groups_pb2.MemberLeft(group=group, person=person.name), source="groups")


async def told(world: World, name: str) -> list[tuple[str, bytes]]:
    """What the log tells of a resource, as (type, payload), oldest first."""
    query = "SELECT 1 AS part, position AS place, type, payload FROM eventlog.events WHERE aggregate = :name UNION ALL "
    query += "SELECT 2, seq, type, payload FROM eventlog.outbox WHERE aggregate = :name ORDER BY part, place"
    async with world.server.resources.database.snapshot() as tx:
        rows = await tx.execute(sa.text(query), {"name": name})
    return [(row.type.rpartition(".")[2], row.payload) for row in rows]


async def kinds_told(world: World, name: str) -> list[str]:
    return [kind for kind, _ in await told(world, name)]


async def walked(method: Method, request: Any) -> list[Any]:
    """What all pages list together."""
    return [item async for page in pages(method, request) for item in page]


async def pages(method: Method, request: Any) -> AsyncIterator[list[Any]]:
    """The pages of a list, each with at most as much as was asked for, and none but a first one empty."""
    request.page_size = request.page_size or 100
    while True:
        answer = await method(request)
        page = list(getattr(answer, answer.DESCRIPTOR.fields[0].name))
        assert len(page) <= request.page_size
        assert page or not request.page_token
        yield page
        if not answer.next_page_token:
            return
        request.page_token = answer.next_page_token


@dataclass(frozen=True)
class Refusal:
    """What a caller hears: `fields` are the bad ones."""

    code: str
    message: str
    reason: str
    fields: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]

    def without(self, name: str) -> "Refusal":
        """The same with a placeholder for what the caller sent."""
        facts = tuple((key, value.replace(name, "{name}")) for key, value in self.facts)
        return Refusal(self.code, self.message.replace(name, "{name}"), self.reason, self.fields, facts)


async def refused(call: Awaitable[Any]) -> Refusal:
    """How a call is refused, which it has to be."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return refusal(error)
    raise AssertionError(f"It was not refused: {answer}")


def refusal(error: grpc.aio.AioRpcError) -> Refusal:
    trailers = dict(error.trailing_metadata() or ())
    details = trailers.get(DETAILS_KEY, b"")
    assert isinstance(details, bytes)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(details).details:
        assert detail.Unpack(info) or detail.Unpack(bad) or detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR)
    fields = tuple(violation.field for violation in bad.field_violations)
    return Refusal(error.code().name, error.details() or "", info.reason, fields, tuple(sorted(info.metadata.items())))
