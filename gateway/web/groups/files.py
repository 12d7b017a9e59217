"""The files of a group: listed, brought, taken along."""

from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import uuid4

import grpc
from google.api import httpbody_pb2
from plein.groups.v1 import files_pb2
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway.web.answers import SEE_OTHER, member, next_page
from gateway.web.groups.around import WRONG, done, group_of, group_page, name_of, posted


async def files(request: Request) -> Response:
    return await _files(request)


async def _files(request: Request, status_code: int = 200, error: str = "") -> Response:
    group = await group_of(request)
    listed = await request.app.state.group_files.files(group.name, request.query_params.get("page", ""))
    people = await request.app.state.profile.profiles_of(file.newest.uploader for file in listed.files)
    values = {"files": listed.files, "people": people, "request_id": str(uuid4()), "error": error}
    values["next_page"] = next_page(request, listed)
    return await group_page(request, "group_files.html", group, status_code, **values)


async def upload(request: Request) -> Response:
    """Takes in a new file, or with `of` a new version of one."""
    group, form, field = name_of(request), await request.form(), await posted(request)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return RedirectResponse(f"/{group}/files", SEE_OTHER)
    first = files_pb2.UploadGroupFileRequest(request_id=field("request_id"))
    if field("of"):
        first.name = f"{group}/files/{field('of')}"
    else:
        first.parent, first.title = group, file.filename.replace("/", "-").replace("\\", "-")
    try:
        content_type = file.content_type or "application/octet-stream"
        await request.app.state.group_files.upload(first, await file.read(), content_type)
    except grpc.aio.AioRpcError as error:
        if error.code() not in WRONG:
            raise
        return await _files(request, 400, error.details() or "")
    return RedirectResponse(f"/{group}/files", SEE_OTHER)


async def download(request: Request) -> Response:
    """A file, to be saved and not to be shown: what members bring runs nowhere."""
    name = f"{name_of(request)}/files/{request.path_params['file']}"
    title = (await request.app.state.group_files.file(name)).title
    pieces = await request.app.state.group_files.download(name)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(title, safe='')}"}
    return StreamingResponse(_bytes(pieces), media_type="application/octet-stream", headers=headers)


async def _bytes(pieces: AsyncIterator[httpbody_pb2.HttpBody]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if piece.data:
            yield piece.data


async def delete(request: Request, group: str) -> None:
    await request.app.state.group_files.delete(f"{group}/files/{(await posted(request))('file')}")


ROUTES = [
    Route("/groups/{group}/files", member(files)),
    Route("/groups/{group}/files", member(upload), methods=["POST"]),
    Route("/groups/{group}/files/delete", member(done(delete, "/files")), methods=["POST"]),
    Route("/groups/{group}/files/{file}", member(download)),
]
