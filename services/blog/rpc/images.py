"""Images: taken in and shown."""

from datetime import timedelta
from typing import Any

from google.api import httpbody_pb2
from plein.blog.v1 import images_pb2, images_pb2_grpc

from chassis import media, viewer
from chassis.ids import new_id
from chassis.media import Media, Picture
from chassis.once import once
from chassis.problems import NotFound
from chassis.resources import Resources
from services.blog.domain.images import KEPT_UNUSED, SIZES, Upload, check_room
from services.blog.rpc.base import Base, now
from services.blog.store import images
from services.blog.wire import images as wire

# What a content is made of never changes; who may see it does, but not what somebody saw already.
CACHE_CONTROL = "private, max-age=86400, immutable"
# Far longer than a request lives.
STORING = timedelta(hours=1)


class ArticleImages(Base, images_pb2_grpc.ArticleImageServiceServicer):
    """Uploading and reading."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.media = Media(resources.settings.media_url, resources.name)

    async def UploadArticleImage(
        self, request: images_pb2.UploadArticleImageRequest, context: Any
    ) -> images_pb2.UploadedArticleImage:
        person = viewer.person()
        self.sight_of_member()
        async with self.database.snapshot() as tx:
            check_room(await images.unused_count(tx, person))
        made = dict(zip(SIZES, await media.fitted(request.file.data, list(SIZES.values()), "file"), strict=True))
        contents = await self._kept(made)
        moment, large = now(), made["large"]
        upload = Upload(new_id(), person, large.width, large.height, contents, moment, remove_time=moment + KEPT_UNUSED)
        async with self.database.transaction() as tx:

            async def added() -> images_pb2.UploadedArticleImage:
                await images.add(tx, upload)
                return wire.uploaded(upload)

            return await once(tx, request, images_pb2.UploadedArticleImage, added)

    async def _kept(self, made: dict[str, Picture]) -> dict[str, str]:
        """Stores an image's contents: their names by size. They are announced before, so that none is left over."""
        names = {size: media.named(picture.content) for size, picture in made.items()}
        async with self.database.transaction() as tx:
            await images.announce_contents(tx, list(names.values()), now() + STORING)
        for picture in made.values():
            await self.media.keep(picture.content)
        return names

    async def GetArticleImageContent(
        self, request: images_pb2.GetArticleImageContentRequest, context: Any
    ) -> httpbody_pb2.HttpBody:
        id_, size = wire.image_and_size(request.name)
        async with self.database.snapshot() as tx:
            image = await images.visible_image(tx, self.sight(), id_, now())
        if image is None or size not in image.contents:
            raise wire.unknown_image(request.name)
        try:
            content = await self.media.content(image.contents[size])
        except NotFound as gone:
            raise wire.unknown_image(request.name) from gone
        await context.send_initial_metadata((("cache-control", CACHE_CONTROL),))
        return httpbody_pb2.HttpBody(content_type=media.CONTENT_TYPE, data=content)
