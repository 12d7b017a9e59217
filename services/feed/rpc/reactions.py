"""Reactions to posts."""

from typing import Any
from uuid import UUID

from plein.feed.v1 import events_pb2, feed_pb2

from chassis import pages, viewer
from chassis.events import append
from chassis.problems import WrongState
from services.feed import wire
from services.feed.domain import Post
from services.feed.rpc.base import Base, now
from services.feed.store import posts, reactions


class Reactions(Base):
    """One reaction a person and post."""

    async def ReactToPost(self, request: feed_pb2.ReactToPostRequest, context: Any) -> feed_pb2.Post:
        return await self._react(request.name, int(request.reaction))

    async def RemoveReaction(self, request: feed_pb2.RemoveReactionRequest, context: Any) -> feed_pb2.Post:
        return await self._react(request.name, 0)

    async def _react(self, name: str, reaction: int) -> feed_pb2.Post:
        person = viewer.person()
        sight = self.sight_of_member(person)
        async with self.database.transaction() as tx:
            post = await posts.visible_post(tx, sight, wire.post_id(name), lock=True)
            if post is None:
                raise wire.unknown_post(name)
            if post.delete_time is not None:
                raise WrongState("POST_DELETED", "A deleted post cannot be reacted to.")
            before = (await reactions.of_person(tx, person, [post.id])).get(post.id, 0)
            if before == reaction:
                return wire.post(post, reaction)
            post = post.with_reaction(before, reaction)
            await reactions.put(tx, post.id, person, reaction, now(), post.version)
            await posts.save(tx, post)
            event = events_pb2.PostReactedTo if reaction else events_pb2.ReactionRemoved
            await append(tx, post.name, post.version, event(post=post.name, person=f"people/{person}"))
        await self.shown(self._show_reaction(post, person, reaction))
        return wire.post(post, reaction)

    async def _show_reaction(self, post: Post, person: UUID, reaction: int) -> None:
        await self.homes.put_posts([post])
        await self.homes.put_reaction(person, post.id, reaction, post.version)

    async def ListReactions(
        self, request: feed_pb2.ListReactionsRequest, context: Any
    ) -> feed_pb2.ListReactionsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        before = wire.moment_and_person(self.pages.position(request))
        async with self.database.snapshot() as tx:
            post = await posts.visible_post(tx, sight, wire.post_id(request.parent))
            if post is None or post.delete_time is not None:
                raise wire.unknown_post(request.parent)
            found = await reactions.visible_to(tx, sight, post.id, before, size + 1)
        answer = feed_pb2.ListReactionsResponse(
            reactions=[wire.reaction(row.person, row.reaction, row.create_time) for row in found[:size]]
        )
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.position(last.create_time, last.person))
        return answer
