"""How groups present themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from google.api import httpbody_pb2
from plein.groups.v1 import pages_pb2, pages_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import media
from chassis.events import append_many
from chassis.ids import new_id
from chassis.objects import Objects, whole
from chassis.problems import NotFound, TooLate
from chassis.resources import Resources
from services.groups.domain.presentations import COVER_SIZES, Cover, Page
from services.groups.neighbours import Feed
from services.groups.rpc.base import now
from services.groups.rpc.contents import Contents
from services.groups.store import objects, presentations
from services.groups.store.visible import Seen
from services.groups.wire import contents as names
from services.groups.wire import group_id
from services.groups.wire import presentations as wire

# Its address has the version of the picture in it.
CACHE_CONTROL = "private, max-age=86400"
# Far longer than a request lives.
STORING = timedelta(hours=1)


class Presentations(Contents, pages_pb2_grpc.GroupPageServiceServicer):
    """All methods of the GroupPageService."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.objects = Objects(resources.settings.media_url, resources.name)
        self.feed = Feed(resources.neighbours)

    async def GetGroupPage(self, request: pages_pb2.GetGroupPageRequest, context: Any) -> pages_pb2.GroupPage:
        async with self.database.snapshot() as tx:
            seen = await self.seen(tx, self.sight(), names.page_group(request.name))
            page = await presentations.page(tx, seen.group.id)
        return await self._shown(page, seen)

    async def UpdateGroupPage(self, request: pages_pb2.UpdateGroupPageRequest, context: Any) -> pages_pb2.GroupPage:
        fields = await wire.asked_fields(request)
        etag = request.group_page.etag
        return await self._changed(request.group_page.name, lambda page: page.changed(etag, fields, now()))

    async def SetGroupCover(self, request: pages_pb2.SetGroupCoverRequest, context: Any) -> pages_pb2.GroupPage:
        async with self.database.transaction() as tx:
            await self.as_keeper(tx, self.sight(), names.page_group(request.name))
        made = dict(
            zip(COVER_SIZES, await media.fitted(request.file.data, list(COVER_SIZES.values()), "file"), strict=True)
        )
        ids = {size: new_id() for size in COVER_SIZES}
        async with self.database.transaction() as tx:
            await objects.note(tx, list(ids.values()), now() + STORING)
        for size, picture in made.items():
            await self.objects.keep(str(ids[size]), whole(picture.content))
        cover = Cover(ids["large"], ids["small"], made["large"].width, made["large"].height)
        return await self._changed(request.name, lambda page: page.with_cover(cover, now()), kept=list(ids.values()))

    async def RemoveGroupCover(self, request: pages_pb2.RemoveGroupCoverRequest, context: Any) -> pages_pb2.GroupPage:
        return await self._changed(request.name, lambda page: page.with_cover(None, now()))

    async def GetGroupCoverContent(
        self, request: pages_pb2.GetGroupCoverContentRequest, context: Any
    ) -> httpbody_pb2.HttpBody:
        size, group = wire.cover_size(request.name), names.page_group(request.name)
        async with self.database.snapshot() as tx:
            seen = await self.seen(tx, self.sight(), group)
            cover = (await presentations.page(tx, seen.group.id)).cover
        if cover is None:
            raise names.unknown_cover(request.name)
        try:
            content = await self.objects.content(str(cover.large if size == "large" else cover.small))
        except NotFound as gone:
            raise names.unknown_cover(request.name) from gone
        await context.send_initial_metadata((("cache-control", CACHE_CONTROL),))
        return httpbody_pb2.HttpBody(content_type=media.CONTENT_TYPE, data=content)

    async def PinPost(self, request: pages_pb2.PinPostRequest, context: Any) -> pages_pb2.GroupPage:
        post = wire.post_id(request.post)
        async with self.database.transaction() as tx:
            seen = await self.as_keeper(tx, self.sight(), names.page_group(request.name))
        if not await self.feed.posts_of_group(seen.group.id, [post]):
            raise names.unknown_post(request.post)
        return await self._changed(request.name, lambda page: page.with_pin(post, now()))

    async def UnpinPost(self, request: pages_pb2.UnpinPostRequest, context: Any) -> pages_pb2.GroupPage:
        post = wire.post_id(request.post)
        return await self._changed(request.name, lambda page: page.without_pin(post, now()))

    async def _changed(
        self, name: str, change: Callable[[Page], Page], *, kept: list[UUID] | None = None
    ) -> pages_pb2.GroupPage:
        """The page after a change that keepers may make; `kept` are stored objects that it names from now on."""
        async with self.database.transaction() as tx:
            seen = await self.as_keeper(tx, self.sight(), names.page_group(name))
            before = await presentations.locked(tx, group_id(names.page_group(name)))
            after = change(before)
            if after != before:
                await self._save(tx, after, kept or [])
        return await self._shown(after, seen)

    async def _save(self, tx: AsyncConnection, page: Page, kept: list[UUID]) -> None:
        if kept and not await objects.keep(tx, kept):
            raise TooLate("TOO_SLOW", "It took too long.")
        await presentations.save(tx, page)
        await append_many(tx, [wire.changed(page)])

    async def _shown(self, page: Page, seen: Seen) -> pages_pb2.GroupPage:
        """Which pinned posts somebody sees, feed knows; who is no member sees none."""
        pins = page.pins if seen.standing.is_member else ()
        visible = await self.feed.posts_of_group(page.group, pins) if pins else set()
        return wire.page(page, [post for post in pins if post in visible])
