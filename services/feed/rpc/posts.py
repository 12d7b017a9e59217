"""Posts and replies."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.feed.v1 import events_pb2, feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from chassis import pages, viewer
from chassis.access import Sight
from chassis.events import append
from chassis.once import once
from services.feed import wire
from services.feed.domain.posts import Draft, Post, drafted
from services.feed.rpc.base import Base, now
from services.feed.store import posts


class Posts(Base):
    """Get, create and delete, and what answers a post."""

    async def GetPost(self, request: feed_pb2.GetPostRequest, context: Any) -> feed_pb2.Post:
        sight = self.access.sight(viewer.person())
        async with self.database.snapshot() as tx:
            post = await posts.visible_post(tx, sight, wire.post_id(request.name))
            if post is None or (post.delete_time is not None and not post.reply_count):
                raise wire.unknown_post(request.name)
            return (await self.messages(tx, sight, [post]))[0]

    async def CreatePost(self, request: feed_pb2.CreatePostRequest, context: Any) -> feed_pb2.Post:
        audience = request.post.audience
        draft = drafted(request.post.text, audience.kinds, wire.group_id(audience.group, "post.audience.group"))
        people = await self.people_behind(draft.content.handles)
        changed: list[Post] = []
        async with self.database.transaction() as tx:

            async def written() -> feed_pb2.Post:
                changed.extend(await self._written(tx, draft, people, request.post.reply_to))
                return wire.post(changed[0])

            answer = await once(tx, request, feed_pb2.Post, written)
        if changed:
            await self.shown(self._show_new(changed))
        return answer

    async def _written(
        self, tx: AsyncConnection, draft: Draft, people: Mapping[str, UUID], reply_to: str
    ) -> list[Post]:
        """The new post, and the posts above it with their new counts."""
        author = viewer.person()
        sight = self.sight_of_member(author)
        parent, above = await self._answered(tx, sight, reply_to) if reply_to else (None, [])
        post = draft.by(author, uuid7(), now(), people, parent)
        thread = [found.with_reply(+1) for found in above]
        await posts.add(tx, post)
        await posts.save_counts(tx, thread)
        await append(tx, post.name, post.version, wire.created(post))
        return [post, *thread]

    async def _answered(self, tx: AsyncConnection, sight: Sight, name: str) -> tuple[Post, list[Post]]:
        """What a reply answers, and the posts that count it, as they are once nobody else can change them."""
        seen = await posts.visible_post(tx, sight, wire.post_id(name))
        if seen is None:
            raise wire.unknown_post(name)
        above = await posts.locked(tx, [seen.root, seen.id])
        return next(post for post in above if post.id == seen.id), above

    async def _show_new(self, changed: Sequence[Post]) -> None:
        self.reader.building.expect_change(changed[0].author)
        await self.homes.put_posts(changed)
        if changed[0].is_root:
            await self.homes.push(changed[0].id, [changed[0].author.bytes])

    async def DeletePost(self, request: feed_pb2.DeletePostRequest, context: Any) -> empty_pb2.Empty:
        person = viewer.person()
        async with self.database.transaction() as tx:
            seen = await posts.visible_post(tx, self.access.sight(person), wire.post_id(request.name))
            if seen is None:
                raise wire.unknown_post(request.name)
            found = {post.id: post for post in await posts.locked(tx, [seen.id, seen.root, seen.reply_to or seen.root])}
            before = found.pop(seen.id)
            post = before.deleted_by(person, now())
            if before.delete_time is not None:
                return empty_pb2.Empty()
            thread = [above.with_reply(-1) for above in found.values()]
            await posts.save(tx, post)
            await posts.save_counts(tx, thread)
            told = events_pb2.PostDeleted(post=post.name, author=f"people/{person}", root=f"posts/{post.root}")
            await append(tx, post.name, post.version, told)
        await self.shown(self.homes.put_posts([post, *thread]))
        return empty_pb2.Empty()

    async def ListReplies(self, request: feed_pb2.ListRepliesRequest, context: Any) -> feed_pb2.ListRepliesResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        position, root = self.pages.position(request), wire.post_id(request.parent)
        async with self.database.snapshot() as tx:
            if await posts.visible_post(tx, sight, root) is None:
                raise wire.unknown_post(request.parent)
            after = UUID(bytes=position) if position else None
            found = await posts.visible_replies(tx, sight, root, after, size + 1)
            answer = feed_pb2.ListRepliesResponse(posts=await self.messages(tx, sight, found[:size]))
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer
