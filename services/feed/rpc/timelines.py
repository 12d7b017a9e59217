"""Timelines: newest first, nothing missing, nothing twice, nothing that the caller may not see."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.domain.texts import folded_tag
from services.feed.rpc.base import Base
from services.feed.store import posts

Load = Callable[[AsyncConnection, Sight, UUID | None, int], Awaitable[list[Post]]]


class Timelines(Base):
    """Home comes from the cache; the others are read from PostgreSQL."""

    async def ListHomePosts(self, request: feed_pb2.ListHomePostsRequest, context: Any) -> Any:
        """Answers a serialized ListHomePostsResponse, joined from posts that were serialized before."""
        size = pages.size(request, 20, 100)
        page = await self.reader.page(viewer.person(), self.pages.position(request), size)
        token = self.pages.seal(request, page.next_after) if page.next_after else ""
        return wire.joined_page(page.posts, token)

    async def ListEveryonePosts(
        self, request: feed_pb2.ListEveryonePostsRequest, context: Any
    ) -> feed_pb2.ListEveryonePostsResponse:
        found, token = await self._page(request, posts.visible_everyone)
        return feed_pb2.ListEveryonePostsResponse(posts=found, next_page_token=token)

    async def ListPersonPosts(
        self, request: feed_pb2.ListPersonPostsRequest, context: Any
    ) -> feed_pb2.ListPersonPostsResponse:
        author = self.known_person(request.parent)

        async def load(tx: AsyncConnection, sight: Sight, before: UUID | None, limit: int) -> list[Post]:
            replies = request.include_replies
            return await posts.visible_of_person(tx, sight, author, before, limit, with_replies=replies)

        found, token = await self._page(request, load)
        return feed_pb2.ListPersonPostsResponse(posts=found, next_page_token=token)

    async def ListTagPosts(self, request: feed_pb2.ListTagPostsRequest, context: Any) -> feed_pb2.ListTagPostsResponse:
        tag = folded_tag(request.parent.removeprefix("tags/"))

        async def load(tx: AsyncConnection, sight: Sight, before: UUID | None, limit: int) -> list[Post]:
            return await posts.visible_with_tag(tx, sight, tag, before, limit)

        found, token = await self._page(request, load)
        return feed_pb2.ListTagPostsResponse(posts=found, next_page_token=token)

    async def _page(self, request: Any, load: Load) -> tuple[list[feed_pb2.Post], str]:
        """One page and the next one's token; a page after the one that was asked tells whether there is more."""
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        position = self.pages.position(request)
        before = UUID(bytes=position) if position else None
        async with self.database.snapshot() as tx:
            found = await load(tx, sight, before, size + 1)
            shown = await self.messages(tx, sight, found[:size])
        token = self.pages.seal(request, found[size - 1].id.bytes) if len(found) > size else ""
        return shown, token
