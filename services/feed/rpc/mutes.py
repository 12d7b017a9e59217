"""What people muted. Nobody else learns of it, and no event tells it."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from google.protobuf import empty_pb2
from plein.feed.v1 import relations_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.audience import meetable_clause, member_clause
from services.feed import wire
from services.feed.domain.relations import check_mute
from services.feed.rpc.base import now
from services.feed.rpc.listing import Listing
from services.feed.store import mutes, posts
from services.feed.store.relations import GROUP_MUTES, PERSON_MUTES, TAG_MUTES, THREAD_MUTES


class Muting(Listing):
    """Muting people, tags, threads and groups, and the lists of it."""

    async def MutePerson(self, request: relations_pb2.MutePersonRequest, context: Any) -> relations_pb2.Mute:
        person, other = viewer.person(), self.known_person(request.name)
        check_mute(person, other, self.mutes.of(person).people)
        async with self.database.transaction() as tx:
            since = await mutes.begin(tx, PERSON_MUTES, person, other, now())
        await self.mutes.refresh()
        return wire.mute(f"people/{other}", since)

    async def UnmutePerson(self, request: relations_pb2.UnmutePersonRequest, context: Any) -> empty_pb2.Empty:
        return await self._unmute(PERSON_MUTES, wire.person_id(request.name))

    async def MuteTag(self, request: relations_pb2.MuteTagRequest, context: Any) -> relations_pb2.Mute:
        person, tag = viewer.person(), wire.tag(request.name)
        check_mute(person, tag, self.mutes.of(person).tags)
        async with self.database.transaction() as tx:
            since = await mutes.begin(tx, TAG_MUTES, person, tag, now())
        await self.mutes.refresh()
        return wire.mute(f"tags/{tag}", since)

    async def UnmuteTag(self, request: relations_pb2.UnmuteTagRequest, context: Any) -> empty_pb2.Empty:
        return await self._unmute(TAG_MUTES, wire.tag(request.name))

    async def MuteThread(self, request: relations_pb2.MuteThreadRequest, context: Any) -> relations_pb2.Mute:
        person, name = viewer.person(), request.name
        async with self.database.transaction() as tx:
            root = await self._root(tx, name)
            if root is None:
                raise wire.unknown_post(name)
            check_mute(person, root, self.mutes.of(person).threads)
            since = await mutes.begin(tx, THREAD_MUTES, person, root, now())
        await self.mutes.refresh()
        return wire.mute(f"posts/{root}", since)

    async def UnmuteThread(self, request: relations_pb2.UnmuteThreadRequest, context: Any) -> empty_pb2.Empty:
        async with self.database.snapshot() as tx:
            root = await self._root(tx, request.name)
        # What one may no longer see can still be taken from the list, by the name of its root.
        return await self._unmute(THREAD_MUTES, root or wire.post_id(request.name))

    async def MuteGroup(self, request: relations_pb2.MuteGroupRequest, context: Any) -> relations_pb2.Mute:
        person, group = viewer.person(), wire.existing_group_id(request.name)
        if not self.access.sight(person).belongs(group):
            raise wire.unknown_group(request.name)
        check_mute(person, group, self.mutes.of(person).groups)
        async with self.database.transaction() as tx:
            since = await mutes.begin(tx, GROUP_MUTES, person, group, now())
        await self.mutes.refresh()
        return wire.mute(f"groups/{group}", since)

    async def UnmuteGroup(self, request: relations_pb2.UnmuteGroupRequest, context: Any) -> empty_pb2.Empty:
        return await self._unmute(GROUP_MUTES, wire.existing_group_id(request.name))

    async def _root(self, tx: AsyncConnection, name: str) -> UUID | None:
        """The top of the thread that a post is in which the caller may see."""
        post = await posts.visible_post(tx, self.access.sight(viewer.person()), wire.post_id(name))
        return post.root if post else None

    async def _unmute(self, table: sa.Table, target: str | UUID) -> empty_pb2.Empty:
        async with self.database.transaction() as tx:
            await mutes.end(tx, table, viewer.person(), target)
        await self.mutes.refresh()
        return empty_pb2.Empty()

    async def ListMutedPeople(
        self, request: relations_pb2.ListMutedPeopleRequest, context: Any
    ) -> relations_pb2.ListMutedPeopleResponse:
        rule = meetable_clause(self.access.sight(viewer.person()), PERSON_MUTES.c.target)
        found, token = await self._muted(request, PERSON_MUTES, "people", rule)
        return relations_pb2.ListMutedPeopleResponse(mutes=found, next_page_token=token)

    async def ListMutedTags(
        self, request: relations_pb2.ListMutedTagsRequest, context: Any
    ) -> relations_pb2.ListMutedTagsResponse:
        found, token = await self._muted(request, TAG_MUTES, "tags")
        return relations_pb2.ListMutedTagsResponse(mutes=found, next_page_token=token)

    async def ListMutedThreads(
        self, request: relations_pb2.ListMutedThreadsRequest, context: Any
    ) -> relations_pb2.ListMutedThreadsResponse:
        rule = posts.visible_root_clause(self.access.sight(viewer.person()), THREAD_MUTES.c.target)
        found, token = await self._muted(request, THREAD_MUTES, "posts", rule)
        return relations_pb2.ListMutedThreadsResponse(mutes=found, next_page_token=token)

    async def ListMutedGroups(
        self, request: relations_pb2.ListMutedGroupsRequest, context: Any
    ) -> relations_pb2.ListMutedGroupsResponse:
        person = sa.literal(viewer.person(), sa.Uuid)
        sight = self.access.sight(viewer.person())
        rule = member_clause(person, GROUP_MUTES.c.target) if sight.hears_groups else sa.false()
        found, token = await self._muted(request, GROUP_MUTES, "groups", rule)
        return relations_pb2.ListMutedGroupsResponse(mutes=found, next_page_token=token)

    async def _muted(
        self, request: Any, table: sa.Table, collection: str, rule: sa.ColumnElement[bool] | None = None
    ) -> tuple[list[relations_pb2.Mute], str]:
        found, token = await self.listed(request, table, rule)
        return [wire.mute(f"{collection}/{row.target}", row.create_time) for row in found], token
