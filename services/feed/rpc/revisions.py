"""Changing posts, and what they said before."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import Message
from plein.feed.v1 import events_pb2, feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from chassis.events import append
from chassis.filtering import tell_held
from chassis.problems import BadInput
from services.feed import wire
from services.feed.domain.drafts import mentioned
from services.feed.domain.posts import Post
from services.feed.domain.texts import recognised
from services.feed.rpc.base import Base, now
from services.feed.rpc.images import images_of
from services.feed.store import polls, posts, revisions

CHANGEABLE = ("text", "images", "reply_rule", "poll")


class Revisions(Base):
    """Edits, which everybody who sees the post can look through."""

    async def UpdatePost(self, request: feed_pb2.UpdatePostRequest, context: Any) -> feed_pb2.Post:
        paths = _paths(request)
        content = recognised(request.post.text) if "text" in paths else None
        changes: dict[str, Any] = {"poll": wire.poll(request.post)} if "poll" in paths else {}
        if "reply_rule" in paths:
            changes["reply_rule"] = int(request.post.reply_rule)
        people, said = await self.people_behind(content.handles if content else ()), wire.said(request.post, paths)
        sight = self.sight_of_member(viewer.person())
        async with self.database.transaction() as tx:
            before, around = await self._own(tx, sight, request, said)
            if content and content.text != before.text:
                mentions = mentioned(content, people)
                changes |= {"text": content.text, "tags": content.tags, "mentions": mentions}
            if "images" in paths:
                changes["images"] = await images_of(tx, sight.viewer, request.post.images, post=before.id)
            held = self.filtering.judge(*said, before=before.words, warnings_accepted=request.warnings_accepted)
            post = before.edited(changes, now(), held=bool(held))
            changed = [post] if post is not before else []
            if changed:
                changed += await _keep(tx, before, post, around)
                await self.expect_preview(tx, post)
                await tell_held(tx, post.name, post.version, held)
            answer = (await self.messages(tx, sight, [post]))[0]
        if changed:
            await self.shown(self.homes.put_posts(changed))
        return answer

    async def _own(
        self, tx: AsyncConnection, sight: Sight, request: feed_pb2.UpdatePostRequest, said: Sequence[str]
    ) -> tuple[Post, list[Post]]:
        """The post that its author changes and, when that may be held, those that count it; all of them locked."""
        post_id, around = wire.post_id(request.post.name), list[Post]()
        if self.filtering.judge(*said, warnings_accepted=True):
            around = await posts.locked_around(tx, post_id)
        before = await posts.visible_post(tx, sight, post_id, lock=True)
        if before is None:
            raise wire.unknown_post(request.post.name)
        before.check_author(sight.viewer, request.post.etag)
        return before, around

    async def ListPostRevisions(
        self, request: feed_pb2.ListPostRevisionsRequest, context: Any
    ) -> feed_pb2.ListPostRevisionsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        position = self.pages.position(request)
        before = int.from_bytes(position, "big") if position else None
        async with self.database.snapshot() as tx:
            post = await posts.visible_post(tx, sight, wire.post_id(request.parent))
            if post is None or post.delete_time is not None:
                raise wire.unknown_post(request.parent)
            found = await revisions.newest(tx, post.id, before, size + 1)
        answer = feed_pb2.ListPostRevisionsResponse(
            revisions=[
                wire.revision(row.create_time, row.text, row.image_alt_texts, row.poll_choices) for row in found[:size]
            ]
        )
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].revision.to_bytes(4, "big"))
        return answer


def _paths(request: feed_pb2.UpdatePostRequest) -> set[str]:
    """The fields to change; without a mask those that are not empty (AIP-134)."""
    paths = set(request.update_mask.paths)
    if unknown := paths - set(CHANGEABLE):
        sentence = "{path} cannot be changed, only {changeable}."
        facts = {"path": min(unknown), "changeable": ", ".join(CHANGEABLE)}
        raise BadInput("BAD_MASK", sentence, field="update_mask", **facts)
    return paths or {field.name for field, _ in request.post.ListFields()} & set(CHANGEABLE)


async def _keep(tx: AsyncConnection, before: Post, post: Post, around: Sequence[Post]) -> list[Post]:
    """Stores a changed post, and what it said before. Those that count it, if it does not count any more."""
    if post.says != before.says:
        await revisions.keep(tx, before)
    await posts.save_rewritten(tx, post)
    if post.poll != before.poll:
        await polls.expect_end(tx, post)
    told: list[Message] = [wire.edited(post, {mention.person for mention in before.mentions})]
    uncounted = [other.counting(post, -1) for other in around] if before.is_counted and not post.is_counted else []
    if post.hidden and not before.hidden:
        told.append(events_pb2.PostHidden(post=post.name))
    await posts.save_counts(tx, uncounted)
    await append(tx, post.name, post.version, *told)
    return uncounted
