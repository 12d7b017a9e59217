"""Links with which people come in."""

from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.groups.v1 import groups_pb2, invitations_pb2, invitations_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import TooMuch
from services.groups import wire
from services.groups.domain.entering import MOST_LINKS, InviteLink
from services.groups.domain.members import Role
from services.groups.rpc.base import now
from services.groups.rpc.entering import Entering
from services.groups.rpc.invitations import Invitations, Requests
from services.groups.store import groups, links, visible
from services.groups.store.visible import Seen

PURPOSE = b"invite link"


class Links(Entering):
    """What stands in a link is its sealed id."""

    async def CreateInviteLink(
        self, request: invitations_pb2.CreateInviteLinkRequest, context: Any
    ) -> invitations_pb2.InviteLink:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, request.parent)
            standing.check(Role.KEEPER)
            group.check_open()

            async def made() -> invitations_pb2.InviteLink:
                if await links.count(tx, group.id) >= MOST_LINKS:
                    sentence = "The group has {most} links. Revoke some first."
                    raise TooMuch("TOO_MANY_LINKS", sentence, most=MOST_LINKS)
                link = wire.new_link(request.invite_link, new_id(), group.id, sight.viewer, now())
                await links.add(tx, link)
                return wire.invite_link(link)

            answer = await once(tx, request, invitations_pb2.InviteLink, made)
        # Not in what is kept for a repetition, since whoever knows it comes in.
        answer.secret = self._secret(wire.link_id(answer.name))
        return answer

    async def ListInviteLinks(
        self, request: invitations_pb2.ListInviteLinksRequest, context: Any
    ) -> invitations_pb2.ListInviteLinksResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        packed = self.pages.position(request)
        async with self.database.snapshot() as tx:
            group, standing = await self.seen(tx, sight, request.parent)
            standing.check(Role.KEEPER)
            found = await links.listed(tx, group.id, UUID(bytes=packed) if packed else None, size + 1)
        shown = [wire.invite_link(link, self._secret(link.id)) for link in found[:size]]
        answer = invitations_pb2.ListInviteLinksResponse(invite_links=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def RevokeInviteLink(self, request: invitations_pb2.RevokeInviteLinkRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, wire.group_in(request.name))
            standing.check(Role.KEEPER)
            if link := wire.link_id(request.name):
                await links.revoke(tx, group.id, link)
        return empty_pb2.Empty()

    async def LookAtInviteLink(
        self, request: invitations_pb2.LookAtInviteLinkRequest, context: Any
    ) -> groups_pb2.Group:
        person = viewer.person()
        async with self.database.snapshot() as tx:
            _, seen = await self._opened(tx, person, request.secret)
        return wire.group(*seen)

    async def UseInviteLink(self, request: invitations_pb2.UseInviteLinkRequest, context: Any) -> groups_pb2.Membership:
        person = self.sight_of_member(viewer.person()).viewer
        async with self.database.transaction() as tx:
            link, _ = await self._opened(tx, person, request.secret)
            await groups.locked(tx, link.group)
            link, seen = await self._opened(tx, person, request.secret)
            if not seen.standing.is_member and not await links.use(tx, link.id):
                raise wire.unknown_link()
            return wire.membership(await self.admitted(tx, seen.group, person, now()))

    async def _opened(self, tx: AsyncConnection, person: UUID, secret: str) -> tuple[InviteLink, Seen]:
        """A link that works, and the group into which it leads; one with which somebody is in works for them."""
        packed = self.pages.sealer.opened(secret, PURPOSE)
        link = await links.link(tx, UUID(bytes=packed)) if packed else None
        seen = await visible.group_with(tx, self.access.sight(person), link.group) if link else None
        if link is None or seen is None or seen.standing.banned or seen.group.is_withdrawn or seen.group.archive_time:
            raise wire.unknown_link()
        if not link.works(now()) and not seen.standing.is_member:
            raise wire.unknown_link()
        return link, seen

    def _secret(self, link: UUID | None) -> str:
        return self.pages.sealer.seal(link.bytes, PURPOSE) if link else ""


class WaysIn(Requests, Invitations, Links, invitations_pb2_grpc.InvitationServiceServicer):
    """All of them together."""
