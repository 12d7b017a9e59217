"""What people do with comments, and what authors do with contributions to a consultation."""

import asyncio
from datetime import UTC, date, datetime, time
from typing import Any

import grpc
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chassis.status import reason
from gateway.web.answers import SEE_OTHER, back, member, next_page, page
from gateway.web.articles import may_change

FORMATS = {"csv": False, "json": True}


async def write(request: Request) -> Response:
    form = await request.form()
    article, text = f"articles/{request.path_params['article']}", str(form.get("text", ""))
    reply_to, request_id = str(form.get("reply_to", "")), str(form.get("request_id", ""))
    meant = form.get("warnings_accepted") == "yes"
    try:
        written = await request.app.state.comments.write(article, text, reply_to, request_id, warnings_accepted=meant)
    except grpc.aio.AioRpcError as error:
        values = {"action": f"/{article}/comments", "reply_to": reply_to, "request_id": request_id, "etag": ""}
        return await _once_more(request, error, text, **values)
    return RedirectResponse(f"/{written.name}", SEE_OTHER)


async def change(request: Request) -> Response:
    form = await request.form()
    name, text, etag = _comment(request), str(form.get("text", "")), str(form.get("etag", ""))
    meant = form.get("warnings_accepted") == "yes"
    try:
        await request.app.state.comments.change(name, text, etag, warnings_accepted=meant)
    except grpc.aio.AioRpcError as error:
        return await _once_more(request, error, text, action=f"/{name}/change", reply_to="", request_id="", etag=etag)
    return RedirectResponse(f"/{name}", SEE_OTHER)


async def _once_more(request: Request, error: grpc.aio.AioRpcError, text: str, **values: str) -> Response:
    """Shows again what was not taken, so that nothing that was typed is lost."""
    warned = reason(error) == "FILTER_WARNING"
    if error.code() != grpc.StatusCode.INVALID_ARGUMENT and not warned:
        raise error
    return await page(
        request, "write_comment.html", 400, error=error.details() or "", text=text, warned=warned, **values
    )


async def delete(request: Request) -> Response:
    await request.app.state.comments.delete(_comment(request))
    return await _back(request)


async def react(request: Request) -> Response:
    reaction = str((await request.form()).get("reaction", "0"))
    await request.app.state.comments.react(_comment(request), int(reaction) if reaction.isdecimal() else 0)
    return await _back(request)


async def close(request: Request) -> Response:
    form = await request.form()
    await request.app.state.comments.close(f"articles/{request.path_params['article']}", form.get("close") == "yes")
    return await _back(request)


async def decide(request: Request) -> Response:
    form = await request.form()
    state, why = str(form.get("state", "")), str(form.get("reason", "")).strip()
    number = int(state) if state.isdecimal() else 0
    await request.app.state.consultations.decide(_comment(request), number, why, str(form.get("etag", "")))
    return await _back(request)


async def assign(request: Request) -> Response:
    form = await request.form()
    owner = "people/me" if form.get("owner") == "me" else ""
    await request.app.state.consultations.assign(_comment(request), owner, str(form.get("etag", "")))
    return await _back(request)


async def history(request: Request) -> Response:
    """What was done with a contribution over time."""
    state = request.app.state
    listed, found = await asyncio.gather(
        state.consultations.changes(_comment(request), request.query_params.get("page", "")),
        state.comments.comment(_comment(request)),
    )
    involved = [person for one in listed.changes for person in (one.person, one.owner)]
    people = await state.profile.profiles_of([found.author, *involved])
    values = {"comment": found, "changes": listed.changes, "people": people}
    return await page(request, "contribution.html", next_page=next_page(request, listed), **values)


async def contributions(request: Request) -> Response:
    """The ledger: the contributions in one state, or all."""
    state, name = request.app.state, f"articles/{request.path_params['article']}"
    asked = request.query_params.get("state", "0")
    wanted = int(asked) if asked in ("1", "2", "3", "4") else 0
    consultation, listed, found, discussion = await asyncio.gather(
        state.consultations.consultation(name),
        state.consultations.contributions(name, wanted, request.query_params.get("page", "")),
        state.articles.article(name),
        state.comments.discussion(name),
    )
    involved = [(one.author, one.contribution.owner, one.contribution.decider) for one in listed.comments]
    blog, people = await asyncio.gather(
        state.blogs.blog(found.blog), state.profile.profiles_of([one for three in involved for one in three])
    )
    values: dict[str, Any] = {"consultation": consultation, "contributions": listed.comments, "wanted": wanted}
    values |= {"article": found, "people": people, "edits": may_change(blog, found, request.state.session.person)}
    values |= {"discussion": discussion, "next_page": next_page(request, listed)}
    return await page(request, "contributions.html", **values)


async def export(request: Request) -> Response:
    """All contributions as a file."""
    as_json = FORMATS.get(request.path_params["format"])
    if as_json is None:
        return await page(request, "message.html", 404, title="There is nothing here", sentence="")
    name = f"articles/{request.path_params['article']}"
    content_type, content = await request.app.state.consultations.exported(name, as_json=as_json)
    headers = {"content-disposition": f'attachment; filename="contributions.{request.path_params["format"]}"'}
    return Response(content, media_type=content_type, headers=headers)


async def consult(request: Request) -> Response:
    """Makes an article ask for opinions until the end of a day, moves that day, or links the summary."""
    form, name = await request.form(), f"articles/{request.path_params['article']}"
    consultations = request.app.state.consultations
    if "summary" in form:
        await consultations.change(name, "summary", summary=str(form["summary"]))
        return await _back(request)
    try:
        day = date.fromisoformat(str(form.get("close_day", "")))
    except ValueError:
        return await page(request, "message.html", 400, title="That did not work", sentence="That is no date.")
    last = datetime.combine(day, time(23, 59, 59), request.app.state.views.zone).astimezone(UTC)
    if form.get("begun") == "yes":
        await consultations.change(name, "close_time", close_time=last)
    else:
        await consultations.begin(name, last, str(form.get("request_id", "")))
    return await _back(request)


def _comment(request: Request) -> str:
    return f"comments/{request.path_params['comment']}"


async def _back(request: Request) -> Response:
    return RedirectResponse(back(str((await request.form()).get("back", "/articles"))), SEE_OTHER)


ROUTES = [
    Route("/articles/{article}/comments", member(write), methods=["POST"]),
    Route("/articles/{article}/close", member(close), methods=["POST"]),
    Route("/articles/{article}/consultation", member(consult), methods=["POST"]),
    Route("/articles/{article}/contributions", member(contributions)),
    Route("/articles/{article}/contributions.{format}", member(export)),
    Route("/comments/{comment}/change", member(change), methods=["POST"]),
    Route("/comments/{comment}/delete", member(delete), methods=["POST"]),
    Route("/comments/{comment}/react", member(react), methods=["POST"]),
    Route("/comments/{comment}/decide", member(decide), methods=["POST"]),
    Route("/comments/{comment}/assign", member(assign), methods=["POST"]),
    Route("/comments/{comment}/history", member(history)),
]
