"""Images as messages."""

from collections.abc import Iterable
from uuid import UUID

from plein.feed.v1 import feed_pb2, media_pb2

from chassis.moments import timestamp
from chassis.problems import NotFound
from services.feed.domain.images import Upload, Wish


def uploaded(image: Upload) -> media_pb2.UploadedImage:
    """An image that waits for its post."""
    message = media_pb2.UploadedImage(name=image.name, width=image.width, height=image.height)
    if image.remove_time is not None:
        message.expire_time.CopyFrom(timestamp(image.remove_time))
    return message


def wishes(images: Iterable[feed_pb2.Image]) -> list[Wish]:
    """The images that a request names for a post."""
    return [Wish(image.image, _id(image.image.removeprefix("images/")), image.alt_text) for image in images]


def image_and_size(name: str) -> tuple[UUID, str]:
    """The id and the size in `images/{image}/sizes/{size}`. What is no id is as unknown as an id of nothing."""
    _, image, _, size = name.split("/")
    id_ = _id(image)
    if id_ is None:
        raise unknown_image(name)
    return id_, size


def image_id(name: str) -> UUID | None:
    """The id in `images/{image}`, or None for what is no such name."""
    return _id(name.removeprefix("images/")) if name.startswith("images/") else None


def unknown_image(name: str) -> NotFound:
    return NotFound("IMAGE_NOT_FOUND", "There is no {name} that you can see.", name=name)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
