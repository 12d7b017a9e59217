"""Files of groups and calendars, as they pass the edge."""

from collections.abc import AsyncIterator

import grpc
import pytest
from plein.feed.v1 import media_pb2, media_pb2_grpc
from plein.groups.v1 import files_pb2, files_pb2_grpc

from tests.edge.stack import Edge

MEBIBYTE = 1024 * 1024


async def test_fifty_mebibytes_pass_in_pieces(edge: Edge) -> None:
    async def pieces() -> AsyncIterator[files_pb2.UploadGroupFileRequest]:
        for number in range(25):
            piece = files_pb2.UploadGroupFileRequest(parent="" if number else "groups/1")
            piece.file.data = bytes(2 * MEBIBYTE)
            yield piece

    async with edge.channel() as channel:
        upload = files_pb2_grpc.GroupFileServiceStub(channel).UploadGroupFile
        file = await upload(pieces(), metadata=edge.signed_in())
    assert (file.name, file.newest.size_bytes) == ("groups/1", 50 * MEBIBYTE)


async def test_what_does_not_come_in_pieces_is_still_bounded(edge: Edge) -> None:
    large = media_pb2.UploadImageRequest()
    large.file.data = bytes(9 * MEBIBYTE)
    async with edge.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError):
            await media_pb2_grpc.MediaServiceStub(channel).UploadImage(large, metadata=edge.signed_in())


async def test_over_json_the_body_is_the_file(edge: Edge) -> None:
    async with edge.client() as client:
        headers, content = {"content-type": "application/pdf"}, bytes(5 * MEBIBYTE)
        answer = await client.post("/v1/groups/1/files?title=a.pdf", content=content, headers=headers)
        assert answer.json()["name"] == "groups/1"
        assert answer.json()["title"] == "a.pdf"
        assert answer.json()["newest"] == {"sizeBytes": str(len(content)), "contentType": "application/pdf"}
        newer = await client.post("/v1/groups/1/files/2/versions", content=b"x", headers=headers)
        assert newer.json()["name"] == "groups/1/files/2"


async def test_a_file_comes_as_it_is_to_be_saved(edge: Edge) -> None:
    async with edge.client() as client:
        for name in ("groups/1/files/2", "groups/1/files/2/versions/3"):
            answer = await client.get(f"/v1/{name}:download")
            assert answer.content == name.encode() * 3
            assert answer.headers["content-type"] == "text/plain"
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_calendar_needs_no_token_and_its_address_is_not_logged(edge: Edge) -> None:
    async with edge.client(token="") as client:
        answer = await client.get("/v1/calendars/5ec4e7")
        assert (answer.status_code, answer.content) == (200, b"calendars/5ec4e7")
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert (await client.get("/v1/people/me/calendarLink")).status_code == 401
    assert "5ec4e7" not in edge.log
