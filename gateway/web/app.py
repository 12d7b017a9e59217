"""The site as an application: its pages, who is reading, and what becomes of errors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from chassis.neighbours import Neighbours
from chassis.settings import sealing_key
from chassis.viewer import ServiceSigner, Viewer, enter
from gateway.web import articles, blogs, comments, pages, revisions, writing
from gateway.web.blog_neighbours import Articles, Blogs, Drafts
from gateway.web.comment_neighbours import Comments, Consultations
from gateway.web.groups.contents import Gatherings, GroupFiles
from gateway.web.groups.neighbours import Entrance, GroupPages, Groups, Members
from gateway.web.neighbours import Feed, Identity, Inbox, Media, Moderation, Profile, Relations
from gateway.web.sessions import Session, Sessions
from gateway.web.settings import WebSettings
from gateway.web.views import Views

FOLDER = Path(__file__).parent
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
# Search stands before what could be an article's address.
BLOG_ROUTES = [*articles.ROUTES, *blogs.ROUTES, *comments.ROUTES, *writing.ROUTES, *revisions.ROUTES]


def site(settings: WebSettings) -> Starlette:
    """The whole site."""
    app = Starlette(
        routes=[*pages.ROUTES, *BLOG_ROUTES, Mount("/static", StaticFiles(directory=FOLDER / "static"))],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_around)],
        exception_handlers={404: pages.not_found, grpc.aio.AioRpcError: pages.failed},
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.sessions = Sessions(sealing_key(settings.sealing_key_file), settings.public_url)
    app.state.views = Views(FOLDER, settings.organisation_time_zone)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    settings: WebSettings = app.state.settings
    neighbours = Neighbours(settings.neighbours, ServiceSigner("web", settings.service_key_file))
    app.state.identity, app.state.profile = Identity(neighbours), Profile(neighbours)
    app.state.feed, app.state.relations = Feed(neighbours), Relations(neighbours)
    app.state.media, app.state.inbox = Media(neighbours), Inbox(neighbours)
    app.state.groups, app.state.group_pages = Groups(neighbours), GroupPages(neighbours)
    app.state.members, app.state.entrance = Members(neighbours), Entrance(neighbours)
    app.state.gatherings, app.state.group_files = Gatherings(neighbours), GroupFiles(neighbours)
    app.state.moderation = Moderation(neighbours)
    app.state.articles, app.state.blogs, app.state.drafts = Articles(neighbours), Blogs(neighbours), Drafts(neighbours)
    app.state.comments, app.state.consultations = Comments(neighbours), Consultations(neighbours)
    yield
    await neighbours.close()


async def _around(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Finds out who reads, refuses what another site sent, and adds what every answer carries."""
    if request.url.path.startswith("/static/"):
        return await call_next(request)
    request.state.session = None
    try:
        request.state.session = await _session(request)
    except grpc.aio.AioRpcError as error:
        return await pages.failed(request, error)
    if request.method == "POST" and not await pages.form_is_ours(request):
        response: Response = await pages.refused(request)
    else:
        response = await call_next(request)
    sessions: Sessions = request.app.state.sessions
    if request.state.session is None and sessions.cookie in request.cookies and "set-cookie" not in response.headers:
        sessions.forget(request, response)
    response.headers.setdefault("cache-control", "no-store")
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _session(request: Request) -> Session | None:
    sessions: Sessions = request.app.state.sessions
    refresh_token = sessions.refresh_token(request)
    if refresh_token is None:
        return None
    session = sessions.known(refresh_token)
    if session is None:
        tokens = await request.app.state.identity.refresh(refresh_token)
        session = sessions.remember(tokens) if tokens else None
    if session:
        enter(Viewer(token=session.access_token))
    return session
