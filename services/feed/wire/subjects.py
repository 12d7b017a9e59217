"""Posts as moderation sees them."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from plein.chassis.v1.subjects_pb2 import Subject

from chassis.moments import timestamp
from services.feed.domain.posts import Post


def subject(post: Post, root: Post, keepers: Iterable[UUID]) -> Subject:
    """A post that stands, under the root of its thread; `keepers` are those of its group, who do not judge it."""
    shown = [post.text, *(image.alt_text for image in post.images), *(post.poll.choices if post.poll else ())]
    images = [f"images/{image.id}" for image in post.images]
    return Subject(
        name=post.name,
        author=f"people/{post.author}",
        root=root.name,
        group=f"groups/{root.audience.group}" if root.audience.group else "",
        concerned=[f"people/{keeper}" for keeper in keepers],
        text="\n".join(part for part in shown if part),
        images=images,
        revision=sha256("\0".join([*shown, *images]).encode()).hexdigest()[:32],
        create_time=timestamp(post.create_time),
        update_time=timestamp(post.edit_time or post.create_time),
        hidden=post.hidden,
        removed=post.removed,
        parent=f"posts/{post.reply_to}" if post.reply_to else "",
    )


def subject_id(name: str) -> UUID | None:
    """The id in `posts/{post}`, or None for what is no such name."""
    try:
        return UUID(name.removeprefix("posts/")) if name.startswith("posts/") else None
    except ValueError:
        return None
