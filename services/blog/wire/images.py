"""Images as messages."""

from uuid import UUID

from plein.blog.v1 import images_pb2

from chassis.moments import timestamp
from chassis.problems import NotFound
from services.blog.domain.images import Upload


def uploaded(image: Upload) -> images_pb2.UploadedArticleImage:
    """An image that waits for something to stand in."""
    message = images_pb2.UploadedArticleImage(name=image.name, width=image.width, height=image.height)
    if image.remove_time is not None:
        message.expire_time.CopyFrom(timestamp(image.remove_time))
    return message


def image_id(name: str) -> UUID | None:
    """The id in `articleImages/{image}`, or None when it is none."""
    try:
        return UUID(name.removeprefix("articleImages/"))
    except ValueError:
        return None


def image_and_size(name: str) -> tuple[UUID, str]:
    """The id and the size in `articleImages/{image}/sizes/{size}`. What is no id is as unknown as an id of nothing."""
    _, image, _, size = name.split("/")
    id_ = image_id(image)
    if id_ is None:
        raise unknown_image(name)
    return id_, size


def unknown_image(name: str) -> NotFound:
    return NotFound("IMAGE_NOT_FOUND", "There is no {name} that you can see.", name=name)
