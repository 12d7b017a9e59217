"""Feed's domain as messages, and names as ids."""

from services.feed.wire.follows import follow, follow_name, followed, unfollowed
from services.feed.wire.names import (
    existing_group_id,
    group_id,
    moment_and_person,
    moment_and_target,
    person_id,
    position,
    post_id,
    tag,
    target_position,
    timestamp,
    unknown_group,
    unknown_person,
    unknown_post,
)
from services.feed.wire.pages import joined_page, with_viewer
from services.feed.wire.posts import created, post, reacted, reaction, stored_post, viewer_of
from services.feed.wire.relations import block, meeting_changed, mute
from services.feed.wire.topics import group_follow, tag_follow, topic_follow_name, topic_followed, topic_unfollowed

__all__ = [
    "block",
    "created",
    "existing_group_id",
    "follow",
    "follow_name",
    "followed",
    "group_follow",
    "group_id",
    "joined_page",
    "meeting_changed",
    "moment_and_person",
    "moment_and_target",
    "mute",
    "person_id",
    "position",
    "post",
    "post_id",
    "reacted",
    "reaction",
    "stored_post",
    "tag",
    "tag_follow",
    "target_position",
    "timestamp",
    "topic_follow_name",
    "topic_followed",
    "topic_unfollowed",
    "unfollowed",
    "unknown_group",
    "unknown_person",
    "unknown_post",
    "viewer_of",
    "with_viewer",
]
