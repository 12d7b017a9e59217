"""Finding people. Someone behind a barrier is answered as someone who does not exist."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from plein.identity.v1 import identity_pb2

from chassis import pages
from services.identity import wire
from services.identity.rpc.base import Base
from services.identity.store import people


class People(Base):
    """The methods that read people."""

    async def GetPerson(self, request: identity_pb2.GetPersonRequest, context: Any) -> identity_pb2.Person:
        return (await self._people([request.name]))[0]

    async def BatchGetPeople(
        self, request: identity_pb2.BatchGetPeopleRequest, context: Any
    ) -> identity_pb2.BatchGetPeopleResponse:
        return identity_pb2.BatchGetPeopleResponse(people=await self._people(request.names))

    async def ListPeople(
        self, request: identity_pb2.ListPeopleRequest, context: Any
    ) -> identity_pb2.ListPeopleResponse:
        position, limit = self.pages.position(request), pages.size(request, 50, 500)
        async with self.database.snapshot() as tx:
            found = await people.all_people(tx, UUID(bytes=position) if position else None, limit + 1)
        answer = identity_pb2.ListPeopleResponse(people=[wire.person(shown) for shown in found[:limit]])
        if len(found) > limit:
            answer.next_page_token = self.pages.seal(request, found[limit - 1].person.id.bytes)
        return answer

    async def ResolveHandles(
        self, request: identity_pb2.ResolveHandlesRequest, context: Any
    ) -> identity_pb2.ResolveHandlesResponse:
        asked = {handle: handle.lower() for handle in request.handles}
        async with self.database.snapshot() as tx:
            found = await people.visible_handles(tx, self.sight(), set(asked.values()))
        known = {handle: f"people/{found[folded]}" for handle, folded in asked.items() if folded in found}
        return identity_pb2.ResolveHandlesResponse(people=known)

    async def _people(self, names: Sequence[str]) -> list[identity_pb2.Person]:
        """The people in the order of their names, or NotFound for the first who is not there."""
        ids = {name: wire.person_id(name) for name in names}
        async with self.database.snapshot() as tx:
            found = await people.visible_people(tx, self.sight(), set(ids.values()))
        for name in names:
            if ids[name] not in found:
                raise wire.unknown_person(name)
        return [wire.person(found[ids[name]]) for name in names]
