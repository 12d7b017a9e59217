"""Posts and replies."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from chassis.events import append
from chassis.filtering import tell_held
from chassis.ids import new_id
from chassis.once import once
from chassis.resources import Resources
from services.feed import wire
from services.feed.domain.drafts import Draft
from services.feed.domain.posts import Post
from services.feed.rpc.base import Base, Change, now
from services.feed.rpc.images import images_of
from services.feed.rpc.reshares import original_of
from services.feed.rpc.roots import Roots
from services.feed.store import marks, posts


class Posts(Base):
    """Get and create, and what answers a post."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._roots = resources.one(Roots)

    async def GetPost(self, request: feed_pb2.GetPostRequest, context: Any) -> feed_pb2.Post:
        found = await self._found([wire.post_id(request.name)])
        if not found:
            raise wire.unknown_post(request.name)
        return found[0]

    async def BatchGetPosts(
        self, request: feed_pb2.BatchGetPostsRequest, context: Any
    ) -> feed_pb2.BatchGetPostsResponse:
        names = dict.fromkeys(request.names)
        found = {post.name: post for post in await self._found(wire.post_ids(names))}
        return feed_pb2.BatchGetPostsResponse(posts=[found[name] for name in names if name in found])

    async def _found(self, ids: list[UUID]) -> list[feed_pb2.Post]:
        """Posts as the caller sees them. Of a plain reshare nothing is seen when its original is not."""
        sight = self.access.sight(viewer.person())
        async with self.database.snapshot() as tx:
            found = await posts.visible_batch(tx, sight, ids)
            shown = zip(found, await self.messages(tx, sight, found), strict=True)
        return [
            message
            for post, message in shown
            if not post.is_plain_reshare or post.delete_time is not None or message.HasField("original")
        ]

    async def CreatePost(self, request: feed_pb2.CreatePostRequest, context: Any) -> feed_pb2.Post:
        draft = wire.draft(request.post)
        draft.check_announcer(viewer.current().roles)
        held = self.filtering.judge(*wire.said(request.post), warnings_accepted=request.warnings_accepted)
        draft = replace(draft, held_by=tuple(held))
        people = await self.people_behind(draft.content.handles)
        sight = self.sight_of_member(viewer.person())
        _check_group(sight, draft, request.post)
        if _stands_alone(request.post, draft):
            root = draft.by(sight.viewer, new_id(), now(), people)
            if answer := await self._roots.added(request, root):
                return answer
        return await self._create(request, sight, draft, people)

    async def _create(
        self, request: feed_pb2.CreatePostRequest, sight: Sight, draft: Draft, people: Mapping[str, UUID]
    ) -> feed_pb2.Post:
        """A post that something hangs on, or one whose request was there before."""
        changes: list[Change] = []
        async with self.database.transaction() as tx:

            async def written() -> feed_pb2.Post:
                post, change = await self._written(tx, sight, request.post, draft, people)
                await tell_held(tx, post.name, post.version, draft.held_by)
                changes.extend([change] if change else [])
                return wire.post(post)

            answer = await once(tx, request, feed_pb2.Post, written)
            # Not in what is kept for a repetition, which would still tell it when the original is gone.
            await self._add_original(tx, sight, answer)
        for change in changes:
            await self.shown(self._show_new(change))
        return answer

    async def _written(
        self, tx: AsyncConnection, sight: Sight, asked: feed_pb2.Post, draft: Draft, people: Mapping[str, UUID]
    ) -> tuple[Post, Change | None]:
        """The new post, or the same plain reshare as before, and what changed."""
        author, id_, group = sight.viewer, new_id(), draft.audience.group
        if group is not None:
            await self.check_group_open(tx, group)
        parent, above = await self._answered(tx, sight, asked.reply_to) if asked.reply_to else (None, [])
        original = await original_of(tx, sight, asked.reshare_of, draft.audience) if asked.reshare_of else None
        images = await images_of(tx, author, asked.images, post=id_)
        post = draft.by(author, id_, now(), people, parent, original=original, images=images)
        mark = None
        if original is not None and post.is_plain_reshare:
            if before := await posts.plain_reshare(tx, author, original.id):
                return before, None
            mark = await marks.put(tx, original.id, author, reshared=True)
        # What is held counts once others may see it.
        counting = [] if post.hidden else [other.counting(post, +1) for other in ([original] if original else above)]
        await posts.add(tx, post)
        await self.expect_preview(tx, post)
        await posts.save_counts(tx, counting)
        await append(tx, post.name, post.version, wire.created(post))
        return post, Change([post, *counting], mark)

    async def _answered(self, tx: AsyncConnection, sight: Sight, name: str) -> tuple[Post, list[Post]]:
        """What a reply answers, and the posts that count it, as they are once nobody else can change them."""
        seen = await posts.visible_post(tx, sight, wire.post_id(name))
        if seen is None:
            raise wire.unknown_post(name)
        above = {post.id: post for post in await posts.locked(tx, [seen.root, seen.id])}
        root = above[seen.root]
        root.check_reply(sight.viewer)
        if root.audience.group is not None:
            await self.check_group_open(tx, root.audience.group)
        return above[seen.id], list(above.values())

    async def _add_original(self, tx: AsyncConnection, sight: Sight, answer: feed_pb2.Post) -> None:
        """Adds to a reshare what it passes on."""
        if answer.reshare_of:
            found = await posts.visible_by_ids(tx, sight, [wire.post_id(answer.reshare_of)])
            for original in await self.messages(tx, sight, list(found.values())):
                original.ClearField("original")
                answer.original.CopyFrom(original)

    async def _show_new(self, change: Change) -> None:
        post = change.posts[0]
        self.reader.building.expect_change(post.author)
        await self.show(change)
        if post.is_root:
            await self.homes.push(post.id, [post.author.bytes])

    async def ListReplies(self, request: feed_pb2.ListRepliesRequest, context: Any) -> feed_pb2.ListRepliesResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        position, root = self.pages.position(request), wire.post_id(request.parent)
        async with self.database.snapshot() as tx:
            top = await posts.visible_post(tx, sight, root)
            if top is None or (top.delete_time is not None and not top.reply_count):
                raise wire.unknown_post(request.parent)
            after = UUID(bytes=position) if position else None
            found = await posts.visible_replies(tx, sight, root, after, size + 1)
            answer = feed_pb2.ListRepliesResponse(posts=await self.messages(tx, sight, found[:size]))
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer


def _check_group(sight: Sight, draft: Draft, asked: feed_pb2.Post) -> None:
    group = draft.audience.group
    if group is not None and not sight.sees(sight.viewer, group=group, create_time=now()):
        raise wire.closed_group(asked.audience.group, "post.audience.group")


def _stands_alone(asked: feed_pb2.Post, draft: Draft) -> bool:
    """Whether nothing that is there has to be looked at or changed with it."""
    return not (asked.reply_to or asked.reshare_of or asked.images or draft.audience.group or draft.held_by)
