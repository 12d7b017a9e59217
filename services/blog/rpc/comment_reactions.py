"""Reactions to comments."""

from typing import Any

from plein.blog.v1 import comments_pb2, events_pb2

from chassis import pages
from chassis.events import append
from services.blog.rpc.base import now
from services.blog.rpc.discussing import Discussing
from services.blog.store import comment_reactions, comments
from services.blog.wire import comments as wire
from services.blog.wire.names import moment_and_id, moment_position


class CommentReactions(Discussing):
    """One reaction a person and comment."""

    async def ReactToComment(self, request: comments_pb2.ReactToCommentRequest, context: Any) -> comments_pb2.Comment:
        return await self._react(request.name, int(request.reaction))

    async def RemoveCommentReaction(
        self, request: comments_pb2.RemoveCommentReactionRequest, context: Any
    ) -> comments_pb2.Comment:
        return await self._react(request.name, 0)

    async def _react(self, name: str, reaction: int) -> comments_pb2.Comment:
        sight = self.sight_of_member()
        async with self.database.transaction() as tx:
            comment = await self.seen_comment(tx, sight, name, lock=True)
            before = (await comment_reactions.of_person(tx, sight.viewer, [comment.id])).get(comment.id, 0)
            if before != reaction:
                comment = comment.with_reaction(before, reaction)
                await comment_reactions.put(tx, comment.id, sight.viewer, reaction, now())
                await comments.save(tx, comment)
                event = events_pb2.CommentReactedTo if reaction else events_pb2.CommentReactionRemoved
                told = event(comment=comment.name, person=f"people/{sight.viewer}")
                await append(tx, comment.name, comment.version, told)
            return await self.message(tx, sight, comment)

    async def ListCommentReactions(
        self, request: comments_pb2.ListCommentReactionsRequest, context: Any
    ) -> comments_pb2.ListCommentReactionsResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        before = moment_and_id(self.pages.position(request))
        async with self.database.snapshot() as tx:
            comment = await self.seen_comment(tx, sight, request.parent)
            found = await comment_reactions.visible_reactions(tx, sight, comment.id, before, size + 1)
        answer = comments_pb2.ListCommentReactionsResponse(
            reactions=[wire.reaction(row.person, row.reaction, row.react_time) for row in found[:size]]
        )
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, moment_position(last.react_time, last.person))
        return answer
