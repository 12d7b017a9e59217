"""What somebody made in groups, and answered, for them to take along."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from plein.groups.v1 import gatherings_pb2, own_data_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.moments import timestamp
from services.groups.rpc.base import Base
from services.groups.store import calendars, exporting_contents
from services.groups.wire import files as files_wire
from services.groups.wire import gatherings as gatherings_wire

AT_ONCE = 200
Part = own_data_pb2.ExportOwnDataResponse
Found = TypeVar("Found")


class OwnContents(Base):
    """Each section is read a page at a time, in transactions of their own."""

    async def made(self, person: UUID) -> AsyncIterator[Part]:
        """The files and the events of theirs that somebody sees now."""
        scans = bool(self.settings.file_scanner)
        files = partial(exporting_contents.files_of, self.access.sight(person), AT_ONCE)
        async for found in self.paged(files, lambda file: file.id):
            yield Part(files=[files_wire.file(file, scans) for file in found])
        events = partial(exporting_contents.gatherings_of, self.access.sight(person), AT_ONCE)
        async for planned in self.paged(events, lambda seen: seen.gathering.id):
            yield Part(events=[gatherings_wire.gathering(*seen) for seen in planned])

    async def answered(self, person: UUID) -> AsyncIterator[Part]:
        """What somebody answered to events, also to those that they do not see any more."""
        answers = partial(exporting_contents.answers_of, person, AT_ONCE)
        async for found in self.paged(answers, lambda answer: answer.gathering):
            yield Part(attendances=[gatherings_wire.own_attendance(*answer) for answer in found])

    async def wished(self, person: UUID) -> AsyncIterator[Part]:
        """Which groups somebody does not want suggested, and since when they subscribe to their calendar."""
        dismissed = partial(exporting_contents.dismissed_by, person, AT_ONCE)
        async for groups in self.paged(dismissed, lambda group: group):
            yield Part(dismissed_suggestions=[f"groups/{group}" for group in groups])
        async with self.database.snapshot() as tx:
            made = await calendars.create_time(tx, person)
        if made is not None:
            yield Part(calendar_link=gatherings_pb2.CalendarLink(create_time=timestamp(made)))

    async def paged(
        self,
        read: Callable[[AsyncConnection, Any], Awaitable[Sequence[Found]]],
        place: Callable[[Found], Any],
    ) -> AsyncIterator[Sequence[Found]]:
        """What `read` finds behind each place, until it finds less than a page."""
        last: Any = None
        while True:
            async with self.database.snapshot() as tx:
                found = await read(tx, last)
            if found:
                yield found
            if len(found) < AT_ONCE:
                return
            last = place(found[-1])
