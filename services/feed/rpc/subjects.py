"""What of feed can be reported: posts and replies. An image is reported with the post that shows it."""

from uuid import UUID

from plein.chassis.v1.subjects_pb2 import Subject
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.store import groups, images, posts


async def subject(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None:
    """A post by its own name, or by that of one of its images; what was deleted says nothing any more."""
    post_id = await _post_id(tx, name)
    found = await _found(tx, post_id, sight) if post_id else None
    if found is None or found.delete_time is not None:
        return None
    (root,) = [found] if found.is_root else await posts.by_ids(tx, [found.root])
    group = root.audience.group
    return wire.subject(found, root, await groups.keepers(tx, group) if group else ())


async def _post_id(tx: AsyncConnection, name: str) -> UUID | None:
    image_id = wire.image_id(name)
    image = await images.image(tx, image_id) if image_id else None
    return image.post if image else wire.subject_id(name)


async def _found(tx: AsyncConnection, post_id: UUID, sight: Sight | None) -> Post | None:
    """Of a plain reshare nothing is seen when its original is not."""
    if sight is None:
        return next(iter(await posts.by_ids(tx, [post_id])), None)
    seen = await posts.visible_by_ids(tx, sight, [post_id])
    post = seen.get(post_id)
    if post is not None and post.is_plain_reshare and post.reshare_of:
        original = await posts.visible_by_ids(tx, sight, [post.reshare_of])
        return post if original else None
    return post
