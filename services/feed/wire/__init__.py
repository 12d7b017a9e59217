"""Feed's domain as messages, and names as ids."""

from services.feed.wire.cards import (
    asked_states,
    card_changed,
    card_follow,
    changed_outage,
    new_content,
    unknown_account,
)
from services.feed.wire.drafts import draft, poll
from services.feed.wire.events import created, deleted, edited, reacted
from services.feed.wire.follows import follow, follow_name, followed, unfollowed
from services.feed.wire.images import image_and_size, unknown_image, uploaded, wishes
from services.feed.wire.names import (
    closed_group,
    existing_group_id,
    group_id,
    moment_and_person,
    moment_and_target,
    person_id,
    position,
    post_id,
    post_ids,
    tag,
    target_position,
    timestamp,
    unknown_group,
    unknown_person,
    unknown_post,
)
from services.feed.wire.pages import joined_page, with_viewer
from services.feed.wire.posts import post, reaction, revision, stored_post, viewer_of
from services.feed.wire.relations import block, meeting_changed, mute
from services.feed.wire.topics import group_follow, tag_follow, topic_follow_name, topic_followed, topic_unfollowed
from services.feed.wire.web_pages import HTML_TYPES, page_preview

__all__ = [
    "HTML_TYPES",
    "asked_states",
    "block",
    "card_changed",
    "card_follow",
    "changed_outage",
    "closed_group",
    "created",
    "deleted",
    "draft",
    "edited",
    "existing_group_id",
    "follow",
    "follow_name",
    "followed",
    "group_follow",
    "group_id",
    "image_and_size",
    "joined_page",
    "meeting_changed",
    "moment_and_person",
    "moment_and_target",
    "mute",
    "new_content",
    "page_preview",
    "person_id",
    "poll",
    "position",
    "post",
    "post_id",
    "post_ids",
    "reacted",
    "reaction",
    "revision",
    "stored_post",
    "tag",
    "tag_follow",
    "target_position",
    "timestamp",
    "topic_follow_name",
    "topic_followed",
    "topic_unfollowed",
    "unfollowed",
    "unknown_account",
    "unknown_group",
    "unknown_image",
    "unknown_person",
    "unknown_post",
    "uploaded",
    "viewer_of",
    "wishes",
    "with_viewer",
]
