"""The groups of texts/groups.yaml, brought in as their people would: founded, joined, written and planned in."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import grpc
from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import feed_pb2
from plein.groups.v1 import (
    discovery_pb2,
    discovery_pb2_grpc,
    gatherings_pb2,
    gatherings_pb2_grpc,
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
from chassis.viewer import Viewer, enter
from deploy.demo.company import read
from deploy.demo.moments import ZONE

# Groups hears of new people from identity's log, so somebody may come before.
ROUNDS = 60
PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who is signed in: `people/{person}` and an access token."""

    person: str
    access_token: str


@dataclass(frozen=True, slots=True)
class Founded:
    """A group that was founded now, and what is in the texts about it."""

    name: str
    made: Mapping[str, Any]


class Founder:
    """The calls, each in somebody's name."""

    def __init__(self, neighbours: Neighbours, accounts: Mapping[str, Account]) -> None:
        channel = neighbours.as_viewer("groups", groups_pb2.DESCRIPTOR.services_by_name["GroupService"])
        self._accounts = accounts
        self._groups = groups_pb2_grpc.GroupServiceStub(channel)
        self._discovery = discovery_pb2_grpc.GroupDiscoveryServiceStub(channel)
        self._pages = pages_pb2_grpc.GroupPageServiceStub(channel)
        self._members = members_pb2_grpc.MemberServiceStub(channel)
        self._entrance = invitations_pb2_grpc.InvitationServiceStub(channel)
        self._events = gatherings_pb2_grpc.GroupEventServiceStub(channel)

    async def found_all(self, now: datetime) -> list[Founded]:
        """Founds the groups that their founders do not have yet, all at once; each task is somebody else's."""
        return [group for group in await asyncio.gather(*(self._found(made, now) for made in read("groups"))) if group]

    async def _found(self, made: Mapping[str, Any], now: datetime) -> Founded | None:
        self._as(made["founder"])
        listed = await self._discovery.ListMyGroups(discovery_pb2.ListMyGroupsRequest(page_size=100))
        if any(found.group.title == made["title"] for found in listed.groups):
            return None
        group = groups_pb2.Group(title=made["title"], handle=made["handle"])
        group.visibility = groups_pb2.GroupVisibility.Value(f"GROUP_VISIBILITY_{made['visibility']}")
        name = (await _patiently(self._groups.CreateGroup, groups_pb2.CreateGroupRequest(group=group))).name
        page = pages_pb2.GroupPage(name=f"{name}/page", description=made["description"], rules=made["rules"])
        page.tags.extend(made["tags"])
        await self._pages.UpdateGroupPage(pages_pb2.UpdateGroupPageRequest(group_page=page))
        handles = [*made["keepers"], *made["members"]]
        is_open = group.visibility == groups_pb2.GROUP_VISIBILITY_OPEN
        await asyncio.gather(*(self._let_in(name, handle, is_open=is_open) for handle in handles))
        for handle in made["keepers"]:
            member = f"{name}/members/{self._accounts[handle].person.removeprefix('people/')}"
            request = members_pb2.SetMemberRoleRequest(name=member, role=groups_pb2.GROUP_ROLE_KEEPER)
            await self._members.SetMemberRole(request)
        if event := made.get("event"):
            await self._plan(name, event, now)
        return Founded(name, made)

    async def _let_in(self, group: str, handle: str, *, is_open: bool) -> None:
        """Lets somebody join, or invites them where one does not just join."""
        if not is_open:
            asked = invitations_pb2.InvitePersonRequest(name=group, person=self._accounts[handle].person)
            await _patiently(self._entrance.InvitePerson, asked)
        self._as(handle)
        if is_open:
            await _patiently(self._members.JoinGroup, members_pb2.JoinGroupRequest(name=group))
        else:
            accepted = invitations_pb2.AcceptInvitationRequest(name=f"{group}/invitations/me")
            await _patiently(self._entrance.AcceptInvitation, accepted)

    async def _plan(self, group: str, made: Mapping[str, Any], now: datetime) -> None:
        self._as(made["by"])
        event = gatherings_pb2.GroupEvent(title=made["title"], description=made["description"], place=made["place"])
        event.limit = made["limit"]
        day = (now.astimezone(ZONE) + timedelta(days=made["days"])).date()
        start = datetime.combine(day, time(made["hour"]), ZONE).astimezone(UTC)
        event.start_time.FromDatetime(start)
        event.end_time.FromDatetime(start + timedelta(hours=made["hours"]))
        request = gatherings_pb2.CreateGroupEventRequest(parent=group, group_event=event)
        planned = await self._events.CreateGroupEvent(request)
        for handle, answer in made["answers"].items():
            self._as(handle)
            given = gatherings_pb2.EventAnswer.Value(f"EVENT_ANSWER_{answer}")
            await self._events.AnswerGroupEvent(gatherings_pb2.AnswerGroupEventRequest(name=planned.name, answer=given))

    def _as(self, handle: str) -> None:
        """Lets the next calls be somebody's."""
        enter(Viewer(token=self._accounts[handle].access_token))


async def _patiently(call: Callable[[Any], Awaitable[Any]], request: Any) -> Any:
    """What a call answers once the service has heard of whoever makes it."""
    for _ in range(ROUNDS):
        try:
            return await call(request)
        except grpc.aio.AioRpcError as error:
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND):
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    return await call(request)


def posts_in(group: Founded, accounts: Mapping[str, Account], now: datetime) -> list[feed_pb2.ImportedPost]:
    """What was written in a group, oldest first, as the feed takes it in."""
    return [_post(group, number, made, accounts, now) for number, made in enumerate(group.made["posts"])]


def _post(
    group: Founded, number: int, made: Mapping[str, Any], accounts: Mapping[str, Account], now: datetime
) -> feed_pb2.ImportedPost:
    post = feed_pb2.ImportedPost(
        external_id=f"demo-{group.name}-{number}",
        author=accounts[made["by"]].person,
        text=made["text"],
        audience=audience_pb2.Audience(group=group.name),
    )
    moment = datetime.combine((now - timedelta(days=made["days"])).astimezone(ZONE).date(), time(9 + number), ZONE)
    post.create_time.FromDatetime(moment.astimezone(UTC) + timedelta(minutes=7 * number))
    return post
