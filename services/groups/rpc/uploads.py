"""Taking files in, piece by piece."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import UUID

from plein.groups.v1 import files_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.events import append_many
from chassis.ids import new_id
from chassis.objects import Objects
from chassis.once import once
from chassis.problems import BadInput, TooLate
from chassis.resources import Resources
from services.groups.domain import files as domain
from services.groups.domain.files import MEBIBYTE, UPLOADING, File, Version
from services.groups.domain.members import Role
from services.groups.rpc.base import now
from services.groups.rpc.contents import Contents
from services.groups.store import files, groups, objects
from services.groups.wire import contents as names
from services.groups.wire import files as wire

Request = files_pb2.UploadGroupFileRequest


class Pieces:
    """What comes in, counted and hashed while it passes by."""

    def __init__(self, first: Request, more: AsyncIterator[Request]) -> None:
        self._first = first
        self._more = more
        self._hash = sha256()
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._counted(self._first)
        async for message in self._more:
            yield self._counted(message)

    def _counted(self, message: Request) -> bytes:
        piece: bytes = message.file.data
        self.size += len(piece)
        domain.check_size(self.size)
        self._hash.update(piece)
        return piece

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class Uploads(Contents):
    """New files, and new versions of files."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.objects = Objects(resources.settings.media_url, resources.name)
        self.scans = bool(resources.settings.file_scanner)

    async def UploadGroupFile(self, requests: AsyncIterator[Request], context: Any) -> files_pb2.GroupFile:
        first = await anext(requests, None)
        if first is None or bool(first.parent) == bool(first.name):
            raise BadInput("NO_PLACE", "Say in which group, or of which file it is a version.", field="parent")
        title = "" if first.name else domain.title(first.title, "title")
        content, pieces = new_id(), Pieces(first, requests)
        async with self.database.transaction() as tx:
            await self._check(tx, self.sight(), first, 0)
            await objects.note(tx, [content], now() + UPLOADING)
        await self.objects.keep(str(content), aiter(pieces))
        async with self.database.transaction() as tx:

            async def taken_in() -> files_pb2.GroupFile:
                return wire.file(await self._taken_in(tx, first, title, content, pieces), self.scans)

            return await once(tx, wire.question(first, pieces.sha256), files_pb2.GroupFile, taken_in)

    async def _taken_in(self, tx: AsyncConnection, first: Request, title: str, content: UUID, pieces: Pieces) -> File:
        """Everything is asked again: it may have taken minutes to come here."""
        sight = self.sight()
        group, before = await self._check(tx, sight, first, pieces.size)
        if not await objects.keep(tx, [content]):
            raise TooLate("TOO_SLOW", "It took too long.")
        moment, number = now(), before.newest.number + 1 if before else 1
        id_, kind = before.id if before else new_id(), domain.content_type(first.file.content_type)
        version = Version(id_, number, content, kind, pieces.size, pieces.sha256, sight.viewer, moment)
        if before is None:
            file = File(id_, group, title, sight.viewer, version, 1, moment, moment)
            await files.add(tx, file, moment)
        else:
            file = before.with_version(version)
            await files.add_version(tx, file, moment)
        if not self.scans:
            await append_many(tx, [wire.added(file, version)])
        return file

    async def _check(self, tx: AsyncConnection, sight: Sight, first: Request, size: int) -> tuple[UUID, File | None]:
        """The group, and the file that gets a version, if the caller may bring something of this size there."""
        before = await self.file(tx, sight, first.name) if first.name else None
        place = f"groups/{before.group}" if before else first.parent
        if size:
            # Files that come at the same time find room one after the other.
            await groups.locked(tx, (await self.as_member(tx, sight, place)).group.id)
        seen = await self.as_writer(tx, sight, place)
        file = await self.changeable(tx, sight, first.name) if first.name else None
        count, stored = await files.room(tx, seen.group.id)
        most = self.settings.group_files_megabytes * MEBIBYTE
        domain.check_room(0 if file else count, stored, size, most)
        return seen.group.id, file

    async def file(self, tx: AsyncConnection, sight: Sight, name: str) -> File:
        """A file that the viewer may see."""
        place = names.file_place(name)
        found = await files.visible_file(tx, sight, place.group, place.id)
        if found is None:
            raise names.unknown_file(name)
        return found

    async def changeable(self, tx: AsyncConnection, sight: Sight, name: str) -> File:
        """A file that the viewer may change, locked, in a group that is open to be written in.

        Only who may see the file waits for its lock, or the time that it takes would tell that there is one.
        """
        file = await self.file(tx, sight, name)
        seen = await self.as_writer(tx, sight, f"groups/{file.group}")
        await files.lock(tx, file.id)
        file = await self.file(tx, sight, name)
        file.check_changeable(sight.viewer, seen.standing.role is not None and seen.standing.role >= Role.KEEPER)
        return file
