"""The pages. Each asks the services what to show, and says which template shows it."""

import hmac
from typing import Any
from uuid import uuid4

import grpc
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chassis.status import reason
from gateway.web import actions, groups, reports
from gateway.web.answers import SEE_OTHER, member, newer_page, next_page, page, people_of, picture, timeline
from gateway.web.sessions import comes_from_here
from gateway.web.views import is_plain_reshare

READERS_OWN = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
)


async def front(request: Request) -> Response:
    """Home for whoever is signed in, the way in for everybody else."""
    if request.state.session is None:
        return await page(request, "welcome.html", error="", login="")
    listed = await request.app.state.feed.home(request.query_params.get("page", ""))
    return await timeline(request, "home.html", listed, request_id=str(uuid4()), text="", error="")


async def everyone(request: Request) -> Response:
    listed = await request.app.state.feed.everyone(request.query_params.get("page", ""))
    return await timeline(request, "everyone.html", listed)


async def tag(request: Request) -> Response:
    name = f"tags/{request.path_params['tag']}"
    listed = await request.app.state.feed.with_tag(name, request.query_params.get("page", ""))
    return await timeline(request, "tag.html", listed, tag=request.path_params["tag"])


async def person(request: Request) -> Response:
    name = f"people/{request.path_params['person']}"
    profile = await request.app.state.profile.profile(name.replace("people/", "profiles/"))
    listed = await request.app.state.feed.of_person(profile.person, request.query_params.get("page", ""))
    mine = profile.person == request.state.session.person
    followed = not mine and await request.app.state.feed.is_followed(profile.person)
    return await timeline(request, "person.html", listed, profile=profile, mine=mine, followed=followed)


async def post(request: Request) -> Response:
    name = f"posts/{request.path_params['post']}"
    shown = await request.app.state.feed.post(name)
    if is_plain_reshare(shown) and shown.HasField("original"):
        return RedirectResponse(f"/{shown.original.root}#{shown.original.name.removeprefix('posts/')}", SEE_OTHER)
    root = shown if shown.root == shown.name else await request.app.state.feed.post(shown.root)
    replies = await request.app.state.feed.replies(root.name, request.query_params.get("page", ""))
    values = {"root": root, "request_id": str(uuid4()), "quote_id": str(uuid4()), "text": "", "error": ""}
    return await timeline(request, "post.html", replies, also=[root], **values)


async def versions(request: Request) -> Response:
    """What a post said before it was changed."""
    shown = await request.app.state.feed.post(f"posts/{request.path_params['post']}")
    listed = await request.app.state.feed.revisions(shown.name, request.query_params.get("page", ""))
    people = await people_of(request, [shown])
    values: dict[str, Any] = {"post": shown, "people": people, "next_page": next_page(request, listed)}
    return await page(request, "versions.html", revisions=listed.revisions, **values)


async def saved(request: Request) -> Response:
    listed = await request.app.state.relations.bookmarked(request.query_params.get("page", ""))
    return await timeline(request, "saved.html", listed)


async def notifications(request: Request) -> Response:
    listed = await request.app.state.inbox.notifications(request.query_params.get("page", ""))
    told = listed.notifications
    posts = [notification.post for notification in told if notification.HasField("post")]
    people = await people_of(request, posts, also=[person for one in told for person in one.people])
    values: dict[str, Any] = {"next_page": next_page(request, listed), "newer_page": newer_page(request, listed)}
    return await page(request, "notifications.html", notifications=told, people=people, **values)


async def search(request: Request) -> Response:
    query = request.query_params.get("q", "").strip()
    found = await request.app.state.profile.search(query, request.query_params.get("page", ""))
    return await page(request, "search.html", query=query, found=found, next_page=next_page(request, found))


async def sign_in(request: Request) -> Response:
    form = await request.form()
    login = str(form.get("login", ""))
    try:
        device = request.headers.get("user-agent", "")[:200]
        tokens = await request.app.state.identity.sign_in(login, str(form.get("password", "")), device)
    except grpc.aio.AioRpcError as error:
        return await page(request, "welcome.html", 401, error=_sign_in_error(error), login=login)
    return _signed_in(request, tokens)


async def welcome(request: Request) -> Response:
    """Where a one-time link leads: choose a password, and come in."""
    token = request.query_params.get("token", "")
    if request.method == "GET":
        return await page(request, "first_time.html", error="", token=token)
    form = await request.form()
    token = str(form.get("token", ""))
    try:
        device = request.headers.get("user-agent", "")[:200]
        password = str(form.get("password", ""))
        tokens = await request.app.state.identity.sign_in_with_link(token, password, device)
    except grpc.aio.AioRpcError as error:
        old = error.code() == grpc.StatusCode.UNAUTHENTICATED
        sentence = "This link has been used or is too old. Ask for a new one." if old else error.details() or ""
        return await page(request, "first_time.html", 400, error=sentence, token=token)
    return _signed_in(request, tokens)


async def sign_out(request: Request) -> Response:
    response = RedirectResponse("/", SEE_OTHER)
    if request.state.session is not None:
        await request.app.state.identity.sign_out()
    request.app.state.sessions.forget(request, response)
    return response


async def photo(request: Request) -> Response:
    return picture(await request.app.state.profile.photo(request.url.path.removeprefix("/")))


async def image(request: Request) -> Response:
    """An image of a post, for whoever may see the post."""
    name, size = request.path_params["image"], request.path_params["size"]
    return picture(await request.app.state.media.image(f"images/{name}/sizes/{size}"))


async def not_found(request: Request, error: Exception) -> Response:
    return await page(request, "message.html", 404, title="There is nothing here", sentence="")


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
        return await page(request, "message.html", 400, title="That did not work", sentence=error.details() or "")
    return await page(request, "message.html", 503, title="This does not work for a moment", sentence="Try again soon.")


async def form_is_ours(request: Request) -> bool:
    """Whether a form came from our own page, and, once somebody is signed in, from a page made for that session."""
    if not comes_from_here(request, request.app.state.settings.public_url):
        return False
    if request.state.session is None:
        return True
    await request.body()  # kept with the request, so that the page can read the form again
    sent = str((await request.form()).get("form_token", ""))
    return hmac.compare_digest(sent.encode(), request.state.session.form_token.encode())


async def refused(request: Request) -> Response:
    return await page(
        request, "message.html", 403, title="That did not work", sentence="Go back, reload and try again."
    )


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


async def health(request: Request) -> Response:
    """Whether this process answers; whether the product works, the edge tells."""
    return Response("ok", media_type="text/plain")


ROUTES = [
    Route("/healthz", health),
    Route("/", front),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/welcome", welcome, methods=["GET", "POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/everyone", member(everyone)),
    Route("/search", member(search)),
    Route("/tags/{tag}", member(tag)),
    Route("/people/{person}", member(person)),
    Route("/saved", member(saved)),
    Route("/notifications", member(notifications)),
    Route("/posts/{post}", member(post)),
    Route("/posts/{post}/versions", member(versions)),
    Route("/images/{image}/{size}", member(image)),
    Route("/profiles/{profile}/photos/{photo}", member(photo)),
    *actions.ROUTES,
    *groups.ROUTES,
    *reports.ROUTES,
]
