"""People as they share files, in the words that the tests use."""

from collections.abc import AsyncIterator

from google.api import httpbody_pb2
from plein.groups.v1 import files_pb2, files_pb2_grpc

from tests.groups.caller import Caller

PIECE = 1024 * 1024
HARMLESS = b"Agenda: koffie, dan golf."


class Sharer:
    """Somebody who shares files."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.api = files_pb2_grpc.GroupFileServiceStub(caller.channel)

    async def bring(
        self,
        group: str = "",
        content: bytes = HARMLESS,
        *,
        title: str = "agenda.txt",
        name: str = "",
        content_type: str = "text/plain",
        request_id: str = "",
        piece: int = PIECE,
    ) -> files_pb2.GroupFile:
        """Uploads a file into a group, or with `name` a version of one."""

        async def messages() -> AsyncIterator[files_pb2.UploadGroupFileRequest]:
            first = files_pb2.UploadGroupFileRequest(
                parent=group, name=name, title="" if name else title, request_id=request_id
            )
            first.file.CopyFrom(httpbody_pb2.HttpBody(content_type=content_type, data=content[:piece]))
            yield first
            for begin in range(piece, len(content), piece):
                more = httpbody_pb2.HttpBody(data=content[begin : begin + piece])
                yield files_pb2.UploadGroupFileRequest(file=more)

        return await self.api.UploadGroupFile(messages())

    async def file(self, name: str) -> files_pb2.GroupFile:
        return await self.api.GetGroupFile(files_pb2.GetGroupFileRequest(name=name))

    async def content(self, name: str) -> bytes:
        """The content, as it comes in pieces."""
        call = self.api.DownloadGroupFile(files_pb2.DownloadGroupFileRequest(name=name))
        return b"".join([message.data async for message in call])

    async def files(self, group: str, size: int = 100) -> list[str]:
        """The names of all files of a group, page by page."""
        names: list[str] = []
        token = ""
        while True:
            request = files_pb2.ListGroupFilesRequest(parent=group, page_size=size, page_token=token)
            answer = await self.api.ListGroupFiles(request)
            names += [file.name for file in answer.files]
            token = answer.next_page_token
            if not token:
                return names

    async def versions(self, name: str, size: int = 100) -> list[files_pb2.GroupFileVersion]:
        """All versions of a file, page by page."""
        versions: list[files_pb2.GroupFileVersion] = []
        token = ""
        while True:
            request = files_pb2.ListGroupFileVersionsRequest(parent=name, page_size=size, page_token=token)
            answer = await self.api.ListGroupFileVersions(request)
            versions += answer.versions
            token = answer.next_page_token
            if not token:
                return versions

    async def rename(self, name: str, title: str, etag: str = "") -> files_pb2.GroupFile:
        wanted = files_pb2.GroupFile(name=name, title=title, etag=etag)
        return await self.api.UpdateGroupFile(files_pb2.UpdateGroupFileRequest(group_file=wanted))

    async def delete(self, name: str) -> None:
        await self.api.DeleteGroupFile(files_pb2.DeleteGroupFileRequest(name=name))
