"""Notes which links are to be looked at: nobody who writes a post waits for other people's sites."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from plein.chassis.v1 import event_log_pb2
from plein.feed.v1 import events_pb2

from chassis.events import Reactions
from chassis.resources import Resources
from services.feed import wire
from services.feed.domain.links import first_link
from services.feed.domain.posts import Post
from services.feed.store import link_previews, posts

# What is older was brought in from elsewhere, or is read again from the log.
NEW = timedelta(days=1)
WRITTEN = ("plein.feed.v1.PostCreated", "plein.feed.v1.PostEdited")


class Links(Reactions):
    """Lets posts wait for the preview of their first link. Repeating it changes nothing."""

    source = "feed"
    name = "feed/links"

    def __init__(self, resources: Resources) -> None:
        self._database = resources.database
        self._wanted = resources.settings.link_previews
        self._own_host = urlsplit(resources.settings.public_url).hostname

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        written = {_post_of(event) for event in events if event.type in WRITTEN and event.payload}
        if not written or not self._wanted:
            return
        now = datetime.fromtimestamp(time.time(), UTC)
        async with self._database.transaction() as tx:
            found = [post for post in await posts.by_ids(tx, list(written)) if _is_new(post, now)]
            links = {post.id: link for post in found if (link := self._link(post))}
            await link_previews.expect(tx, links, now)
            await link_previews.expect_no_more(tx, [post.id for post in found if post.id not in links])

    def _link(self, post: Post) -> str | None:
        """The link that a post lacks a preview of. Our own pages are for who is signed in, which nobody is here."""
        link = first_link(post.text)
        if link is None or (post.link_preview is not None and post.link_preview.url == link):
            return None
        try:
            return None if urlsplit(link).hostname in (None, self._own_host) else link
        except ValueError:
            return None


def _post_of(event: event_log_pb2.Event) -> UUID:
    return wire.post_id(events_pb2.PostCreated.FromString(event.payload).post)  # it is the first field of both


def _is_new(post: Post, now: datetime) -> bool:
    return (post.edit_time or post.create_time) > now - NEW
