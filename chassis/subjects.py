"""What can be reported, shown to moderation: a service gives one function, which the frame asks and guards.

    SERVICE = Service("groups", …, subjects=subject)

    async def subject(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None: ...

It returns what stands under a resource name, also when it is hidden or removed, or None when there is nothing of that
name or the name is none of this service's. With a `sight` it returns None for what that viewer may not see now;
`hidden` and `removed` are minded here besides.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from plein.chassis.v1.subjects_pb2 import Subject
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.problems import NotFound
from chassis.resources import Resources

SUBJECT_API = subjects_pb2.DESCRIPTOR.services_by_name["SubjectService"]

FindSubject = Callable[[AsyncConnection, str, Sight | None], Awaitable[Subject | None]]


class Subjects(subjects_pb2_grpc.SubjectServiceServicer):
    """Answers moderation from what a service finds."""

    def __init__(self, resources: Resources, find: FindSubject) -> None:
        self._resources = resources
        self._find = find

    async def GetSubject(self, request: subjects_pb2.GetSubjectRequest, context: Any) -> Subject:
        viewer = UUID(request.viewer.removeprefix("people/")) if request.viewer else None
        sight = self._resources.access.sight(viewer) if viewer else None
        async with self._resources.database.snapshot() as tx:
            found = await self._find(tx, request.name, sight)
        if found is None or (sight is not None and not _shown(found, sight)):
            raise NotFound("SUBJECT_NOT_FOUND", "There is no {name}.", name=request.name)
        return found


def _shown(subject: Subject, sight: Sight) -> bool:
    own = subject.author == f"people/{sight.viewer}"
    return sight.active and not subject.removed and (own or not subject.hidden)
