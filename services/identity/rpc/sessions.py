"""Where the caller is signed in, and the keys that prove it."""

from typing import Any
from uuid import UUID

from google.api import httpbody_pb2
from google.protobuf import empty_pb2
from plein.identity.v1 import identity_pb2

from chassis import pages, viewer
from services.identity import wire
from services.identity.rpc.base import Base, now
from services.identity.store import sign_in


class Sessions(Base):
    """The methods of sessions that there are."""

    async def SignOut(self, request: identity_pb2.SignOutRequest, context: Any) -> empty_pb2.Empty:
        session = viewer.current().session
        async with self.database.transaction() as tx:
            if session:
                await sign_in.end_session(tx, viewer.person(), session)
        return empty_pb2.Empty()

    async def ListSessions(
        self, request: identity_pb2.ListSessionsRequest, context: Any
    ) -> identity_pb2.ListSessionsResponse:
        position, limit = self.pages.position(request), pages.size(request, 50, 200)
        before = UUID(bytes=position) if position else None
        async with self.database.snapshot() as tx:
            found = await sign_in.own_sessions(tx, viewer.person(), before, limit + 1, now())
        current = viewer.current().session
        answer = identity_pb2.ListSessionsResponse(sessions=[wire.session(one, current) for one in found[:limit]])
        if len(found) > limit:
            answer.next_page_token = self.pages.seal(request, found[limit - 1].id.bytes)
        return answer

    async def DeleteSession(self, request: identity_pb2.DeleteSessionRequest, context: Any) -> empty_pb2.Empty:
        """Access tokens name no session elsewhere, so all of the person's stop; other sessions refresh theirs."""
        session = wire.session_id(request.name)
        async with self.database.transaction() as tx:
            person = await self.locked_person(tx, "people/me", viewer.person())
            if not await sign_in.end_session(tx, person.id, session):
                raise wire.unknown_session(request.name)
            await self.keep(tx, person, person.with_tokens_ended(now()))
        return empty_pb2.Empty()

    async def GetKeys(self, request: identity_pb2.GetKeysRequest, context: Any) -> httpbody_pb2.HttpBody:
        return httpbody_pb2.HttpBody(content_type="application/json", data=self.issuer.keys.public())
