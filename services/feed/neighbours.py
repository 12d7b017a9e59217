"""The calls that feed makes to other services."""

from collections.abc import Sequence
from uuid import UUID

import grpc
from plein.identity.v1 import accounts_pb2, accounts_pb2_grpc, identity_pb2, identity_pb2_grpc

from chassis import viewer
from chassis.neighbours import Neighbours
from services.feed.domain.relations import PersonFacts

CALLS = ("identity",)

MOST_HANDLES = 100
MOST_NAMES = 200


class Identity:
    """Identity, asked in the name of whoever calls feed, or in feed's own for what is brought in."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
        self._as_viewer = identity_pb2_grpc.IdentityServiceStub(neighbours.as_viewer("identity", api))
        self._as_feed = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", api))
        accounts = accounts_pb2.DESCRIPTOR.services_by_name["AccountService"]
        self._accounts = accounts_pb2_grpc.AccountServiceStub(neighbours.as_service("identity", accounts))

    async def account_title(self, account: UUID) -> str:
        """What a service account is called."""
        request = accounts_pb2.GetServiceAccountRequest(name=f"{viewer.ACCOUNTS}{account}")
        return (await self._accounts.GetServiceAccount(request, timeout=2)).title

    async def people_behind(self, handles: Sequence[str]) -> dict[str, UUID]:
        """Handle → person. Handles of nobody whom the caller may know are left out."""
        stub = self._as_viewer if viewer.current().person else self._as_feed
        people: dict[str, UUID] = {}
        for start in range(0, len(handles), MOST_HANDLES):
            request = identity_pb2.ResolveHandlesRequest(handles=handles[start : start + MOST_HANDLES])
            answer = await stub.ResolveHandles(request, timeout=2)
            people |= {handle: UUID(name.removeprefix("people/")) for handle, name in answer.people.items()}
        return people

    async def facts(self, names: Sequence[str]) -> list[PersonFacts]:
        """What HR knows of the people of these names, `people/…`; those whom identity does not know are left out."""
        found: list[PersonFacts] = []
        for first in range(0, len(names), MOST_NAMES):
            people = await self._known(names[first : first + MOST_NAMES])
            found += [PersonFacts(UUID(person.name.removeprefix("people/")), person.department) for person in people]
        return found

    async def _known(self, names: Sequence[str]) -> list[identity_pb2.Person]:
        """Identity answers for all or for none, so an unknown name is found by halving."""
        try:
            answer = await self._as_feed.BatchGetPeople(identity_pb2.BatchGetPeopleRequest(names=names))
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            half = len(names) // 2
            return [*await self._known(names[:half]), *await self._known(names[half:])] if half else []
        return list(answer.people)
