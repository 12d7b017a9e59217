"""Members: coming in, leaving, roles, removing and banning."""

from typing import Any

from google.protobuf import empty_pb2
from plein.groups.v1 import groups_pb2, members_pb2, members_pb2_grpc

from chassis import pages, viewer
from chassis.events import append_many
from services.groups import wire
from services.groups.domain.entering import Ban, barred
from services.groups.domain.groups import Group, Visibility
from services.groups.domain.members import Role, Standing, check_not_last_owner
from services.groups.rpc.base import now, sight_within
from services.groups.rpc.entering import Entering, ask_first
from services.groups.store import changes, entering, groups, members


class Members(Entering, members_pb2_grpc.MemberServiceServicer):
    """Each change locks the group first."""

    async def GetMembership(self, request: members_pb2.GetMembershipRequest, context: Any) -> groups_pb2.Membership:
        sight, unknown = self.access.sight(viewer.person()), wire.unknown_member(request.name)
        _, person = wire.group_and_person(request.name, unknown)
        async with self.database.snapshot() as tx:
            group, standing = await self.seen(tx, sight, wire.group_in(request.name))
            sight = sight_within(sight, standing)
            found = await members.visible_member(tx, sight, group.id, person, least_shown(group, standing))
        if found is None:
            raise unknown
        return wire.membership(found)

    async def ListMembers(
        self, request: members_pb2.ListMembersRequest, context: Any
    ) -> members_pb2.ListMembersResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        after = wire.place(self.pages.position(request))
        async with self.database.snapshot() as tx:
            group, standing = await self.seen(tx, sight, request.parent)
            least = least_shown(group, standing)
            found = await members.visible_members(tx, sight_within(sight, standing), group.id, least, after, size + 1)
        answer = members_pb2.ListMembersResponse(memberships=[wire.membership(member) for member in found[:size]])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, wire.place_position(found[size - 1]))
        return answer

    async def JoinGroup(self, request: members_pb2.JoinGroupRequest, context: Any) -> groups_pb2.Membership:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, request.name)
            if standing.suspended:
                raise barred()
            if group.visibility is not Visibility.OPEN and not standing.is_member and not standing.invited_by:
                raise ask_first()
            return wire.membership(await self.admitted(tx, group, sight.viewer, now()))

    async def LeaveGroup(self, request: members_pb2.LeaveGroupRequest, context: Any) -> empty_pb2.Empty:
        sight, id_ = self.access.sight(viewer.person()), wire.group_id(request.name)
        async with self.database.transaction() as tx:
            # Who is suspended may know nothing of a secret group, and leaves it all the same.
            if await members.member(tx, id_, sight.viewer) is None:
                await self.seen(tx, sight, request.name)
                return empty_pb2.Empty()
            group, member = await groups.locked(tx, id_), await members.member(tx, id_, sight.viewer)
            if group is not None and member is not None:
                if not member.suspended:
                    check_not_last_owner(member, await members.other_owners(tx, member))
                _, told = await changes.leave(tx, group, member)
                await append_many(tx, told)
        return empty_pb2.Empty()

    async def SetMemberRole(self, request: members_pb2.SetMemberRoleRequest, context: Any) -> groups_pb2.Membership:
        sight, unknown = self.sight_of_member(viewer.person()), wire.unknown_member(request.name)
        _, person = wire.group_and_person(request.name, unknown)
        role = Role(request.role)
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, wire.group_in(request.name))
            standing.check(Role.OWNER)
            group.check_open()
            member = await members.visible_member(tx, sight.despite_blocks(), group.id, person, Role.MEMBER)
            if member is None:
                raise unknown
            if role is not member.role:
                check_not_last_owner(member, await members.other_owners(tx, member))
                _, told = await changes.change_role(tx, group, member, role)
                await append_many(tx, told)
        return wire.membership(member.with_role(role))

    async def HandOverGroup(self, request: members_pb2.HandOverGroupRequest, context: Any) -> groups_pb2.Membership:
        sight, heir = self.sight_of_member(viewer.person()), wire.person_id(request.person)
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, request.name)
            standing.check(Role.OWNER)
            group.check_open()
            sight = sight.despite_blocks()
            owner = await members.visible_member(tx, sight, group.id, sight.viewer, Role.MEMBER)
            member = await members.visible_member(tx, sight, group.id, heir, Role.MEMBER)
            if member is None or owner is None or heir == sight.viewer:
                raise wire.unknown_member(f"{group.name}/members/{heir}")
            group, raised = await changes.change_role(tx, group, member, Role.OWNER)
            group, lowered = await changes.change_role(tx, group, owner, Role.KEEPER)
            await append_many(tx, raised + lowered)
        return wire.membership(member.with_role(Role.OWNER))

    async def RemoveMember(self, request: members_pb2.RemoveMemberRequest, context: Any) -> empty_pb2.Empty:
        sight, unknown = self.sight_of_member(viewer.person()), wire.unknown_member(request.name)
        _, person = wire.group_and_person(request.name, unknown)
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, wire.group_in(request.name))
            standing.check(Role.KEEPER)
            member = await members.visible_member(tx, sight.despite_blocks(), group.id, person, Role.MEMBER)
            if member is None:
                raise unknown
            standing.check_over(member.role)
            _, told = await changes.remove(tx, group, member)
            await append_many(tx, told)
        return empty_pb2.Empty()

    async def BanPerson(self, request: members_pb2.BanPersonRequest, context: Any) -> members_pb2.Ban:
        sight, person = self.sight_of_member(viewer.person()), wire.person_id(request.person)
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, request.name)
            standing.check(Role.KEEPER)
            if not sight.despite_blocks().meets(person):
                raise wire.unknown_person(request.person)
            if before := await entering.one(tx, Ban, group.id, person):
                return wire.ban(before)
            member = await members.member(tx, group.id, person)
            if member is not None:
                standing.check_over(member.role)
            ban = Ban(group.id, person, sight.viewer, now())
            await append_many(tx, await changes.ban(tx, group, ban, member))
        return wire.ban(ban)

    async def LiftBan(self, request: members_pb2.LiftBanRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            group, standing = await self.locked(tx, sight, wire.group_in(request.name))
            standing.check(Role.KEEPER)
            _, person = wire.group_and_person(request.name, wire.unknown_person(request.name))
            await entering.end(tx, Ban, group.id, person)
        return empty_pb2.Empty()

    async def ListBans(self, request: members_pb2.ListBansRequest, context: Any) -> members_pb2.ListBansResponse:
        found, token = await self.page(request, self.access.sight(viewer.person()), Ban)
        return members_pb2.ListBansResponse(bans=[wire.ban(ban) for ban in found], next_page_token=token)


def least_shown(group: Group, standing: Standing) -> Role:
    """Whom the caller is shown at least: of a closed group others see whom they can ask."""
    return Role.MEMBER if standing.is_member or group.visibility is Visibility.OPEN else Role.KEEPER
