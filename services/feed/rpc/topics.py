"""Which tags and groups people follow."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from google.protobuf import empty_pb2
from plein.feed.v1 import relations_pb2

from chassis import viewer
from chassis.events import append
from services.feed import wire
from services.feed.rpc.base import now
from services.feed.rpc.listing import Listing
from services.feed.store import relations
from services.feed.store.relations import GROUP_FOLLOWS, TAG_FOLLOWS
from services.feed.store.topics import IS_MEMBER


class Topics(Listing):
    """Following tags and groups, and the lists of it."""

    async def FollowTag(self, request: relations_pb2.FollowTagRequest, context: Any) -> relations_pb2.TagFollow:
        tag = wire.tag(request.name)
        return wire.tag_follow(tag, await self._follow(TAG_FOLLOWS, tag))

    async def UnfollowTag(self, request: relations_pb2.UnfollowTagRequest, context: Any) -> empty_pb2.Empty:
        return await self._unfollow(TAG_FOLLOWS, wire.tag(request.name))

    async def FollowGroup(self, request: relations_pb2.FollowGroupRequest, context: Any) -> relations_pb2.GroupFollow:
        group = wire.existing_group_id(request.name)
        if not self.sight_of_member(viewer.person()).belongs(group):
            raise wire.unknown_group(request.name)
        return wire.group_follow(group, await self._follow(GROUP_FOLLOWS, group))

    async def UnfollowGroup(self, request: relations_pb2.UnfollowGroupRequest, context: Any) -> empty_pb2.Empty:
        return await self._unfollow(GROUP_FOLLOWS, wire.existing_group_id(request.name))

    async def _follow(self, table: sa.Table, topic: str | UUID) -> datetime:
        """Begins to follow, and answers since when it is so."""
        person = viewer.person()
        async with self.database.transaction() as tx:
            begun = await relations.begin(tx, table, person, topic, now())
            if begun is None:
                return await relations.since(tx, table, person, topic) or now()
            name, told = wire.topic_follow_name(person, topic), wire.topic_followed(person, topic)
            await append(tx, name, begun.version, told)
        await self.rebuild_home(person)
        since: datetime = begun.create_time
        return since

    async def _unfollow(self, table: sa.Table, topic: str | UUID) -> empty_pb2.Empty:
        person = viewer.person()
        async with self.database.transaction() as tx:
            version = await relations.end(tx, table, person, topic)
            if version is None:
                return empty_pb2.Empty()
            await append(tx, wire.topic_follow_name(person, topic), version, wire.topic_unfollowed(person, topic))
        await self.rebuild_home(person)
        return empty_pb2.Empty()

    async def ListFollowedTags(
        self, request: relations_pb2.ListFollowedTagsRequest, context: Any
    ) -> relations_pb2.ListFollowedTagsResponse:
        found, token = await self.listed(request, TAG_FOLLOWS)
        follows = [wire.tag_follow(row.target, row.create_time) for row in found]
        return relations_pb2.ListFollowedTagsResponse(follows=follows, next_page_token=token)

    async def ListFollowedGroups(
        self, request: relations_pb2.ListFollowedGroupsRequest, context: Any
    ) -> relations_pb2.ListFollowedGroupsResponse:
        heard = self.access.sight(viewer.person()).hears_groups
        found, token = await self.listed(request, GROUP_FOLLOWS, IS_MEMBER if heard else sa.false())
        follows = [wire.group_follow(row.target, row.create_time) for row in found]
        return relations_pb2.ListFollowedGroupsResponse(follows=follows, next_page_token=token)
