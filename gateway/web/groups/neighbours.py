"""The calls that the pages of groups make."""

from collections.abc import Iterable

import grpc
from google.api import httpbody_pb2
from plein.feed.v1 import feed_pb2, feed_pb2_grpc
from plein.groups.v1 import (
    discovery_pb2,
    discovery_pb2_grpc,
    groups_pb2,
    groups_pb2_grpc,
    invitations_pb2,
    invitations_pb2_grpc,
    members_pb2,
    members_pb2_grpc,
    pages_pb2,
    pages_pb2_grpc,
)

from chassis.neighbours import Neighbours

LOOK_SECONDS = 1.0


class Groups:
    """Groups themselves, and finding them."""

    def __init__(self, neighbours: Neighbours) -> None:
        groups = groups_pb2.DESCRIPTOR.services_by_name["GroupService"]
        discovery = discovery_pb2.DESCRIPTOR.services_by_name["GroupDiscoveryService"]
        feed = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
        channel = neighbours.as_viewer("groups", groups, discovery)
        self._stub = groups_pb2_grpc.GroupServiceStub(channel)
        self._discovery = discovery_pb2_grpc.GroupDiscoveryServiceStub(channel)
        self._feed = feed_pb2_grpc.FeedServiceStub(neighbours.as_viewer("feed", feed))

    async def group(self, name: str) -> groups_pb2.Group:
        """A group by its id or a handle."""
        return await self._stub.GetGroup(groups_pb2.GetGroupRequest(name=name))

    async def several(self, names: Iterable[str]) -> dict[str, groups_pb2.Group]:
        """`groups/…` → group; those that the reader may not know are left out."""
        wanted = sorted({name for name in names if name})[:200]
        if not wanted:
            return {}
        answer = await self._stub.BatchGetGroups(groups_pb2.BatchGetGroupsRequest(names=wanted), timeout=LOOK_SECONDS)
        return {group.name: group for group in answer.groups}

    async def of_posts(self, posts: Iterable[feed_pb2.Post]) -> dict[str, groups_pb2.Group]:
        """The groups in which posts were written. None when groups is silent: posts are shown all the same."""
        try:
            return await self.several(post.audience.group for post in posts)
        except grpc.aio.AioRpcError:
            return {}

    async def search(self, query: str, page_token: str) -> discovery_pb2.SearchGroupsResponse:
        request = discovery_pb2.SearchGroupsRequest(query=query[:200], page_token=page_token)
        return await self._discovery.SearchGroups(request)

    async def mine(self, page_token: str) -> discovery_pb2.ListMyGroupsResponse:
        return await self._discovery.ListMyGroups(discovery_pb2.ListMyGroupsRequest(page_token=page_token))

    async def popular(self, page_token: str) -> discovery_pb2.ListPopularGroupsResponse:
        return await self._discovery.ListPopularGroups(discovery_pb2.ListPopularGroupsRequest(page_token=page_token))

    async def new(self, page_token: str) -> discovery_pb2.ListNewGroupsResponse:
        return await self._discovery.ListNewGroups(discovery_pb2.ListNewGroupsRequest(page_token=page_token))

    async def suggested(self, page_token: str) -> discovery_pb2.ListSuggestedGroupsResponse:
        request = discovery_pb2.ListSuggestedGroupsRequest(page_token=page_token)
        return await self._discovery.ListSuggestedGroups(request)

    async def dismiss(self, name: str) -> None:
        request = discovery_pb2.DismissGroupSuggestionRequest(name=name)
        await self._discovery.DismissGroupSuggestion(request)

    async def found(self, group: groups_pb2.Group, request_id: str) -> groups_pb2.Group:
        return await self._stub.CreateGroup(groups_pb2.CreateGroupRequest(group=group, request_id=request_id))

    async def change(self, group: groups_pb2.Group, *fields: str) -> groups_pb2.Group:
        request = groups_pb2.UpdateGroupRequest(group=group)
        request.update_mask.paths.extend(fields)
        return await self._stub.UpdateGroup(request)

    async def archive(self, name: str, archived: bool) -> None:
        if archived:
            await self._stub.ArchiveGroup(groups_pb2.ArchiveGroupRequest(name=name))
        else:
            await self._stub.UnarchiveGroup(groups_pb2.UnarchiveGroupRequest(name=name))

    async def delete(self, name: str, deleted: bool) -> None:
        if deleted:
            await self._stub.DeleteGroup(groups_pb2.DeleteGroupRequest(name=name))
        else:
            await self._stub.UndeleteGroup(groups_pb2.UndeleteGroupRequest(name=name))

    async def posts(self, name: str, page_token: str) -> feed_pb2.ListGroupPostsResponse:
        return await self._feed.ListGroupPosts(feed_pb2.ListGroupPostsRequest(parent=name, page_token=page_token))

    async def pinned(self, posts: Iterable[str]) -> list[feed_pb2.Post]:
        """Posts at the head of a group's page, as far as they are there."""
        names = list(posts)
        if not names:
            return []
        return list((await self._feed.BatchGetPosts(feed_pb2.BatchGetPostsRequest(names=names))).posts)


class GroupPages:
    """How groups present themselves."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = pages_pb2.DESCRIPTOR.services_by_name["GroupPageService"]
        self._stub = pages_pb2_grpc.GroupPageServiceStub(neighbours.as_viewer("groups", api))

    async def page(self, group: str) -> pages_pb2.GroupPage:
        return await self._stub.GetGroupPage(pages_pb2.GetGroupPageRequest(name=f"{group}/page"))

    async def change(self, page: pages_pb2.GroupPage) -> None:
        """Sets description, rules and tags."""
        request = pages_pb2.UpdateGroupPageRequest(group_page=page)
        request.update_mask.paths.extend(("description", "rules", "tags"))
        await self._stub.UpdateGroupPage(request)

    async def set_cover(self, group: str, content: bytes, content_type: str) -> None:
        file = httpbody_pb2.HttpBody(content_type=content_type, data=content)
        await self._stub.SetGroupCover(pages_pb2.SetGroupCoverRequest(name=f"{group}/page", file=file))

    async def remove_cover(self, group: str) -> None:
        await self._stub.RemoveGroupCover(pages_pb2.RemoveGroupCoverRequest(name=f"{group}/page"))

    async def cover(self, group: str, size: str) -> httpbody_pb2.HttpBody:
        name = f"{group}/page/cover/sizes/{size}"
        return await self._stub.GetGroupCoverContent(pages_pb2.GetGroupCoverContentRequest(name=name))

    async def pin(self, group: str, post: str, pinned: bool) -> None:
        if pinned:
            await self._stub.PinPost(pages_pb2.PinPostRequest(name=f"{group}/page", post=post))
        else:
            await self._stub.UnpinPost(pages_pb2.UnpinPostRequest(name=f"{group}/page", post=post))


class Members:
    """Who is in groups."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = members_pb2.DESCRIPTOR.services_by_name["MemberService"]
        self._stub = members_pb2_grpc.MemberServiceStub(neighbours.as_viewer("groups", api))

    async def members(self, group: str, page_token: str) -> members_pb2.ListMembersResponse:
        return await self._stub.ListMembers(members_pb2.ListMembersRequest(parent=group, page_token=page_token))

    async def join(self, group: str) -> None:
        await self._stub.JoinGroup(members_pb2.JoinGroupRequest(name=group))

    async def leave(self, group: str) -> None:
        await self._stub.LeaveGroup(members_pb2.LeaveGroupRequest(name=group))

    async def set_role(self, member: str, role: int) -> None:
        wanted = groups_pb2.GroupRole.ValueType(role)
        await self._stub.SetMemberRole(members_pb2.SetMemberRoleRequest(name=member, role=wanted))

    async def hand_over(self, group: str, person: str) -> None:
        await self._stub.HandOverGroup(members_pb2.HandOverGroupRequest(name=group, person=person))

    async def remove(self, member: str) -> None:
        await self._stub.RemoveMember(members_pb2.RemoveMemberRequest(name=member))

    async def ban(self, group: str, person: str) -> None:
        await self._stub.BanPerson(members_pb2.BanPersonRequest(name=group, person=person))

    async def lift_ban(self, ban: str) -> None:
        await self._stub.LiftBan(members_pb2.LiftBanRequest(name=ban))

    async def bans(self, group: str) -> members_pb2.ListBansResponse:
        return await self._stub.ListBans(members_pb2.ListBansRequest(parent=group, page_size=100))


class Entrance:
    """Requests, invitations and links."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = invitations_pb2.DESCRIPTOR.services_by_name["InvitationService"]
        self._stub = invitations_pb2_grpc.InvitationServiceStub(neighbours.as_viewer("groups", api))

    async def ask(self, group: str, note: str) -> None:
        await self._stub.AskToJoin(invitations_pb2.AskToJoinRequest(name=group, note=note))

    async def withdraw(self, group: str) -> None:
        await self._stub.WithdrawRequest(invitations_pb2.WithdrawRequestRequest(name=f"{group}/requests/me"))

    async def requests(self, group: str, page_token: str) -> invitations_pb2.ListRequestsResponse:
        return await self._stub.ListRequests(invitations_pb2.ListRequestsRequest(parent=group, page_token=page_token))

    async def decide(self, request: str, accepted: bool) -> None:
        if accepted:
            await self._stub.AcceptRequest(invitations_pb2.AcceptRequestRequest(name=request))
        else:
            await self._stub.DeclineRequest(invitations_pb2.DeclineRequestRequest(name=request))

    async def invite(self, group: str, person: str) -> None:
        await self._stub.InvitePerson(invitations_pb2.InvitePersonRequest(name=group, person=person))

    async def answer(self, group: str, accepted: bool) -> None:
        """The reader's answer to an invitation."""
        name = f"{group}/invitations/me"
        if accepted:
            await self._stub.AcceptInvitation(invitations_pb2.AcceptInvitationRequest(name=name))
        else:
            await self._stub.DeclineInvitation(invitations_pb2.DeclineInvitationRequest(name=name))

    async def revoke_invitation(self, name: str) -> None:
        await self._stub.RevokeInvitation(invitations_pb2.RevokeInvitationRequest(name=name))

    async def invitations(self, group: str) -> invitations_pb2.ListInvitationsResponse:
        request = invitations_pb2.ListInvitationsRequest(parent=group, page_size=100)
        return await self._stub.ListInvitations(request)

    async def own_invitations(self) -> invitations_pb2.ListInvitationsResponse:
        return await self._stub.ListOwnInvitations(invitations_pb2.ListOwnInvitationsRequest())

    async def links(self, group: str) -> invitations_pb2.ListInviteLinksResponse:
        return await self._stub.ListInviteLinks(invitations_pb2.ListInviteLinksRequest(parent=group, page_size=100))

    async def create_link(self, group: str, link: invitations_pb2.InviteLink, request_id: str) -> None:
        request = invitations_pb2.CreateInviteLinkRequest(parent=group, invite_link=link, request_id=request_id)
        await self._stub.CreateInviteLink(request)

    async def revoke_link(self, name: str) -> None:
        await self._stub.RevokeInviteLink(invitations_pb2.RevokeInviteLinkRequest(name=name))

    async def behind(self, secret: str) -> groups_pb2.Group:
        """The group into which a link leads."""
        return await self._stub.LookAtInviteLink(invitations_pb2.LookAtInviteLinkRequest(secret=secret))

    async def use_link(self, secret: str) -> groups_pb2.Membership:
        return await self._stub.UseInviteLink(invitations_pb2.UseInviteLinkRequest(secret=secret))
