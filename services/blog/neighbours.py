"""The calls that blog makes to other services."""

from collections.abc import Collection, Sequence
from uuid import UUID

import grpc
from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from chassis.neighbours import Neighbours

CALLS = ("identity",)

MOST_HANDLES = 100


class Identity:
    """Identity, asked in the name of whoever calls blog, or in blog's own for what happens by the clock."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
        self._as_viewer = identity_pb2_grpc.IdentityServiceStub(neighbours.as_viewer("identity", api))
        self._as_blog = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", api))

    async def people_behind(self, handles: Sequence[str]) -> dict[str, UUID]:
        """Handle → person. Handles of nobody whom the caller may know are left out."""
        return await self._behind(self._as_viewer, handles)

    async def anybody_behind(self, handles: Sequence[str]) -> dict[str, UUID]:
        """Handle → person, whoever may know them."""
        return await self._behind(self._as_blog, handles)

    async def _behind(
        self, stub: "identity_pb2_grpc.IdentityServiceAsyncStub", handles: Sequence[str]
    ) -> dict[str, UUID]:
        people: dict[str, UUID] = {}
        for start in range(0, len(handles), MOST_HANDLES):
            request = identity_pb2.ResolveHandlesRequest(handles=handles[start : start + MOST_HANDLES])
            answer = await stub.ResolveHandles(request, timeout=2)
            people |= {handle: UUID(name.removeprefix("people/")) for handle, name in answer.people.items()}
        return people

    async def people(self, people: Collection[UUID]) -> dict[UUID, identity_pb2.Person]:
        """At most 500 people as identity knows them; whom it does not know is left out."""
        found = await self._known([f"people/{person}" for person in people])
        return {UUID(person.name.removeprefix("people/")): person for person in found}

    async def _known(self, names: Sequence[str]) -> list[identity_pb2.Person]:
        """Identity answers for all or for none, so an unknown name is found by halving."""
        if not names:
            return []
        try:
            answer = await self._as_blog.BatchGetPeople(identity_pb2.BatchGetPeopleRequest(names=names), timeout=2)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            half = len(names) // 2
            return [*await self._known(names[:half]), *await self._known(names[half:])] if half else []
        return list(answer.people)
