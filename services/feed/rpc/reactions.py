"""Reactions to posts."""

from typing import Any

from plein.feed.v1 import events_pb2, feed_pb2

from chassis import pages, viewer
from chassis.events import append
from chassis.problems import BadInput, WrongState
from services.feed import wire
from services.feed.domain.marks import UNMARKED
from services.feed.rpc.base import Base, now
from services.feed.store import marks, posts


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
            before = (await marks.of_person(tx, person, [post.id])).get(post.id, UNMARKED)
            if before.reaction == reaction:
                return wire.post(post, before)
            self._check_offered(reaction)
            post = post.with_reaction(before.reaction, reaction)
            # Who changes a reaction has reacted before, and is not told of as if anew.
            since = {} if before.reaction else {"react_time": now()}
            row = await marks.put(tx, post.id, person, reaction=reaction, **since)
            await posts.save(tx, post)
            event = events_pb2.PostReactedTo if reaction else events_pb2.ReactionRemoved
            await append(tx, post.name, post.version, event(post=post.name, person=f"people/{person}"))
        await self.shown(self.show_marked(post, row))
        return wire.post(post, marks.marked(row))

    def _check_offered(self, reaction: int) -> None:
        """Whether this installation offers a sort; one that is given already stays."""
        offered = {feed_pb2.Reaction.Value(f"REACTION_{sort.upper()}") for sort in self.settings.reactions}
        if reaction and reaction not in offered:
            names = ", ".join(feed_pb2.Reaction.Name(sort) for sort in sorted(offered))
            sentence = "Here one reacts with {offered}."
            raise BadInput("REACTION_NOT_OFFERED", sentence, field="reaction", offered=names)

    async def ListReactions(
        self, request: feed_pb2.ListReactionsRequest, context: Any
    ) -> feed_pb2.ListReactionsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        before = wire.moment_and_person(self.pages.position(request))
        async with self.database.snapshot() as tx:
            post = await posts.visible_post(tx, sight, wire.post_id(request.parent))
            if post is None or post.delete_time is not None:
                raise wire.unknown_post(request.parent)
            found = await marks.visible_reactions(tx, sight, post.id, before, size + 1)
        answer = feed_pb2.ListReactionsResponse(
            reactions=[wire.reaction(row.person, row.reaction, row.react_time) for row in found[:size]]
        )
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.position(last.react_time, last.person))
        return answer
