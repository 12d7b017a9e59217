"""Images in posts."""

from collections.abc import Sequence
from uuid import UUID

from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.problems import BadInput
from services.feed.domain.posts import Image


async def images_of(
    tx: AsyncConnection,
    author: UUID,
    wanted: Sequence[feed_pb2.Image],
    *,
    post: UUID,
    standing: Sequence[Image] = (),
) -> tuple[Image, ...]:
    """The images that an author wants in a post, in their order: those that stand in it already, described anew.

    `post` is the id of the post, which is not stored yet when it is being created. BadInput for every other image.
    """
    known = {f"images/{image.id}": image for image in standing}
    for place, image in enumerate(wanted):
        if image.image not in known:
            field = f"post.images[{place}].image"
            raise BadInput("NO_IMAGE", "There is no {name} that you uploaded.", field=field, name=image.image)
    return tuple(known[image.image].described(image.alt_text) for image in wanted)
