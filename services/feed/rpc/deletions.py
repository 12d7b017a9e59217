"""Deleting posts, with all that they ever said."""

from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.events import append
from chassis.once import replace_answers
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.rpc.base import Base, Change, now
from services.feed.store import marks, polls, posts, revisions


class Deletions(Base):
    """What is deleted keeps its place where others answered it, and its counts."""

    async def DeletePost(self, request: feed_pb2.DeletePostRequest, context: Any) -> empty_pb2.Empty:
        person = viewer.person()
        async with self.database.transaction() as tx:
            seen = await posts.visible_post(tx, self.access.sight(person), wire.post_id(request.name))
            if seen is None:
                raise wire.unknown_post(request.name)
            change = await self.deletion(tx, person, seen)
        if change:
            await self.shown(self.show(change))
        return empty_pb2.Empty()

    async def deletion(self, tx: AsyncConnection, person: UUID, seen: Post) -> Change | None:
        """Deletes a post in the name of a person, or nothing when it is deleted already."""
        above = [seen.root, seen.reply_to or seen.root, seen.reshare_of or seen.root]
        found = {post.id: post for post in await posts.locked(tx, [seen.id, *above])}
        before = found.pop(seen.id)
        post = before.deleted_by(person, now())
        if before.delete_time is not None:
            return None
        counting = [other.counting(post, -1) for other in found.values()] if before.is_counted else []
        mark = None
        if before.is_plain_reshare and before.reshare_of:
            mark = await marks.put(tx, before.reshare_of, before.author, reshared=False)
        await posts.save_counts(tx, counting)
        await _emptied(tx, before, post)
        await append(tx, post.name, post.version, wire.deleted(post))
        return Change([post, *counting], mark)


async def _emptied(tx: AsyncConnection, before: Post, post: Post) -> None:
    """Stores a deleted post, and drops everything that it said, also what is kept for a repeated request."""
    await posts.save_rewritten(tx, post)
    await polls.expect_end(tx, post)
    await polls.forget_votes(tx, post.id)
    await revisions.forget(tx, post.id)
    beginning = feed_pb2.Post(name=post.name).SerializeToString()
    left = wire.stored_post(post).SerializeToString()
    await replace_answers(tx, f"people/{post.author}", beginning, left)
    if before.card is not None:
        await replace_answers(tx, f"{viewer.ACCOUNTS}{before.card.account}", beginning, left)
