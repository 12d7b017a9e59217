"""The pages on which articles are found and read."""

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import grpc
from plein.blog.v1 import articles_pb2, blog_pb2, comments_pb2, consultations_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.answers import SEE_OTHER, member, next_page, page

MOVED = 301
PICTURES = {"cache-control": "private, max-age=86400, immutable"}


async def front(request: Request) -> Response:
    """What editors feature and what is newest; or what the reader follows, of an author, or with a tag."""
    query = request.query_params
    asked: dict[str, Any] = {"page_token": query.get("page", "")}
    asked |= {name: query[name] for name in ("author", "tag") if query.get(name)}
    target = asked.get("author") or asked.get("tag") or ""
    followed = query.get("show") == "followed"
    articles = request.app.state.articles
    listed, featured, subscribed = await asyncio.gather(
        articles.listed(**asked, subscribed=followed),
        nothing([]) if followed or target or asked["page_token"] else articles.featured(),
        request.app.state.blogs.is_subscribed(target) if target else nothing(False),
    )
    chosen = {one.name for one in featured}
    newest = [one for one in listed.articles if one.name not in chosen]
    people = await people_in(request, [*newest, *featured], [asked.get("author", "")])
    values = {"featured": featured, "followed": followed, "target": target, "subscribed": subscribed}
    values |= {"articles": newest, "next_page": next_page(request, listed)}
    return await page(request, "articles.html", people=people, **values)


async def search(request: Request) -> Response:
    query, order = request.query_params.get("q", "").strip(), request.query_params.get("order", "best")
    values: dict[str, Any] = {"query": query, "order": order, "error": ""}
    try:
        found = await request.app.state.articles.search(query, order, request.query_params.get("page", ""))
    except grpc.aio.AioRpcError as error:
        if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
            raise
        values["error"] = error.details()
        return await page(request, "article_search.html", 400, found=[], people={}, next_page="", **values)
    people = await people_in(request, [one.article for one in found.found])
    values["next_page"] = next_page(request, found)
    return await page(request, "article_search.html", found=found.found, people=people, **values)


async def article(request: Request) -> Response:
    """An article at its one address; other addresses of it lead there."""
    key = request.path_params["article"]
    articles = request.app.state.articles
    found = await (articles.article(f"articles/{key}") if is_id(key) else articles.looked_up(key))
    if found.state != articles_pb2.ARTICLE_STATE_PUBLISHED:
        return RedirectResponse(f"/{found.name}/write", SEE_OTHER)
    if found.slug != key:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/articles/{found.slug}{query}", MOVED)
    return await _read(request, found)


async def _read(request: Request, found: articles_pb2.Article) -> Response:
    state, order = request.app.state, order_in(request)
    blog, discussion, listed, consultation, reads, subscribed, series, _ = await asyncio.gather(
        state.blogs.blog(found.blog),
        state.comments.discussion(found.name),
        state.comments.threads(found.name, order, request.query_params.get("page", "")),
        state.consultations.consultation(found.name),
        state.articles.read_count(found.name),
        state.blogs.is_subscribed(found.blog),
        state.blogs.series(found.series) if found.series else nothing(None),
        state.articles.count_read(found.name),
    )
    edits = may_change(blog, found, request.state.session.person)
    others, summary, candidates, people = await asyncio.gather(
        state.articles.batch(list(series.articles)) if series else nothing([]),
        state.articles.batch([consultation.summary]) if consultation and consultation.summary else nothing([]),
        _summaries(request, found, consultation) if edits else nothing([]),
        state.profile.profiles_of([found.author, *_talkers(listed.threads)]),
    )
    values = {"article": found, "blog": blog, "discussion": discussion, "threads": listed.threads, "reads": reads}
    values |= {"consultation": consultation, "series": series, "others": others, "summary": next(iter(summary), None)}
    values |= {"candidates": candidates, "edits": edits, "subscribed": subscribed, "order": order}
    return await page(request, "article.html", people=people, next_page=next_page(request, listed), **values)


async def _summaries(
    request: Request, found: articles_pb2.Article, consultation: consultations_pb2.Consultation | None
) -> list[articles_pb2.Article]:
    """The newest articles that may sum a consultation up: others in the same blog."""
    if consultation is None:
        return []
    listed = await request.app.state.articles.listed(parent=found.blog, page_size=50)
    return [one for one in listed.articles if one.name != found.name]


async def comment(request: Request) -> Response:
    """The permanent address of a comment leads to the page on which it stands."""
    id_ = request.path_params["comment"]
    name, order = f"comments/{id_}", order_in(request)
    place = await request.app.state.comments.place(name, order)
    if place.replies_token:
        return RedirectResponse(f"/{place.thread}/replies?page={place.replies_token}#{id_}", SEE_OTHER)
    found = await request.app.state.articles.article(place.article)
    token = f"&page={place.page_token}" if place.page_token else ""
    return RedirectResponse(f"/articles/{found.slug}?order={order}{token}#{id_}", SEE_OTHER)


async def replies(request: Request) -> Response:
    """All replies in one thread."""
    name = f"comments/{request.path_params['comment']}"
    comments = request.app.state.comments
    listed, place = await asyncio.gather(
        comments.replies(name, request.query_params.get("page", "")), comments.place(name, order_in(request))
    )
    found, discussion = await asyncio.gather(
        request.app.state.articles.article(place.article), comments.discussion(place.article)
    )
    blog = await request.app.state.blogs.blog(found.blog)
    people = await request.app.state.profile.profiles_of(_people_of(listed.comments))
    values = {"article": found, "discussion": discussion, "thread": name, "replies": listed.comments}
    values["edits"] = may_change(blog, found, request.state.session.person)
    return await page(request, "replies.html", people=people, next_page=next_page(request, listed), **values)


async def image(request: Request) -> Response:
    """An image of an article, for whoever may see what it stands in."""
    name = f"articleImages/{request.path_params['image']}/sizes/{request.path_params['size']}"
    body = await request.app.state.articles.image(name)
    return Response(body.data, media_type=body.content_type, headers=PICTURES)


async def people_in(request: Request, articles: Iterable[articles_pb2.Article], also: Iterable[str] = ()) -> Any:
    """The profiles of authors, and of others."""
    return await request.app.state.profile.profiles_of([*(one.author for one in articles), *also])


def may_change(blog: blog_pb2.Blog, article: articles_pb2.Article, person: str) -> bool:
    """Whether somebody is one of an article's authors: who wrote it, or edits its blog."""
    own = article.author == person and blog.viewer_role != blog_pb2.BLOG_ROLE_UNSPECIFIED
    return own or blog.viewer_role in (blog_pb2.BLOG_ROLE_OWNER, blog_pb2.BLOG_ROLE_EDITOR)


def order_in(request: Request) -> int:
    """In which order comments are asked for; the newest first if nothing else is."""
    order = request.query_params.get("order", "")
    return int(order) if order in "1234" and order else comments_pb2.COMMENT_ORDER_NEWEST


def is_id(key: str) -> bool:
    """Whether it is an article's id rather than its address."""
    try:
        return str(UUID(key)) == key
    except ValueError:
        return False


async def nothing(value: Any) -> Any:
    """What is not asked for."""
    return value


def _talkers(threads: Iterable[comments_pb2.CommentThread]) -> list[str]:
    return _people_of(one for thread in threads for one in (thread.comment, *thread.replies))


def _people_of(comments: Iterable[comments_pb2.Comment]) -> list[str]:
    """Who wrote comments, took care of them and decided about them."""
    found = [(one.author, one.contribution.owner, one.contribution.decider) for one in comments]
    return [person for people in found for person in people]


ROUTES = [
    Route("/articles", member(front)),
    Route("/articles/search", member(search)),
    Route("/articles/{article}", member(article)),
    Route("/comments/{comment}", member(comment)),
    Route("/comments/{comment}/replies", member(replies)),
    Route("/articleImages/{image}/{size}", member(image)),
]
