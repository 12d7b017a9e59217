"""Groups themselves."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from plein.groups.v1 import groups_pb2, groups_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.events import append_many
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import AlreadyExists, TooMuch
from services.groups import wire
from services.groups.domain.groups import Group, made_handle
from services.groups.domain.members import Member, Role, Standing
from services.groups.rpc.base import Base, now
from services.groups.store import groups, members, visible
from services.groups.wire import events

FOUNDING_DAY = timedelta(days=1)


class Groups(Base, groups_pb2_grpc.GroupServiceServicer):
    """Founding, finding by name, changing and ending."""

    async def CreateGroup(self, request: groups_pb2.CreateGroupRequest, context: Any) -> groups_pb2.Group:
        founder = self.sight_of_member(viewer.person()).viewer
        asked = wire.new_group(request.group, new_id(), founder, now())
        async with self.database.transaction() as tx:

            async def founded() -> groups_pb2.Group:
                return wire.group(await self._founded(tx, asked), Standing(Role.OWNER))

            return await once(tx, request, groups_pb2.Group, founded)

    async def _founded(self, tx: AsyncConnection, asked: Group) -> Group:
        await self._check_limits(tx, asked.founder, asked.create_time)
        founder = Member(asked.id, asked.founder, Role.OWNER, asked.create_time)
        group = replace(asked, member_count=1)
        await groups.add(tx, group)
        group = await with_handle(tx, group)
        await groups.save(tx, group)
        await members.add(tx, founder)
        await append_many(tx, [events.created(group), events.joined(group, founder)])
        return group

    async def _check_limits(self, tx: AsyncConnection, person: UUID, moment: datetime) -> None:
        await groups.lock_founder(tx, person)
        if await groups.owned(tx, person) >= self.settings.groups_owned_per_person:
            sentence = "You own {most} groups, and that is the most."
            raise TooMuch("TOO_MANY_GROUPS", sentence, most=self.settings.groups_owned_per_person)
        if await groups.founded_since(tx, person, moment - FOUNDING_DAY) >= self.settings.groups_founded_per_day:
            sentence = "You founded {most} groups within a day. Go on tomorrow."
            most = self.settings.groups_founded_per_day
            raise TooMuch("TOO_MANY_GROUPS_TODAY", sentence, retry_seconds=3600, most=most)

    async def GetGroup(self, request: groups_pb2.GetGroupRequest, context: Any) -> groups_pb2.Group:
        sight = self.access.sight(viewer.person())
        async with self.database.snapshot() as tx:
            found = await visible.visible_group(tx, sight, wire.group_id_or_handle(request.name))
        if found is None:
            raise wire.unknown_group(request.name)
        return wire.group(*found)

    async def BatchGetGroups(
        self, request: groups_pb2.BatchGetGroupsRequest, context: Any
    ) -> groups_pb2.BatchGetGroupsResponse:
        sight, ids = self.access.sight(viewer.person()), wire.group_ids(request.names)
        async with self.database.snapshot() as tx:
            found = await visible.visible_groups(tx, sight, ids)
        return groups_pb2.BatchGetGroupsResponse(groups=[wire.group(*found[id_]) for id_ in ids if id_ in found])


async def with_handle(tx: AsyncConnection, group: Group) -> Group:
    """The group with a handle that leads to it: the one that it wants, or else one made of its title."""
    if group.is_secret:
        # What is reserved would tell that there is a group.
        await groups.drop_handles(tx, group.id)
        return replace(group, handle="")
    if not group.handle:
        return replace(group, handle=await groups.make_handle(tx, group.id, made_handle(group.title)))
    if not await groups.claim_handle(tx, group.id, group.handle):
        sentence = "Another group is called {handle}."
        raise AlreadyExists("HANDLE_TAKEN", sentence, field="group.handle", handle=group.handle)
    return group
