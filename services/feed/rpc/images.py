"""Images: taken in, put into posts, shown."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from google.api import httpbody_pb2
from plein.feed.v1 import feed_pb2, media_pb2, media_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import media, viewer
from chassis.ids import new_id
from chassis.media import Media, Picture
from chassis.once import once
from chassis.problems import NotFound
from chassis.resources import Resources
from services.feed import wire
from services.feed.domain.images import KEPT_UNUSED, SIZES, Upload, check_room, shown
from services.feed.domain.posts import Image
from services.feed.rpc.base import Base, now
from services.feed.store import images

# What a content is made of never changes; who may see it does, but not what somebody saw already.
CACHE_CONTROL = "private, max-age=86400, immutable"
# Far longer than a request lives.
STORING = timedelta(hours=1)


class Images(Base, media_pb2_grpc.MediaServiceServicer):
    """Uploading and reading."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.media = Media(resources.settings.media_url, resources.name)

    async def UploadImage(self, request: media_pb2.UploadImageRequest, context: Any) -> media_pb2.UploadedImage:
        person = viewer.person()
        self.sight_of_member(person)
        async with self.database.snapshot() as tx:
            check_room(await images.unused_count(tx, person))
        made = dict(zip(SIZES, await media.fitted(request.file.data, list(SIZES.values()), "file"), strict=True))
        contents = await self._kept(made)
        moment, large = now(), made["large"]
        upload = Upload(new_id(), person, large.width, large.height, contents, moment, remove_time=moment + KEPT_UNUSED)
        async with self.database.transaction() as tx:

            async def added() -> media_pb2.UploadedImage:
                await images.add(tx, upload)
                return wire.uploaded(upload)

            return await once(tx, request, media_pb2.UploadedImage, added)

    async def _kept(self, made: dict[str, Picture]) -> dict[str, str]:
        """Stores an image's contents: their names by size. They are announced before, so that none is left over."""
        names = {size: media.named(picture.content) for size, picture in made.items()}
        async with self.database.transaction() as tx:
            await images.announce_contents(tx, list(names.values()), now() + STORING)
        for picture in made.values():
            await self.media.keep(picture.content)
        return names

    async def GetImageContent(self, request: media_pb2.GetImageContentRequest, context: Any) -> httpbody_pb2.HttpBody:
        id_, size = wire.image_and_size(request.name)
        async with self.database.snapshot() as tx:
            if viewer.current().service:
                image = await images.image(tx, id_)
            else:
                image = await images.visible_image(tx, self.access.sight(viewer.person()), id_, now())
        if image is None or size not in image.contents:
            raise wire.unknown_image(request.name)
        try:
            content = await self.media.content(image.contents[size])
        except NotFound as gone:
            raise wire.unknown_image(request.name) from gone
        await context.send_initial_metadata((("cache-control", CACHE_CONTROL),))
        return httpbody_pb2.HttpBody(content_type=media.CONTENT_TYPE, data=content)


async def images_of(
    tx: AsyncConnection, author: UUID, wanted: Iterable[feed_pb2.Image], *, post: UUID
) -> tuple[Image, ...]:
    """The images that an author wants in a post, in their order, locked until the post is stored with them.

    `post` is the id of the post, which is not stored yet when it is being created. BadInput as `shown` says.
    """
    wishes = wire.wishes(wanted)
    if not wishes:
        return ()
    found = await images.locked(tx, [wish.id for wish in wishes if wish.id])
    return shown(wishes, found, author, post, now())
