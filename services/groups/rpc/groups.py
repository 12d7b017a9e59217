"""Groups themselves."""

from collections.abc import Awaitable, Callable
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
from services.groups.domain.groups import MOST_HANDLES, Group, made_handle, wanted
from services.groups.domain.members import Member, Role, Standing
from services.groups.rpc.base import Base, now
from services.groups.store import changes, groups, members, visible
from services.groups.wire import events

FOUNDING_DAY = timedelta(days=1)

Change = Callable[[AsyncConnection, Group], Awaitable[Group]]


class Groups(Base, groups_pb2_grpc.GroupServiceServicer):
    """Founding, finding by name, changing and ending."""

    async def CreateGroup(self, request: groups_pb2.CreateGroupRequest, context: Any) -> groups_pb2.Group:
        founder = self.sight_of_member(viewer.person()).viewer
        asked = wire.new_group(request.group, new_id(), founder, now())
        async with self.database.transaction() as tx:

            async def founded() -> groups_pb2.Group:
                return wire.group(await self._founded(tx, asked, founder), Standing(Role.OWNER))

            return await once(tx, request, groups_pb2.Group, founded)

    async def _founded(self, tx: AsyncConnection, asked: Group, person: UUID) -> Group:
        await self._check_limits(tx, person, asked.create_time)
        founder = Member(asked.id, person, Role.OWNER, asked.create_time)
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

    async def UpdateGroup(self, request: groups_pb2.UpdateGroupRequest, context: Any) -> groups_pb2.Group:
        asked = request.group
        changes_wanted = wanted(request.update_mask.paths, wire.asked_fields(asked))

        async def changed(tx: AsyncConnection, group: Group) -> Group:
            after = group.changed(changes_wanted, asked.etag, now())
            if after.handle == group.handle and after.is_secret == group.is_secret:
                return after
            if await groups.handles_of(tx, group.id) >= MOST_HANDLES and not after.is_secret:
                raise TooMuch("TOO_MANY_HANDLES", "The group had so many handles that it keeps this one.")
            return await with_handle(tx, after)

        return await self._by_owner(asked.name, changed)

    async def ArchiveGroup(self, request: groups_pb2.ArchiveGroupRequest, context: Any) -> groups_pb2.Group:
        return await self._by_owner(request.name, _at_once(lambda group: group.archived(now())))

    async def UnarchiveGroup(self, request: groups_pb2.UnarchiveGroupRequest, context: Any) -> groups_pb2.Group:
        return await self._by_owner(request.name, _at_once(Group.unarchived))

    async def DeleteGroup(self, request: groups_pb2.DeleteGroupRequest, context: Any) -> groups_pb2.Group:
        undelete = timedelta(days=self.settings.group_undelete_days)
        return await self._by_owner(request.name, _at_once(lambda group: group.deleted(now(), undelete)))

    async def UndeleteGroup(self, request: groups_pb2.UndeleteGroupRequest, context: Any) -> groups_pb2.Group:
        return await self._by_owner(request.name, _at_once(Group.undeleted))

    async def _by_owner(self, name: str, change: Change) -> groups_pb2.Group:
        """A group after one of its owners changed it."""
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            before, standing = await self.locked(tx, sight, name)
            standing.check(Role.OWNER)
            after, told = await changes.save(tx, before, await change(tx, before))
            await append_many(tx, told)
        return wire.group(after, standing)


def _at_once(change: Callable[[Group], Group]) -> Change:
    """A change for which nothing is asked of the database."""

    async def changed(tx: AsyncConnection, group: Group) -> Group:
        return change(group)

    return changed


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
