"""The files of groups: what is known of them."""

from collections.abc import AsyncIterator
from typing import Any

from google.api import httpbody_pb2
from google.protobuf import empty_pb2
from plein.groups.v1 import files_pb2, files_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.events import append_many
from chassis.problems import NotFound
from services.groups.domain.files import File, Verdict, Version
from services.groups.rpc.base import now
from services.groups.rpc.uploads import Uploads
from services.groups.store import files
from services.groups.wire import contents as names
from services.groups.wire import files as wire
from services.groups.wire.names import moment_and_id


class Files(Uploads, files_pb2_grpc.GroupFileServiceServicer):
    """All methods of the GroupFileService."""

    async def GetGroupFile(self, request: files_pb2.GetGroupFileRequest, context: Any) -> files_pb2.GroupFile:
        async with self.database.snapshot() as tx:
            return wire.file(await self.file(tx, self.sight(), request.name), self.scans)

    async def ListGroupFiles(
        self, request: files_pb2.ListGroupFilesRequest, context: Any
    ) -> files_pb2.ListGroupFilesResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        after = moment_and_id(self.pages.position(request))
        async with self.database.snapshot() as tx:
            seen = await self.as_member(tx, sight, request.parent)
            found = await files.visible_files(tx, sight, seen.group.id, after, size + 1)
        shown = [wire.file(file, self.scans) for file in found[:size]]
        answer = files_pb2.ListGroupFilesResponse(files=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, wire.position(found[size - 1]))
        return answer

    async def UpdateGroupFile(self, request: files_pb2.UpdateGroupFileRequest, context: Any) -> files_pb2.GroupFile:
        title = wire.asked_title(request)
        async with self.database.transaction() as tx:
            file = await self.changeable(tx, self.sight(), request.group_file.name)
            changed = file.renamed(title, request.group_file.etag, now())
            await files.save(tx, changed)
        return wire.file(changed, self.scans)

    async def DeleteGroupFile(self, request: files_pb2.DeleteGroupFileRequest, context: Any) -> empty_pb2.Empty:
        async with self.database.transaction() as tx:
            file = await self.changeable(tx, self.sight(), request.name)
            await files.delete(tx, file.id)
            await append_many(tx, [wire.deleted(file)])
        return empty_pb2.Empty()

    async def ListGroupFileVersions(
        self, request: files_pb2.ListGroupFileVersionsRequest, context: Any
    ) -> files_pb2.ListGroupFileVersionsResponse:
        size, position = pages.size(request, 20, 100), self.pages.position(request)
        before = int(position) if position else None
        async with self.database.snapshot() as tx:
            file = await self.file(tx, self.sight(), request.parent)
            found = await files.versions(tx, file.id, before, size + 1)
        shown = [wire.version(file, version, self.scans) for version in found[:size]]
        answer = files_pb2.ListGroupFileVersionsResponse(versions=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, str(found[size - 1].number).encode())
        return answer

    async def DownloadGroupFile(
        self, request: files_pb2.DownloadGroupFileRequest, context: Any
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        async with self.database.snapshot() as tx:
            file = await self.file(tx, self.sight(), request.name)
            version = await self._wanted(tx, file, names.file_place(request.name).number)
        if version is None:
            raise names.unknown_file(request.name)
        version.check_served(self.scans)
        await context.send_initial_metadata(wire.download_metadata(file))
        yield httpbody_pb2.HttpBody(content_type=version.content_type)
        try:
            async for chunk in self.objects.chunks(str(version.content)):
                yield httpbody_pb2.HttpBody(data=chunk)
        except NotFound as gone:
            raise names.unknown_file(request.name) from gone

    async def _wanted(self, tx: AsyncConnection, file: File, number: int) -> Version | None:
        """The version of this number, or else the newest that is served, or the newest to say why none is."""
        if number:
            return await files.version(tx, file.id, number)
        served = [Verdict.CLEAN] if self.scans else [Verdict.CLEAN, Verdict.NONE]
        return await files.newest_of(tx, file.id, served) or file.newest
