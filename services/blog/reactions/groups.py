"""What blog does when groups tells of members: they see what is written for the group."""

from collections.abc import Sequence
from typing import Any

from plein.groups.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import drop_group, drop_membership, keep_membership
from chassis.events import Reactions, on
from chassis.resources import Resources
from services.blog.wire.names import id_in, moment_of


class Groups(Reactions):
    """Keeps the replica of memberships."""

    source = "groups"
    may_be_absent = True

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    @on(events_pb2.MemberJoined)
    async def member_joined(self, tx: AsyncConnection, event: events_pb2.MemberJoined) -> None:
        since = moment_of(event.history_since) if event.HasField("history_since") else None
        await keep_membership(tx, id_in(event.group), id_in(event.person), since)

    @on(events_pb2.MemberLeft)
    async def member_left(self, tx: AsyncConnection, event: events_pb2.MemberLeft) -> None:
        await drop_membership(tx, id_in(event.group), id_in(event.person))

    @on(events_pb2.MemberRemoved)
    async def member_removed(self, tx: AsyncConnection, event: events_pb2.MemberRemoved) -> None:
        await drop_membership(tx, id_in(event.group), id_in(event.person))

    @on(events_pb2.GroupDeleted)
    async def group_deleted(self, tx: AsyncConnection, event: events_pb2.GroupDeleted) -> None:
        await drop_group(tx, id_in(event.group))

    async def after_commit(self, events: Sequence[Any]) -> None:
        """Lets this process decide on memberships at once; others take them in with their next poll."""
        await self.resources.access.refresh(self.resources.database)
