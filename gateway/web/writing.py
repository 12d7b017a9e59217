"""The pages on which articles are written: drafts that save themselves, and what they said before."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import grpc
from plein.blog.v1 import blog_pb2, drafts_pb2
from plein.chassis.v1 import audience_pb2
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chassis.status import reason
from gateway.web.answers import SEE_OTHER, member, next_page, page

# The one page with a script, htmx, which saves what is typed. Article pages run none at all.
SCRIPTED = {
    "content-security-policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}
# What the writer can mend, so that the page is shown again with everything that was typed.
MENDED = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
)
FIELDS = ("title", "text", "summary")


async def drafts(request: Request) -> Response:
    """What the reader may write at, and where to begin something new."""
    state = request.app.state
    listed, own = await asyncio.gather(state.drafts.drafts(request.query_params.get("page", "")), state.blogs.own())
    people = await state.profile.profiles_of([draft.author for draft in listed.drafts])
    values = {"drafts": listed.drafts, "own": own, "request_id": str(uuid4())}
    return await page(request, "drafts.html", people=people, next_page=next_page(request, listed), **values)


async def begin(request: Request) -> Response:
    form = await request.form()
    begun = await request.app.state.articles.begin(str(form.get("blog", "")), str(form.get("request_id", "")))
    return RedirectResponse(f"/{begun.name}/write", SEE_OTHER)


async def write(request: Request) -> Response:
    draft = await request.app.state.drafts.draft(article_in(request))
    return await _desk(request, draft)


async def save(request: Request) -> Response:
    """Saves a draft, and does what the button says; what htmx sends is saved alone."""
    form = await request.form()
    if request.headers.get("hx-request") == "true":
        return await _saved_by_itself(request, form)
    typed = _typed(request, form)
    typed.etag = str(form.get("over", "")) or typed.etag
    try:
        saved = await request.app.state.drafts.save(typed, *FIELDS)
        typed.etag = saved.etag
        return await _then(request, form, saved)
    except grpc.aio.AioRpcError as error:
        if error.code() not in MENDED:
            raise
        return await _desk(request, typed, error)


async def _then(request: Request, form: FormData, saved: drafts_pb2.Draft) -> Response:
    """What the button says that saved a draft."""
    articles, name = request.app.state.articles, article_in(request)
    then, meant = str(form.get("then", "")), form.get("warnings_accepted") == "yes"
    if then in ("publish", "schedule", "save"):
        await _for_whom(request, form)
    match then:
        case "preview":
            return RedirectResponse(f"/{name}/preview", SEE_OTHER)
        case "publish":
            published = await articles.publish(name, saved.etag, warnings_accepted=meant)
            return RedirectResponse(f"/articles/{published.slug}", SEE_OTHER)
        case "schedule":
            moment = _moment(request, str(form.get("schedule_time", "")))
            await articles.schedule(name, saved.etag, moment, warnings_accepted=meant)
        case "image" | "cover":
            await _take_in(request, form, saved)
    return RedirectResponse(f"/{name}/write", SEE_OTHER)


async def _saved_by_itself(request: Request, form: FormData) -> Response:
    """What stands beside the text after htmx sent it: when it was saved, or why it was not."""
    typed = _typed(request, form)
    values: dict[str, Any] = {"error": "", "conflict": None, "people": {}}
    try:
        values["draft"] = await request.app.state.drafts.save(typed, *FIELDS)
    except grpc.aio.AioRpcError as error:
        # Its own etag stays with the text, so that nothing is written over what somebody else saved.
        values |= {"draft": typed, "error": error.details() or "", **await _conflict(request, error)}
    response: Response = request.app.state.views.page(request, "draft_saved.html", **values)
    return response


async def _desk(request: Request, draft: drafts_pb2.Draft, error: grpc.aio.AioRpcError | None = None) -> Response:
    """The page on which a draft is written, with what went wrong if something did."""
    state, name = request.app.state, article_in(request)
    article, conflict = await asyncio.gather(state.articles.article(name), _conflict(request, error))
    blog = await state.blogs.blog(article.blog)
    own = article.author == request.state.session.person
    publishes = blog.viewer_role in (1, 2) or (own and blog.viewer_role == blog_pb2.BLOG_ROLE_AUTHOR)
    values = {"draft": draft, "article": article, "blog": blog, "publishes": publishes, **conflict}
    values["error"] = error.details() or "" if error else ""
    values["warned"] = error is not None and reason(error) == "FILTER_WARNING"
    values.setdefault("people", {})
    status = 200 if error is None else 409 if error.code() == grpc.StatusCode.ABORTED else 400
    response = await page(request, "write_article.html", status, **values)
    response.headers.update(SCRIPTED)
    return response


async def _conflict(request: Request, error: grpc.aio.AioRpcError | None) -> dict[str, Any]:
    """What somebody else saved meanwhile, and who that is."""
    if error is None or error.code() != grpc.StatusCode.ABORTED:
        return {"conflict": None}
    stored = await request.app.state.drafts.draft(article_in(request))
    return {"conflict": stored, "people": await request.app.state.profile.profiles_of([stored.person])}


async def _for_whom(request: Request, form: FormData) -> None:
    """Changes for which kinds of worker an article is, if the form asks and another choice was made."""
    if "audience" not in form:
        return
    article = await request.app.state.articles.article(article_in(request))
    kinds = sorted(int(str(kind)) for kind in form.getlist("kind") if str(kind) in ("1", "2", "3"))
    kinds = [] if len(kinds) == 3 else kinds
    if kinds != sorted(article.audience.kinds):
        audience = audience_pb2.Audience(kinds=kinds, group=article.audience.group)  # type: ignore[arg-type] # enums are numbers
        await request.app.state.articles.change_audience(article.name, audience)


async def _take_in(request: Request, form: FormData, saved: drafts_pb2.Draft) -> None:
    """Puts an image at the end of a text, or above it."""
    file, words = form.get("file"), str(form.get("alt_text", "")).strip()
    if not isinstance(file, UploadFile) or not file.size:
        return
    taken = await request.app.state.articles.take_in_image(await file.read())
    if form.get("then") == "cover":
        saved.cover.image, saved.cover.alt_text = taken.name, words
        await request.app.state.drafts.save(saved, "cover")
    else:
        described = words.replace("[", "(").replace("]", ")")
        saved.text = f"{saved.text.rstrip()}\n\n![{described}]({taken.name})\n".lstrip()
        await request.app.state.drafts.save(saved, "text")


def _typed(request: Request, form: FormData) -> drafts_pb2.Draft:
    """The draft as it stands in the form."""
    draft = drafts_pb2.Draft(name=f"{article_in(request)}/draft", etag=str(form.get("etag", "")))
    for field in FIELDS:
        # Browsers send lines that end as in mail; titles and summaries have one line.
        setattr(draft, field, str(form.get(field, "")).replace("\r\n", "\n"))
    return draft


def _moment(request: Request, local: str) -> datetime:
    """A moment from a form, which is in the organisation's time zone; now if it is none, which cannot be scheduled."""
    try:
        moment = datetime.fromisoformat(local)
    except ValueError:
        return datetime.now(UTC)
    return moment.replace(tzinfo=request.app.state.views.zone).astimezone(UTC)


async def unschedule(request: Request) -> Response:
    await request.app.state.articles.unschedule(article_in(request))
    return RedirectResponse(f"/{article_in(request)}/write", SEE_OTHER)


async def unpublish(request: Request) -> Response:
    await request.app.state.articles.unpublish(article_in(request))
    return RedirectResponse(f"/{article_in(request)}/write", SEE_OTHER)


async def delete(request: Request) -> Response:
    await request.app.state.articles.delete(article_in(request))
    return RedirectResponse("/drafts", SEE_OTHER)


def article_in(request: Request) -> str:
    return f"articles/{request.path_params['article']}"


ROUTES = [
    Route("/drafts", member(drafts)),
    Route("/articles", member(begin), methods=["POST"]),
    Route("/articles/{article}/write", member(write)),
    Route("/articles/{article}/write", member(save), methods=["POST"]),
    Route("/articles/{article}/unschedule", member(unschedule), methods=["POST"]),
    Route("/articles/{article}/unpublish", member(unpublish), methods=["POST"]),
    Route("/articles/{article}/delete", member(delete), methods=["POST"]),
]
