"""What callers ask to write, as drafts."""

from collections.abc import Collection
from datetime import UTC

from plein.feed.v1 import feed_pb2

from chassis.problems import BadInput
from services.feed.domain.drafts import Draft, whole
from services.feed.domain.polls import Poll, asked
from services.feed.domain.posts import Audience
from services.feed.domain.texts import recognised
from services.feed.wire.names import group_id


def draft(message: feed_pb2.Post) -> Draft:
    """A checked draft; BadInput names the field that is wrong."""
    audience = message.audience
    group = group_id(audience.group, "post.audience.group")
    found = Draft(
        recognised(message.text),
        Audience(tuple(sorted(set(audience.kinds))), group),
        reply_rule=int(message.reply_rule),
        poll=poll(message),
        announcement=message.announcement,
    )
    is_reply, is_reshare = bool(message.reply_to), bool(message.reshare_of)
    return whole(found, is_reply=is_reply, is_reshare=is_reshare, has_images=bool(message.images))


def said(message: feed_pb2.Post, fields: Collection[str] = ("text", "poll", "images")) -> list[str]:
    """All that can be read in these fields of a post to be, for filters to look through."""
    texts = {
        "text": [message.text],
        "poll": [choice.text for choice in message.poll.choices],
        "images": [image.alt_text for image in message.images],
    }
    return [text for field, found in texts.items() if field in fields for text in found]


def poll(message: feed_pb2.Post) -> Poll | None:
    """The poll of a post to be, if it has one."""
    if not message.HasField("poll"):
        return None
    try:
        end = message.poll.end_time.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        sentence = "A poll ends at a time of this calendar."
        raise BadInput("POLL_END_OUT_OF_RANGE", sentence, field="post.poll.end_time") from None
    return asked([choice.text for choice in message.poll.choices], message.poll.multiple, end)
