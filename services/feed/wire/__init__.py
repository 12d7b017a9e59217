"""Feed's domain as messages, and names as ids."""

from services.feed.wire.follows import follow, follow_name, followed
from services.feed.wire.names import (
    group_id,
    moment_and_person,
    person_id,
    position,
    post_id,
    timestamp,
    unknown_person,
    unknown_post,
)
from services.feed.wire.pages import joined_page, with_viewer
from services.feed.wire.posts import created, post, reacted, reaction, stored_post, viewer_of

__all__ = [
    "created",
    "follow",
    "follow_name",
    "followed",
    "group_id",
    "joined_page",
    "moment_and_person",
    "person_id",
    "position",
    "post",
    "post_id",
    "reacted",
    "reaction",
    "stored_post",
    "timestamp",
    "unknown_person",
    "unknown_post",
    "viewer_of",
    "with_viewer",
]
