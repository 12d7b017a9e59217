"""Timelines: newest first, nothing missing, nothing twice, nothing that the caller may not see."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.domain.texts import folded_tag
from services.feed.rpc.base import Base, now
from services.feed.store import posts
from services.feed.store.windows import Window
from services.feed.wire.positions import Position, id_of_moment, newer_than, older_than

Answer = TypeVar("Answer", bound=Message)
Load = Callable[[AsyncConnection, Sight, Window], Awaitable[list[Post]]]


class Timelines(Base):
    """Home comes from the cache; the others are read from PostgreSQL."""

    async def ListHomePosts(self, request: feed_pb2.ListHomePostsRequest, context: Any) -> Any:
        """Answers a serialized ListHomePostsResponse, joined from posts that were serialized before."""
        person, size, position = viewer.person(), pages.size(request, 20, 100), self._position(request)
        if position is None:
            if made := self.reader.made_before(person, size):
                return made
            page = await self.reader.newest(person, size)
        elif position.newer:
            page = await self.reader.newer(person, position, size)
        else:
            page = await self.reader.older(person, position, size)
        ids = [id_ for id_, _ in page.shown]
        more = page.more and bool(ids)
        older = self.pages.seal(request, older_than(ids[-1], page.top)) if more else ""
        newer = self._newer(request, position, page.top, ids, more=more)
        answer = wire.joined_page((one for _, one in page.shown), older, newer)
        if page.material and page.basis and ids:  # what is newer than nothing at all depends on the time
            page.material.page = (page.basis, answer)
        return answer

    async def ListEveryonePosts(
        self, request: feed_pb2.ListEveryonePostsRequest, context: Any
    ) -> feed_pb2.ListEveryonePostsResponse:
        silence = self.mutes.of(viewer.person())

        async def load(tx: AsyncConnection, sight: Sight, window: Window) -> list[Post]:
            return await posts.visible_everyone(tx, sight, silence, window)

        return await self._page(request, feed_pb2.ListEveryonePostsResponse, load)

    async def ListPersonPosts(
        self, request: feed_pb2.ListPersonPostsRequest, context: Any
    ) -> feed_pb2.ListPersonPostsResponse:
        author = self.known_person(request.parent)

        async def load(tx: AsyncConnection, sight: Sight, window: Window) -> list[Post]:
            return await posts.visible_of_person(tx, sight, author, window, with_replies=request.include_replies)

        return await self._page(request, feed_pb2.ListPersonPostsResponse, load)

    async def ListGroupPosts(
        self, request: feed_pb2.ListGroupPostsRequest, context: Any
    ) -> feed_pb2.ListGroupPostsResponse:
        group, silence = wire.group_id(request.parent, "parent"), self.mutes.of(viewer.person())

        async def load(tx: AsyncConnection, sight: Sight, window: Window) -> list[Post]:
            return await posts.visible_of_group(tx, sight, silence, group, window) if group else []

        return await self._page(request, feed_pb2.ListGroupPostsResponse, load)

    async def ListTagPosts(self, request: feed_pb2.ListTagPostsRequest, context: Any) -> feed_pb2.ListTagPostsResponse:
        tag, silence = folded_tag(request.parent.removeprefix("tags/")), self.mutes.of(viewer.person())

        async def load(tx: AsyncConnection, sight: Sight, window: Window) -> list[Post]:
            return await posts.visible_with_tag(tx, sight, silence, tag, window)

        return await self._page(request, feed_pb2.ListTagPostsResponse, load)

    async def _page(self, request: Message, answer: Callable[..., Answer], load: Load) -> Answer:
        """One page. A post more than was asked for tells whether there is more."""
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        position = self._position(request)
        async with self.database.snapshot() as tx:
            found = await load(tx, sight, _window(position, size))
            if position is not None and position.newer:
                found = [post for post in found if post.id.bytes not in position.seen]
                shown, more = found[-size:], True
            else:
                shown, more = found[:size], len(found) > size
            messages = await self.messages(tx, sight, shown)
        ids = [post.id.bytes for post in shown]
        more = more and bool(ids)
        older = self.pages.seal(request, older_than(ids[-1], ids[0])) if more else ""
        newer = self._newer(request, position, ids[0] if ids else b"", ids, more=more)
        return answer(posts=messages, next_page_token=older, previous_page_token=newer)

    def _position(self, request: Message) -> Position | None:
        packed = self.pages.position(request)
        return Position.unpacked(packed) if packed else None

    def _newer(
        self, request: Message, position: Position | None, top: bytes, shown: Sequence[bytes], *, more: bool
    ) -> str:
        """Asks for what is newer than a page, or than what was there when there was nothing to show."""
        lowest = shown[-1] if more else b""
        if position is not None and position.newer:
            top, shown = max(top, position.edge), [*shown, *sorted(position.seen, reverse=True)]
            lowest = position.floor
        edge = top if any(top) else id_of_moment(int(now().timestamp() * 1000))
        return self.pages.seal(request, newer_than(edge, shown, lowest))


def _window(position: Position | None, size: int) -> Window:
    if position is None:
        return Window(size + 1)
    if position.newer:
        return Window(size + len(position.seen), after=UUID(bytes=position.floor))
    return Window(size + 1, before=UUID(bytes=position.edge))
