"""Who blocks whom."""

from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.feed.v1 import relations_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.audience import meetable_clause
from chassis.events import append, append_many
from services.feed import wire
from services.feed.domain.relations import check_block
from services.feed.rpc.base import now
from services.feed.rpc.listing import Listing
from services.feed.store import blocks, follows
from services.feed.store.relations import BLOCKS


class Blocks(Listing):
    """Blocking, and the list of it. That the two do not meet is decided where everything else is: in `Sight`."""

    async def BlockPerson(self, request: relations_pb2.BlockPersonRequest, context: Any) -> relations_pb2.Block:
        person, other = viewer.person(), wire.person_id(request.name)
        sight = self.sight_of_member(person)
        check_block(person, other)
        async with self.database.transaction() as tx:
            await blocks.lock_pair(tx, person, other)
            since = await blocks.since(tx, person, other)
            if since is not None:
                return wire.block(other, since)
            if not sight.meets(other):
                raise wire.unknown_person(request.name)
            since = await blocks.begin(tx, person, other, now())
            await self._end_follows(tx, person, other)
            await self._tell(tx, person, other)
        await self._show(person, other)
        return wire.block(other, since or now())

    async def UnblockPerson(self, request: relations_pb2.UnblockPersonRequest, context: Any) -> empty_pb2.Empty:
        person, other = viewer.person(), wire.person_id(request.name)
        async with self.database.transaction() as tx:
            await blocks.lock_pair(tx, person, other)
            if not await blocks.end(tx, person, other):
                return empty_pb2.Empty()
            await self._tell(tx, person, other)
        await self._show(person, other)
        return empty_pb2.Empty()

    async def ListBlockedPeople(
        self, request: relations_pb2.ListBlockedPeopleRequest, context: Any
    ) -> relations_pb2.ListBlockedPeopleResponse:
        rule = meetable_clause(self.access.sight(viewer.person()).despite_blocks(), BLOCKS.c.target)
        found, token = await self.listed(request, BLOCKS, rule)
        blocked = [wire.block(row.target, row.create_time) for row in found]
        return relations_pb2.ListBlockedPeopleResponse(blocks=blocked, next_page_token=token)

    async def _end_follows(self, tx: AsyncConnection, person: UUID, other: UUID) -> None:
        ended = await follows.end_between(tx, person, other)
        names = [(row.follower, row.followee, row.version) for row in ended]
        await append_many(tx, [(wire.follow_name(a, b), version, wire.unfollowed(a, b)) for a, b, version in names])

    async def _tell(self, tx: AsyncConnection, person: UUID, other: UUID) -> None:
        apart, version = await blocks.between(tx, person, other)
        told = wire.meeting_changed(person, other, apart)
        await append(tx, f"{told.person}/meeting/{told.other_person}", version, told)

    async def _show(self, person: UUID, other: UUID) -> None:
        """Lets this process decide on it at once; others take it in with their next poll."""
        await self.access.refresh(self.database)
        for one in (person, other):
            await self.rebuild_home(one)
