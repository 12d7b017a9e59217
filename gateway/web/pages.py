"""The pages. Each asks the services what to show, and says which template shows it."""

import hmac
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import grpc
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chassis.status import reason
from gateway.web.sessions import comes_from_here

SEE_OTHER = 303
READERS_OWN = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
)


async def front(request: Request) -> Response:
    """Home for whoever is signed in, the way in for everybody else."""
    if request.state.session is None:
        return _page(request, "welcome.html", error="", login="")
    page = await request.app.state.feed.home(request.query_params.get("page", ""))
    return await _timeline(request, "home.html", page, request_id=str(uuid4()), text="", error="")


async def everyone(request: Request) -> Response:
    page = await request.app.state.feed.everyone(request.query_params.get("page", ""))
    return await _timeline(request, "everyone.html", page)


async def tag(request: Request) -> Response:
    name = f"tags/{request.path_params['tag']}"
    page = await request.app.state.feed.with_tag(name, request.query_params.get("page", ""))
    return await _timeline(request, "tag.html", page, tag=request.path_params["tag"])


async def person(request: Request) -> Response:
    name = f"people/{request.path_params['person']}"
    profile = await request.app.state.profile.profile(name.replace("people/", "profiles/"))
    page = await request.app.state.feed.of_person(profile.person, request.query_params.get("page", ""))
    mine = profile.person == request.state.session.person
    followed = not mine and await request.app.state.feed.is_followed(profile.person)
    return await _timeline(request, "person.html", page, profile=profile, mine=mine, followed=followed)


async def post(request: Request) -> Response:
    name = f"posts/{request.path_params['post']}"
    shown = await request.app.state.feed.post(name)
    root = shown if shown.root == shown.name else await request.app.state.feed.post(shown.root)
    replies = await request.app.state.feed.replies(root.name, request.query_params.get("page", ""))
    values = {"root": root, "request_id": str(uuid4()), "text": "", "error": ""}
    return await _timeline(request, "post.html", replies, also=[root], **values)


async def search(request: Request) -> Response:
    query = request.query_params.get("q", "").strip()
    found = await request.app.state.profile.search(query, request.query_params.get("page", ""))
    return _page(request, "search.html", query=query, found=found, next_page=_next_page(request, found))


async def sign_in(request: Request) -> Response:
    form = await request.form()
    login = str(form.get("login", ""))
    try:
        device = request.headers.get("user-agent", "")[:200]
        tokens = await request.app.state.identity.sign_in(login, str(form.get("password", "")), device)
    except grpc.aio.AioRpcError as error:
        return _page(request, "welcome.html", 401, error=_sign_in_error(error), login=login)
    return _signed_in(request, tokens)


async def welcome(request: Request) -> Response:
    """Where a one-time link leads: choose a password, and come in."""
    token = request.query_params.get("token", "")
    if request.method == "GET":
        return _page(request, "first_time.html", error="", token=token)
    form = await request.form()
    token = str(form.get("token", ""))
    try:
        device = request.headers.get("user-agent", "")[:200]
        password = str(form.get("password", ""))
        tokens = await request.app.state.identity.sign_in_with_link(token, password, device)
    except grpc.aio.AioRpcError as error:
        old = error.code() == grpc.StatusCode.UNAUTHENTICATED
        sentence = "This link has been used or is too old. Ask for a new one." if old else error.details() or ""
        return _page(request, "first_time.html", 400, error=sentence, token=token)
    return _signed_in(request, tokens)


async def sign_out(request: Request) -> Response:
    response = RedirectResponse("/", SEE_OTHER)
    if request.state.session is not None:
        await request.app.state.identity.sign_out()
    request.app.state.sessions.forget(request, response)
    return response


async def write(request: Request) -> Response:
    form = await request.form()
    text, reply_to = str(form.get("text", "")), str(form.get("reply_to", ""))
    request_id = str(form.get("request_id", ""))
    try:
        written = await request.app.state.feed.write(text, reply_to, request_id)
    except grpc.aio.AioRpcError as error:
        if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
            raise
        values = {"reply_to": reply_to, "text": text, "request_id": request_id, "error": error.details()}
        return _page(request, "write.html", 400, **values)
    return RedirectResponse(f"/{written.root}" if reply_to else "/", SEE_OTHER)


async def react(request: Request) -> Response:
    form = await request.form()
    name = f"posts/{request.path_params['post']}"
    await request.app.state.feed.react(name, int(str(form.get("reaction", "0")) or 0))
    return RedirectResponse(_back(str(form.get("back", "/"))) + f"#{request.path_params['post']}", SEE_OTHER)


async def delete(request: Request) -> Response:
    await request.app.state.feed.delete(f"posts/{request.path_params['post']}")
    return RedirectResponse("/", SEE_OTHER)


async def follow(request: Request) -> Response:
    form = await request.form()
    name = f"people/{request.path_params['person']}"
    await request.app.state.feed.follow(name, form.get("follow") == "yes")
    return RedirectResponse(f"/{name}", SEE_OTHER)


async def photo(request: Request) -> Response:
    body = await request.app.state.profile.photo(request.url.path.removeprefix("/"))
    headers = {"cache-control": "private, max-age=86400, immutable"}
    return Response(body.data, media_type=body.content_type, headers=headers)


async def not_found(request: Request, error: Exception) -> Response:
    return _page(request, "message.html", 404, title="There is nothing here", sentence="")


async def failed(request: Request, error: Exception) -> Response:
    """What a service's refusal looks like to people."""
    assert isinstance(error, grpc.aio.AioRpcError)  # noqa: S101  # it is registered for these alone
    code = error.code()
    if code == grpc.StatusCode.UNAUTHENTICATED:
        # Another session was ended, or a role taken: this one goes on with a new token, if it still can.
        request.app.state.sessions.renew(request)
        return RedirectResponse(request.url.path if request.method == "GET" else "/", SEE_OTHER)
    if code == grpc.StatusCode.NOT_FOUND:
        return await not_found(request, error)
    if code in READERS_OWN:
        return _page(request, "message.html", 400, title="That did not work", sentence=error.details() or "")
    return _page(request, "message.html", 503, title="This does not work for a moment", sentence="Try again soon.")


async def form_is_ours(request: Request) -> bool:
    """Whether a form came from our own page, and, once somebody is signed in, from a page made for that session."""
    if not comes_from_here(request, request.app.state.settings.public_url):
        return False
    if request.state.session is None:
        return True
    await request.body()  # kept with the request, so that the page can read the form again
    sent = str((await request.form()).get("form_token", ""))
    return hmac.compare_digest(sent.encode(), request.state.session.form_token.encode())


def refused(request: Request) -> Response:
    return _page(request, "message.html", 403, title="That did not work", sentence="Go back, reload and try again.")


async def _timeline(request: Request, template: str, page: Any, also: Any = (), **values: Any) -> Response:
    """A page of posts with the people in it."""
    people = await request.app.state.profile.profiles_of(post.author for post in [*page.posts, *also])
    return _page(request, template, posts=page.posts, people=people, next_page=_next_page(request, page), **values)


def _page(request: Request, template: str, status_code: int = 200, **values: Any) -> Response:
    response: Response = request.app.state.views.page(request, template, status_code, **values)
    return response


def _next_page(request: Request, page: Any) -> str:
    if not page.next_page_token:
        return ""
    query = {key: value for key, value in request.query_params.items() if key != "page"}
    return f"{request.url.path}?{urlencode(query | {'page': page.next_page_token})}"


def _signed_in(request: Request, tokens: Any) -> Response:
    response = RedirectResponse("/", SEE_OTHER)
    request.app.state.sessions.remember(tokens)
    request.app.state.sessions.set_cookie(response, tokens)
    return response


def _sign_in_error(error: grpc.aio.AioRpcError) -> str:
    if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:
        return "Too many attempts. Wait fifteen minutes."
    if reason(error) == "SIGN_IN_REFUSED" or error.code() == grpc.StatusCode.INVALID_ARGUMENT:
        return "That name and password do not go together."
    raise error


def _back(path: str) -> str:
    """A path of our own to return to, never an address elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _member(page: Any) -> Any:
    """A page for those who are signed in; others are shown the way in."""

    async def shown(request: Request) -> Response:
        if request.state.session is None:
            return RedirectResponse("/", SEE_OTHER)
        answer: Response = await page(request)
        return answer

    return shown


async def health(request: Request) -> Response:
    """Whether this process answers; whether the product works, the edge tells."""
    return Response("ok", media_type="text/plain")


ROUTES = [
    Route("/healthz", health),
    Route("/", front),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/welcome", welcome, methods=["GET", "POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/everyone", _member(everyone)),
    Route("/search", _member(search)),
    Route("/tags/{tag}", _member(tag)),
    Route("/people/{person}", _member(person)),
    Route("/people/{person}/follow", _member(follow), methods=["POST"]),
    Route("/posts", _member(write), methods=["POST"]),
    Route("/posts/{post}", _member(post)),
    Route("/posts/{post}/react", _member(react), methods=["POST"]),
    Route("/posts/{post}/delete", _member(delete), methods=["POST"]),
    Route("/profiles/{profile}/photos/{photo}", _member(photo)),
]
