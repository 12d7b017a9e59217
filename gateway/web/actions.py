"""What the forms do. Each asks a service to do it, and leads back to where the form stood."""

import grpc
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chassis.status import reason
from gateway.web.answers import SEE_OTHER, back, member, page


async def write(request: Request) -> Response:
    form = await request.form()
    reply_to, reshare_of = str(form.get("reply_to", "")), str(form.get("reshare_of", ""))
    text, group, request_id = (str(form.get(field, "")) for field in ("text", "group", "request_id"))
    meant = form.get("warnings_accepted") == "yes"
    try:
        if reshare_of:
            written = await request.app.state.feed.reshare(reshare_of, text, request_id, warnings_accepted=meant)
        else:
            written = await request.app.state.feed.write(text, reply_to, group, request_id, warnings_accepted=meant)
    except grpc.aio.AioRpcError as error:
        warned = reason(error) == "FILTER_WARNING"
        if error.code() != grpc.StatusCode.INVALID_ARGUMENT and not warned:
            raise
        values = {"reply_to": reply_to, "reshare_of": reshare_of, "text": text, "request_id": request_id}
        values["group"] = group
        return await page(request, "write.html", 400, error=error.details(), warned=warned, **values)
    return RedirectResponse(f"/{written.root}" if reply_to else back(f"/{group}"), SEE_OTHER)


async def react(request: Request) -> Response:
    form = await request.form()
    await request.app.state.feed.react(_post(request), int(str(form.get("reaction", "0")) or 0))
    return await _back(request)


async def reshare(request: Request) -> Response:
    if (await request.form()).get("reshare") == "yes":
        await request.app.state.feed.reshare(_post(request))
    else:
        await request.app.state.feed.undo_reshare(_post(request))
    return await _back(request)


async def bookmark(request: Request) -> Response:
    form = await request.form()
    await request.app.state.relations.bookmark(_post(request), form.get("bookmark") == "yes")
    return await _back(request)


async def vote(request: Request) -> Response:
    places = (await request.form()).getlist("choice")
    await request.app.state.feed.vote(_post(request), [int(str(place)) for place in places if str(place).isdecimal()])
    return await _back(request)


async def delete(request: Request) -> Response:
    await request.app.state.feed.delete(_post(request))
    return RedirectResponse("/", SEE_OTHER)


async def follow(request: Request) -> Response:
    form = await request.form()
    name = f"people/{request.path_params['person']}"
    await request.app.state.feed.follow(name, form.get("follow") == "yes")
    return RedirectResponse(f"/{name}", SEE_OTHER)


async def mark_read(request: Request) -> Response:
    position = str((await request.form()).get("up_to_position", ""))
    await request.app.state.inbox.mark_read(int(position) if position.isdecimal() else 0)
    return RedirectResponse("/notifications", SEE_OTHER)


def _post(request: Request) -> str:
    return f"posts/{request.path_params['post']}"


async def _back(request: Request) -> Response:
    return RedirectResponse(back(str((await request.form()).get("back", "/"))), SEE_OTHER)


ROUTES = [
    Route("/people/{person}/follow", member(follow), methods=["POST"]),
    Route("/posts", member(write), methods=["POST"]),
    Route("/posts/{post}/react", member(react), methods=["POST"]),
    Route("/posts/{post}/reshare", member(reshare), methods=["POST"]),
    Route("/posts/{post}/bookmark", member(bookmark), methods=["POST"]),
    Route("/posts/{post}/vote", member(vote), methods=["POST"]),
    Route("/posts/{post}/delete", member(delete), methods=["POST"]),
    Route("/notifications/read", member(mark_read), methods=["POST"]),
]
