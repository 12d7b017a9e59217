"""What people saved for themselves. The log tells neither who nor what."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from plein.feed.v1 import events_pb2, feed_pb2, relations_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from chassis.events import append
from chassis.problems import WrongState
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.rpc.base import Base, now
from services.feed.store import bookmarks, posts
from services.feed.store.marks import Row
from services.feed.wire.positions import NEWER, OLDER

Change = Callable[[AsyncConnection, UUID, UUID, datetime, UUID], Awaitable[Row | None]]


class Bookmarks(Base):
    """One bookmark a person and post."""

    async def BookmarkPost(self, request: relations_pb2.BookmarkPostRequest, context: Any) -> feed_pb2.Post:
        return await self._changed(request.name, bookmarks.keep)

    async def RemoveBookmark(self, request: relations_pb2.RemoveBookmarkRequest, context: Any) -> feed_pb2.Post:
        return await self._changed(request.name, bookmarks.remove)

    async def _changed(self, name: str, change: Change) -> feed_pb2.Post:
        """The post with the caller's bookmark changed, which the cache shows at once."""
        person, change_id = viewer.person(), uuid4()
        sight = self.sight_of_member(person)
        async with self.database.transaction() as tx:
            post = await self._standing(tx, sight, name)
            row = await change(tx, post.id, person, now(), change_id)
            if row is not None:
                told = events_pb2.BookmarksChanged(change=str(change_id))
                await append(tx, f"bookmarkChanges/{change_id}", 1, told)
            answer = (await self.messages(tx, sight, [post]))[0]
        if row is not None:
            await self.shown(self.show_marked(post, row))
        return answer

    async def _standing(self, tx: AsyncConnection, sight: Sight, name: str) -> Post:
        post = await posts.visible_post(tx, sight, wire.post_id(name), lock=True)
        if post is None:
            raise wire.unknown_post(name)
        if post.delete_time is not None:
            raise WrongState("POST_DELETED", "A deleted post cannot be bookmarked.")
        return post

    async def ListBookmarkedPosts(
        self, request: relations_pb2.ListBookmarkedPostsRequest, context: Any
    ) -> relations_pb2.ListBookmarkedPostsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        packed = self.pages.position(request) or b""
        newer, edge = packed[:1] == NEWER, wire.moment_and_person(packed[1:] or None)
        async with self.database.snapshot() as tx:
            found = await bookmarks.visible_page(tx, sight, size if newer else size + 1, edge, newer=newer)
            listed = found[:size]
            shown = await posts.visible_by_ids(tx, sight, [row.post for row in listed])
            messages = await self.messages(tx, sight, [shown[row.post] for row in listed if row.post in shown])
        answer = relations_pb2.ListBookmarkedPostsResponse(posts=messages)
        places = [wire.position(row.bookmark_time, row.post) for row in listed]
        if newer or len(found) > size:
            answer.next_page_token = self.pages.seal(request, OLDER + places[-1]) if places else ""
        top = places[0] if places else packed[1:] or wire.position(now(), UUID(int=0))
        answer.previous_page_token = self.pages.seal(request, NEWER + top)
        return answer
