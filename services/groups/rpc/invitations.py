"""Requests to be let in, and invitations."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.groups.v1 import groups_pb2, invitations_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from chassis.events import append_many
from chassis.problems import TooMuch
from services.groups import wire
from services.groups.domain.entering import (
    MOST_ASKED_KEEPERS,
    MOST_OPEN_INVITATIONS,
    MOST_OPEN_REQUESTS,
    Invitation,
    Request,
    check_ask,
    check_invite,
)
from services.groups.domain.groups import Group
from services.groups.domain.members import Role
from services.groups.rpc.base import now
from services.groups.rpc.entering import Entering
from services.groups.store import changes, entering, members


class Requests(Entering):
    """Asking to be let in, and the answers."""

    async def AskToJoin(
        self, request: invitations_pb2.AskToJoinRequest, context: Any
    ) -> invitations_pb2.MembershipRequest:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, request.name)
            check_ask(group, standing)
            await self.check_admission(tx, group, sight.viewer, standing)
            if before := await entering.one(tx, Request, group.id, sight.viewer):
                asked = replace(before, note=request.note.strip())
                await entering.change_note(tx, asked)
                return wire.request(asked)
            if await entering.open_requests(tx, group.id) >= MOST_OPEN_REQUESTS:
                raise TooMuch("TOO_MANY_REQUESTS", "So many wait for an answer that you have to ask later.")
            asked = Request(group.id, sight.viewer, request.note.strip(), now())
            keepers = await members.keepers(tx, group.id, MOST_ASKED_KEEPERS)
            await append_many(tx, await changes.ask(tx, group, asked, keepers))
        return wire.request(asked)

    async def WithdrawRequest(self, request: invitations_pb2.WithdrawRequestRequest, context: Any) -> empty_pb2.Empty:
        sight, unknown = self.sight_of_member(viewer.person()), wire.unknown_request(request.name)
        if wire.group_and_person(request.name, unknown)[1] != sight.viewer:
            raise unknown
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, wire.group_in(request.name))
            if standing.requested:
                await append_many(tx, await changes.end_wishes(tx, group, sight.viewer))
        return empty_pb2.Empty()

    async def AcceptRequest(self, request: invitations_pb2.AcceptRequestRequest, context: Any) -> groups_pb2.Membership:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group, person = await self._asked(tx, sight, request.name)
            return wire.membership(await self.admitted(tx, group, person, now(), sight.viewer))

    async def DeclineRequest(self, request: invitations_pb2.DeclineRequestRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group, person = await self._asked(tx, sight, request.name)
            await append_many(tx, await changes.end_wishes(tx, group, person))
        return empty_pb2.Empty()

    async def ListRequests(
        self, request: invitations_pb2.ListRequestsRequest, context: Any
    ) -> invitations_pb2.ListRequestsResponse:
        found, token = await self.page(request, self.access.sight(viewer.person()), Request)
        shown = [wire.request(asked) for asked in found]
        return invitations_pb2.ListRequestsResponse(requests=shown, next_page_token=token)

    async def _asked(self, tx: AsyncConnection, sight: Sight, name: str) -> tuple[Group, UUID]:
        """A group that is locked, and who waits for an answer of the caller."""
        unknown = wire.unknown_request(name)
        _, person = wire.group_and_person(name, unknown)
        group, standing = await self.locked(tx, sight, wire.group_in(name))
        standing.check(Role.KEEPER)
        if not sight.despite_blocks().meets(person) or await entering.one(tx, Request, group.id, person) is None:
            raise unknown
        return group, person


class Invitations(Entering):
    """Inviting people, and their answers."""

    async def InvitePerson(
        self, request: invitations_pb2.InvitePersonRequest, context: Any
    ) -> invitations_pb2.Invitation:
        sight, person = self.sight_of_member(viewer.person()), wire.person_id(request.person)
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, request.name)
            standing.check(Role.MEMBER)
            if not sight.meets(person):
                raise wire.unknown_person(request.person)
            invited = await self.standing(tx, group, person)
            check_invite(group, standing, invited)
            before = await entering.one(tx, Invitation, group.id, person)
            # One that the person cannot see, since a block stands between them and who sent it, gives way.
            if before and self.access.sight(person).meets(before.inviter):
                return wire.invitation(before)
            await self.check_admission(tx, group, person, invited)
            if await entering.open_invitations(tx, group.id, sight.viewer) >= MOST_OPEN_INVITATIONS:
                sentence = "{most} whom you invited did not answer yet. Wait for them first."
                raise TooMuch("TOO_MANY_INVITATIONS", sentence, most=MOST_OPEN_INVITATIONS)
            invitation = Invitation(group.id, person, sight.viewer, now())
            await append_many(tx, await changes.invite(tx, group, invitation, before))
        return wire.invitation(invitation)

    async def AcceptInvitation(
        self, request: invitations_pb2.AcceptInvitationRequest, context: Any
    ) -> groups_pb2.Membership:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group = await self._invited(tx, sight, request.name)
            return wire.membership(await self.admitted(tx, group, sight.viewer, now()))

    async def DeclineInvitation(
        self, request: invitations_pb2.DeclineInvitationRequest, context: Any
    ) -> empty_pb2.Empty:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group = await self._invited(tx, sight, request.name)
            await append_many(tx, await changes.end_wishes(tx, group, sight.viewer))
        return empty_pb2.Empty()

    async def RevokeInvitation(self, request: invitations_pb2.RevokeInvitationRequest, context: Any) -> empty_pb2.Empty:
        sight, unknown = self.sight_of_member(viewer.person()), wire.unknown_invitation(request.name)
        _, person = wire.group_and_person(request.name, unknown)
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, wire.group_in(request.name))
            standing.check(Role.MEMBER)
            invitation = await entering.one(tx, Invitation, group.id, person)
            if invitation is None or invitation.inviter != sight.viewer:
                standing.check(Role.KEEPER)
            if invitation is not None:
                await append_many(tx, await changes.end_wishes(tx, group, person))
        return empty_pb2.Empty()

    async def ListInvitations(
        self, request: invitations_pb2.ListInvitationsRequest, context: Any
    ) -> invitations_pb2.ListInvitationsResponse:
        found, token = await self.page(request, self.access.sight(viewer.person()), Invitation)
        shown = [wire.invitation(invitation) for invitation in found]
        return invitations_pb2.ListInvitationsResponse(invitations=shown, next_page_token=token)

    async def ListOwnInvitations(
        self, request: invitations_pb2.ListOwnInvitationsRequest, context: Any
    ) -> invitations_pb2.ListInvitationsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        before = wire.moment_and_id(self.pages.position(request))
        async with self.database.snapshot() as tx:
            found = await entering.visible_own_invitations(tx, sight, before, size + 1)
        shown = [wire.invitation(invitation) for invitation in found[:size]]
        answer = invitations_pb2.ListInvitationsResponse(invitations=shown)
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.position(last.create_time, last.group))
        return answer

    async def _invited(self, tx: AsyncConnection, sight: Sight, name: str) -> Group:
        """The group, locked, into which the caller is invited."""
        unknown = wire.unknown_invitation(name)
        if wire.group_and_person(name, unknown)[1] != sight.viewer:
            raise unknown
        group, standing = await self.locked(tx, sight, wire.group_in(name))
        if not standing.invited_by:
            raise unknown
        return group
