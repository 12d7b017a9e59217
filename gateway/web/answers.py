"""How pages answer: a template with what every page shows, a page of posts with its people, and the way back."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from google.api import httpbody_pb2
from plein.feed.v1 import feed_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

SEE_OTHER = 303


async def page(request: Request, template: str, status_code: int = 200, **values: Any) -> Response:
    """A page from a template."""
    signed_in = getattr(request.state, "session", None) is not None
    unread = await request.app.state.inbox.unread() if signed_in else 0
    response: Response = request.app.state.views.page(request, template, status_code, unread=unread, **values)
    return response


async def timeline(request: Request, template: str, listed: Any, also: Any = (), **values: Any) -> Response:
    """A page of posts with the people in it. One on which nothing is left leads to the first."""
    if "page" in request.query_params and not listed.posts:
        return RedirectResponse(_here(request, ""), SEE_OTHER)
    shown = [*listed.posts, *also]
    people = await people_of(request, shown)
    values["post_groups"] = await request.app.state.groups.of_posts(shown)
    values |= {"next_page": next_page(request, listed), "newer_page": newer_page(request, listed)}
    return await page(request, template, posts=listed.posts, people=people, **values)


async def people_of(request: Request, posts: list[feed_pb2.Post], also: Any = ()) -> dict[str, Any]:
    """The profiles of those who wrote posts or what these pass on, and of others."""
    people: dict[str, Any] = await request.app.state.profile.profiles_of([*_authors(posts), *also])
    return people


def _authors(posts: list[feed_pb2.Post]) -> Iterator[str]:
    for post in posts:
        yield post.author
        if post.HasField("original"):
            yield post.original.author


def next_page(request: Request, listed: Any) -> str:
    """The path of the next page, empty at the end."""
    return _here(request, listed.next_page_token) if listed.next_page_token else ""


def newer_page(request: Request, listed: Any) -> str:
    """The path of the page before; empty on the first page, which is looked at anew instead."""
    token = getattr(listed, "previous_page_token", "")
    return _here(request, token) if token and "page" in request.query_params else ""


def _here(request: Request, page_token: str) -> str:
    query = {key: value for key, value in request.query_params.items() if key != "page"}
    if page_token:
        query["page"] = page_token
    return f"{request.url.path}?{urlencode(query)}" if query else request.url.path


def back(path: str) -> str:
    """A path of our own to return to, never an address elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def picture(body: httpbody_pb2.HttpBody) -> Response:
    """A picture that never changes under its address, for the browser that asked for it."""
    headers = {"cache-control": "private, max-age=86400, immutable"}
    return Response(body.data, media_type=body.content_type, headers=headers)


def member(shown: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A page for those who are signed in; others are shown the way in."""

    async def shown_to_members(request: Request) -> Response:
        if request.state.session is None:
            return RedirectResponse("/", SEE_OTHER)
        return await shown(request)

    return shown_to_members
