"""People as they use groups, each over a channel of their own, in the words that the tests use."""

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from google.protobuf import field_mask_pb2
from plein.groups.v1 import (
    groups_pb2,
    groups_pb2_grpc,
    invitations_pb2,
    invitations_pb2_grpc,
    members_pb2,
    members_pb2_grpc,
)
from plein.identity.v1 import events_pb2, identity_pb2

from chassis.problems import NotFound
from chassis.testing import Answers, Person, World
from tests.feed.caller import walked

BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"
UNKNOWN_GROUP = "groups/01993e54-0000-7000-8000-000000000000"


class Caller:
    """Somebody who is signed in, or a service by its name, or nobody."""

    def __init__(self, world: World, who: Person | str | None) -> None:
        self.who = who
        self.channel = world.channel(who)
        self.groups = groups_pb2_grpc.GroupServiceStub(self.channel)
        self.members = members_pb2_grpc.MemberServiceStub(self.channel)
        self.ways_in = invitations_pb2_grpc.InvitationServiceStub(self.channel)

    @property
    def person(self) -> Person:
        assert isinstance(self.who, Person)
        return self.who

    @property
    def id(self) -> UUID:
        return self.person.id

    @property
    def name(self) -> str:
        return self.person.name

    async def found(self, title: str = "Golf", visibility: str = "OPEN", **fields: Any) -> groups_pb2.Group:
        """Founds a group."""
        request_id = fields.pop("request_id", "")
        sort = groups_pb2.GroupVisibility.Value(f"GROUP_VISIBILITY_{visibility}")
        group = groups_pb2.Group(title=title, visibility=sort, **fields)
        return await self.groups.CreateGroup(groups_pb2.CreateGroupRequest(group=group, request_id=request_id))

    async def group(self, name: str) -> groups_pb2.Group:
        return await self.groups.GetGroup(groups_pb2.GetGroupRequest(name=name))

    async def knows(self, group: str) -> bool:
        """Whether the group exists for the caller."""
        request = groups_pb2.BatchGetGroupsRequest(names=[group])
        return bool((await self.groups.BatchGetGroups(request)).groups)

    async def change(self, group: str, *paths: str, etag: str = "", **fields: Any) -> groups_pb2.Group:
        """Changes a group; the fields that are named, or else those that are given."""
        mask = field_mask_pb2.FieldMask(paths=paths)
        wanted = groups_pb2.Group(name=group, etag=etag, **fields)
        return await self.groups.UpdateGroup(groups_pb2.UpdateGroupRequest(group=wanted, update_mask=mask))

    async def archive(self, group: str) -> groups_pb2.Group:
        return await self.groups.ArchiveGroup(groups_pb2.ArchiveGroupRequest(name=group))

    async def unarchive(self, group: str) -> groups_pb2.Group:
        return await self.groups.UnarchiveGroup(groups_pb2.UnarchiveGroupRequest(name=group))

    async def delete(self, group: str) -> groups_pb2.Group:
        return await self.groups.DeleteGroup(groups_pb2.DeleteGroupRequest(name=group))

    async def undelete(self, group: str) -> groups_pb2.Group:
        return await self.groups.UndeleteGroup(groups_pb2.UndeleteGroupRequest(name=group))

    async def join(self, group: str) -> groups_pb2.Membership:
        return await self.members.JoinGroup(members_pb2.JoinGroupRequest(name=group))

    async def leave(self, group: str) -> None:
        await self.members.LeaveGroup(members_pb2.LeaveGroupRequest(name=group))

    async def role(self, group: str) -> str:
        """What the caller is in a group, such as "KEEPER"; empty for who is no member."""
        return _word(groups_pb2.GroupRole, (await self.group(group)).viewer.role)

    async def members_of(self, group: str, size: int = 100) -> list[str]:
        """The names of the people."""
        request = members_pb2.ListMembersRequest(parent=group, page_size=size)
        return [member.person for member in await walked(self.members.ListMembers, request)]

    async def appoint(self, group: str, member: "Caller", role: str) -> groups_pb2.Membership:
        wanted = groups_pb2.GroupRole.Value(f"GROUP_ROLE_{role}")
        request = members_pb2.SetMemberRoleRequest(name=f"{group}/members/{member.id}", role=wanted)
        return await self.members.SetMemberRole(request)

    async def hand_over(self, group: str, heir: "Caller") -> groups_pb2.Membership:
        return await self.members.HandOverGroup(members_pb2.HandOverGroupRequest(name=group, person=heir.name))

    async def remove(self, group: str, member: "Caller") -> None:
        await self.members.RemoveMember(members_pb2.RemoveMemberRequest(name=f"{group}/members/{member.id}"))

    async def ban(self, group: str, person: "Caller") -> members_pb2.Ban:
        return await self.members.BanPerson(members_pb2.BanPersonRequest(name=group, person=person.name))

    async def lift_ban(self, group: str, person: "Caller") -> None:
        await self.members.LiftBan(members_pb2.LiftBanRequest(name=f"{group}/bans/{person.id}"))

    async def bans(self, group: str) -> list[str]:
        request = members_pb2.ListBansRequest(parent=group, page_size=100)
        return [ban.person for ban in await walked(self.members.ListBans, request)]

    async def ask(self, group: str, note: str = "") -> invitations_pb2.MembershipRequest:
        return await self.ways_in.AskToJoin(invitations_pb2.AskToJoinRequest(name=group, note=note))

    async def withdraw(self, group: str) -> None:
        await self.ways_in.WithdrawRequest(invitations_pb2.WithdrawRequestRequest(name=f"{group}/requests/me"))

    async def accept(self, group: str, asker: "Caller") -> groups_pb2.Membership:
        name = f"{group}/requests/{asker.id}"
        return await self.ways_in.AcceptRequest(invitations_pb2.AcceptRequestRequest(name=name))

    async def decline(self, group: str, asker: "Caller") -> None:
        name = f"{group}/requests/{asker.id}"
        await self.ways_in.DeclineRequest(invitations_pb2.DeclineRequestRequest(name=name))

    async def requests(self, group: str, size: int = 100) -> list[invitations_pb2.MembershipRequest]:
        request = invitations_pb2.ListRequestsRequest(parent=group, page_size=size)
        return await walked(self.ways_in.ListRequests, request)

    async def invite(self, group: str, person: "Caller | str") -> invitations_pb2.Invitation:
        name = person if isinstance(person, str) else person.name
        request = invitations_pb2.InvitePersonRequest(name=group, person=name)
        return await self.ways_in.InvitePerson(request)

    async def come_in(self, group: str) -> groups_pb2.Membership:
        """Accepts an invitation."""
        name = f"{group}/invitations/me"
        return await self.ways_in.AcceptInvitation(invitations_pb2.AcceptInvitationRequest(name=name))

    async def stay_out(self, group: str) -> None:
        """Declines an invitation."""
        name = f"{group}/invitations/me"
        await self.ways_in.DeclineInvitation(invitations_pb2.DeclineInvitationRequest(name=name))

    async def uninvite(self, group: str, person: "Caller") -> None:
        name = f"{group}/invitations/{person.id}"
        await self.ways_in.RevokeInvitation(invitations_pb2.RevokeInvitationRequest(name=name))

    async def invited(self, group: str) -> list[str]:
        """Whom a group invited."""
        request = invitations_pb2.ListInvitationsRequest(parent=group, page_size=100)
        return [invitation.person for invitation in await walked(self.ways_in.ListInvitations, request)]

    async def invitations(self, size: int = 100) -> list[str]:
        """The names of the groups into which the caller is invited."""
        request = invitations_pb2.ListOwnInvitationsRequest(page_size=size)
        found = await walked(self.ways_in.ListOwnInvitations, request)
        return [invitation.name.partition("/invitations/")[0] for invitation in found]

    async def link(
        self, group: str, uses: int = 1, *, request_id: str = "", **fields: Any
    ) -> invitations_pb2.InviteLink:
        """A new link into a group."""
        wanted = invitations_pb2.InviteLink(most_uses=uses, **fields)
        request = invitations_pb2.CreateInviteLinkRequest(parent=group, invite_link=wanted, request_id=request_id)
        return await self.ways_in.CreateInviteLink(request)

    async def links(self, group: str) -> list[invitations_pb2.InviteLink]:
        request = invitations_pb2.ListInviteLinksRequest(parent=group, page_size=100)
        return await walked(self.ways_in.ListInviteLinks, request)

    async def revoke(self, link: str) -> None:
        await self.ways_in.RevokeInviteLink(invitations_pb2.RevokeInviteLinkRequest(name=link))

    async def look(self, secret: str) -> groups_pb2.Group:
        return await self.ways_in.LookAtInviteLink(invitations_pb2.LookAtInviteLinkRequest(secret=secret))

    async def use(self, secret: str) -> groups_pb2.Membership:
        return await self.ways_in.UseInviteLink(invitations_pb2.UseInviteLinkRequest(secret=secret))


def _word(kind: Any, value: int) -> str:
    """A value of an enum without its prefix; empty for the one that is no value."""
    return kind.Name(value).partition("_ROLE_")[2] if value else ""


class Meet(Protocol):
    """`ada, bob = await meet("ada", "bob")`; `department`, `kind`, `segments` and `roles` are those of all."""

    async def __call__(self, *handles: str, **access: Any) -> list[Caller]: ...


@dataclass
class Staff:
    """Whom identity knows, by name."""

    people: dict[str, identity_pb2.Person] = field(default_factory=dict)

    async def hire(self, world: World, department: str, *callers: Caller) -> None:
        """Lets identity know of people, and tell of them where they have a department."""
        for caller in callers:
            self.people[caller.name] = identity_pb2.Person(name=caller.name, department=department)
        if department:
            await world.tell("people", *(events_pb2.PersonChanged(person=caller.name) for caller in callers))

    @property
    def answers(self) -> Answers:
        return {BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, self._batch)}

    def _batch(self, request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
        for name in request.names:
            if name not in self.people:
                raise NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)
        return identity_pb2.BatchGetPeopleResponse(people=[self.people[name] for name in request.names])
