"""Reshares: passing a post on, and taking that back."""

from typing import Any

from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.access import Sight
from services.feed import wire
from services.feed.domain.posts import Audience, Post
from services.feed.domain.reshares import check_reshare
from services.feed.rpc.deletions import Deletions
from services.feed.store import posts


class Reshares(Deletions):
    """What is made by CreatePost is taken back here, or by deleting it."""

    async def UndoReshare(self, request: feed_pb2.UndoReshareRequest, context: Any) -> feed_pb2.Post:
        sight = self.sight_of_member(viewer.person())
        change = None
        async with self.database.transaction() as tx:
            original = await _passed_on(tx, sight, request.name)
            reshare = await posts.plain_reshare(tx, sight.viewer, original.id)
            if reshare is not None:
                change = await self.deletion(tx, sight.viewer, reshare)
            (original,) = await posts.by_ids(tx, [original.id])
            answer = (await self.messages(tx, sight, [original]))[0]
        if change:
            await self.shown(self.show(change))
        return answer


async def original_of(tx: AsyncConnection, sight: Sight, name: str, audience: Audience) -> Post:
    """What a reshare to an audience passes on, as it is once nobody else can change it."""
    seen = await _passed_on(tx, sight, name)
    found = {post.id: post for post in await posts.locked(tx, [seen.id, seen.root])}
    check_reshare(found[seen.id], found[seen.root].audience, audience)
    return found[seen.id]


async def _passed_on(tx: AsyncConnection, sight: Sight, name: str) -> Post:
    """The post of this name that the viewer may see; in the place of a plain reshare its original."""
    seen = await posts.visible_post(tx, sight, wire.post_id(name))
    if seen is not None and seen.is_plain_reshare and seen.reshare_of and seen.delete_time is None:
        seen = await posts.visible_post(tx, sight, seen.reshare_of)
    if seen is None:
        raise wire.unknown_post(name)
    return seen
