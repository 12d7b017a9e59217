"""What moderators decided on posts, one after the other."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.feed.domain.posts import Post


class Decision(NamedTuple):
    """That a post is for its author alone, for nobody, or as it was meant; `cause` is the event that told it."""

    post: UUID
    hidden: bool
    removed: bool
    cause: UUID
    moment: datetime


def carry_out(decisions: Iterable[Decision], current: dict[UUID, Post]) -> list[tuple[Decision, Post]]:
    """Changes the posts, and those that count them; each decision that changed something, with the post as it made it.

    `current` has those on which was decided, as far as they are known, and what they answer, stand under and pass on.
    """
    changes = []
    for decision in decisions:
        before = current.get(decision.post)
        post = before.moderated(hidden=decision.hidden, removed=decision.removed) if before else None
        if before is None or post is None or post is before:
            continue
        current[post.id] = post
        if change := post.is_counted - before.is_counted:
            for id_ in {post.root, post.reply_to or post.root, post.reshare_of or post.root} - {post.id}:
                current[id_] = current[id_].counting(post, change)
        changes.append((decision, post))
    return changes
