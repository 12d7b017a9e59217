"""What the log tells of posts."""

from collections.abc import Collection
from uuid import UUID

from plein.feed.v1 import events_pb2

from services.feed.domain.posts import Post


def created(post: Post, *, imported: bool = False) -> events_pb2.PostCreated:
    """A new post, or one of the past that was brought in."""
    return events_pb2.PostCreated(
        post=post.name,
        author=f"people/{post.author}",
        root=f"posts/{post.root}",
        mentioned=[f"people/{mention.person}" for mention in post.mentions],
        reply_to=_post_name(post.reply_to),
        reshare_of=_post_name(post.reshare_of),
        group=f"groups/{post.audience.group}" if post.audience.group else "",
        imported=imported,
    )


def edited(post: Post, mentioned_before: Collection[UUID]) -> events_pb2.PostEdited:
    """A post that its author changed."""
    return events_pb2.PostEdited(
        post=post.name,
        author=f"people/{post.author}",
        root=f"posts/{post.root}",
        newly_mentioned=[f"people/{m.person}" for m in post.mentions if m.person not in mentioned_before],
    )


def deleted(post: Post) -> events_pb2.PostDeleted:
    """A post that its author deleted."""
    return events_pb2.PostDeleted(
        post=post.name,
        author=f"people/{post.author}",
        root=f"posts/{post.root}",
        reshare_of=_post_name(post.reshare_of),
    )


def reacted(post: Post, person: UUID, *, imported: bool = False) -> events_pb2.PostReactedTo:
    """A reaction, or one of the past that was brought in."""
    return events_pb2.PostReactedTo(post=post.name, person=f"people/{person}", imported=imported)


def _post_name(id_: UUID | None) -> str:
    return f"posts/{id_}" if id_ else ""
