"""What owners decide about a group, and what keepers write on its page."""

from typing import Any

import grpc
from plein.chassis.v1 import audience_pb2
from plein.groups.v1 import groups_pb2
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.answers import SEE_OTHER, member
from gateway.web.groups.around import WRONG, done, group_of, group_page, name_of, posted


async def settings(request: Request) -> Response:
    return await _settings(request)


async def _settings(
    request: Request, status_code: int = 200, error: str = "", written: groups_pb2.Group | None = None, **values: Any
) -> Response:
    """The forms as things stand; after an error with what was written in them."""
    group = await group_of(request)
    if written is not None:
        group.title, group.visibility, group.history = written.title, written.visibility, written.history
        group.join_rule.CopyFrom(written.join_rule)
    return await group_page(request, "group_settings.html", group, status_code, error=error, **values)


async def change(request: Request) -> Response:
    """Saves the group's own fields; what is wrong is said on the same page."""
    form, field = await request.form(), await posted(request)
    group = groups_pb2.Group(name=name_of(request), title=field("title"), handle=field("handle"), etag=field("etag"))
    group.visibility = groups_pb2.GroupVisibility.ValueType(_number(field("visibility")))
    group.history = groups_pb2.GroupHistory.ValueType(_number(field("history")))
    kinds = [audience_pb2.WorkerKind.ValueType(_number(str(kind))) for kind in form.getlist("kind")]
    group.join_rule.kinds.extend(kinds)
    group.join_rule.departments.extend(_lines(field("departments")))
    kept = (await group_of(request)).join_rule.segments
    group.join_rule.segments.extend(kept)
    wanted = ["title", "visibility", "history", "join_rule", *(["handle"] if group.handle else [])]
    try:
        await request.app.state.groups.change(group, *wanted)
    except grpc.aio.AioRpcError as error:
        if error.code() not in WRONG:
            raise
        return await _settings(request, 400, error.details() or "", group)
    return RedirectResponse(f"/{group.name}", SEE_OTHER)


async def describe(request: Request) -> Response:
    """Saves description, rules and tags."""
    group, field = name_of(request), await posted(request)
    about = await request.app.state.group_pages.page(group)
    about.description, about.rules, about.etag = field("description"), field("rules"), field("etag")
    del about.tags[:]
    about.tags.extend(dict.fromkeys(tag.lstrip("#").lower() for tag in field("tags").replace(",", " ").split()))
    try:
        await request.app.state.group_pages.change(about)
    except grpc.aio.AioRpcError as error:
        if error.code() not in WRONG:
            raise
        return await _settings(request, 400, error.details() or "", about=about)
    return RedirectResponse(f"/{group}", SEE_OTHER)


async def set_cover(request: Request) -> Response:
    group, file = name_of(request), (await request.form()).get("file")
    try:
        if isinstance(file, UploadFile) and file.filename:
            content_type = file.content_type or "application/octet-stream"
            await request.app.state.group_pages.set_cover(group, await file.read(), content_type)
    except grpc.aio.AioRpcError as error:
        if error.code() not in WRONG:
            raise
        return await _settings(request, 400, error.details() or "")
    return RedirectResponse(f"/{group}", SEE_OTHER)


async def remove_cover(request: Request, group: str) -> None:
    await request.app.state.group_pages.remove_cover(group)


async def archive(request: Request, group: str) -> None:
    await request.app.state.groups.archive(group, (await posted(request))("archive") == "yes")


async def delete(request: Request, group: str) -> None:
    """Deletes only what somebody said twice is to go."""
    field = await posted(request)
    if field("delete") == "no":
        await request.app.state.groups.delete(group, deleted=False)
    elif field("sure") == "yes":
        await request.app.state.groups.delete(group, deleted=True)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


ROUTES = [
    Route("/groups/{group}/settings", member(settings)),
    Route("/groups/{group}/settings", member(change), methods=["POST"]),
    Route("/groups/{group}/description", member(describe), methods=["POST"]),
    Route("/groups/{group}/cover", member(set_cover), methods=["POST"]),
    Route("/groups/{group}/remove-cover", member(done(remove_cover, "/settings")), methods=["POST"]),
    Route("/groups/{group}/archive", member(done(archive)), methods=["POST"]),
    Route("/groups/{group}/delete", member(done(delete)), methods=["POST"]),
]
