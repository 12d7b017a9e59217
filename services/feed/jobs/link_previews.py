"""Looks at where links lead, and shows it in the posts that wait for it."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from plein.feed.v1 import events_pb2

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.problems import Problem
from chassis.resources import Resources
from services.feed import wire
from services.feed.domain.links import first_link
from services.feed.domain.posts import LinkPreview, Post
from services.feed.store import link_previews, posts
from services.feed.store.link_previews import Known

if TYPE_CHECKING:
    from chassis.fetching import Fetcher

log = logging.getLogger(__name__)

# How late a preview may be, the time of fetching aside.
LATE_SECONDS = 0.5
TIDY_SECONDS = 600.0
FETCHES_AT_ONCE = 4
POSTS_AT_ONCE = 100
FORGOTTEN_AT_ONCE = 1000
# When somebody else looks at a link because whoever was at it has died; three times, lest the link is what kills.
CLAIM = timedelta(seconds=60)
MOST_ATTEMPTS = 3
NOTHING_KEPT = timedelta(hours=1)


async def preview_links(resources: Resources) -> None:
    """Runs until it is cancelled, or not at all where previews are switched off."""
    if not resources.settings.link_previews:
        return
    previewing = Previewing(resources)
    await keep_looking(resources.database, previewing.work, LATE_SECONDS, "Previewing links")


class Previewing:
    """The work of one process. Others may do the same beside it."""

    def __init__(self, resources: Resources) -> None:
        self._database = resources.database
        self._settings = resources.settings
        self._tidied_at = float("-inf")

    async def work(self) -> None:
        """Does all that is to be done now."""
        async with self._database.snapshot() as tx:
            idle = not await link_previews.is_anyone_waiting(tx)
        if not idle:
            await self._tell_all()
            await self._look_at_all()
        if time.monotonic() > self._tidied_at + TIDY_SECONDS:
            async with self._database.quiet_transaction() as tx:
                await link_previews.forget_old(tx, _now(), FORGOTTEN_AT_ONCE)
            self._tidied_at = time.monotonic()

    async def _look_at_all(self) -> None:
        while claimed := await self._claimed():
            async with asyncio.TaskGroup() as looking:
                for url, attempt in claimed.items():
                    looking.create_task(self._look(url, attempt))

    async def _claimed(self) -> dict[str, int]:
        async with self._database.quiet_transaction() as tx:
            return await link_previews.claim(tx, _now(), _now() + CLAIM, FETCHES_AT_ONCE)

    async def _look(self, url: str, attempt: int) -> None:
        preview = await self._fetched(url) if attempt <= MOST_ATTEMPTS else None
        kept = timedelta(hours=self._settings.link_preview_hours) if preview else NOTHING_KEPT
        try:
            async with self._database.quiet_transaction() as tx:
                await link_previews.keep(tx, url, preview, _now(), _now() + kept)
            await self._tell_all()
        except Problem as problem:
            log.warning("A preview waits to be shown: %s", problem)

    async def _fetched(self, url: str) -> LinkPreview | None:
        try:
            page = await self._fetcher.get(url, content_types=wire.HTML_TYPES)
            if page.status != 200 or page.content_type not in wire.HTML_TYPES:
                return None
            return wire.page_preview(url, page.headers.get("content-type", ""), page.content)
        except Exception as error:  # one page of a stranger does not keep all others from being looked at
            log.info("A link has no preview: %r", error)
            return None

    @cached_property
    def _fetcher(self) -> "Fetcher":
        # Loaded at the first link: its HTTP takes memory, and many installations allow no way out.
        from chassis.fetching import Fetcher

        settings = self._settings
        return Fetcher(allowed_hosts=settings.link_preview_allowed_hosts, seconds=settings.link_preview_seconds)

    async def _tell_all(self) -> None:
        while await self._tell() == POSTS_AT_ONCE:
            pass

    async def _tell(self) -> int:
        """Shows what is known in the posts that wait for it; the log brings it to the cache. How many waited."""
        async with self._database.transaction() as tx:
            known = await link_previews.known(tx, POSTS_AT_ONCE)
            if not known:
                return 0
            changed = _changed(await posts.locked(tx, list(known)), known)
            await posts.save_link_previews(tx, changed)
            await link_previews.expect_no_more(tx, list(known))
            await append_many(
                tx, [(post.name, post.version, events_pb2.PostPreviewed(post=post.name)) for post in changed]
            )
        return len(known)


def _changed(waiting: list[Post], known: dict[UUID, Known]) -> list[Post]:
    """The posts to which what is known makes a difference; one that was changed meanwhile waits for another link."""
    return [
        post.with_link_preview(known[post.id].preview)
        for post in waiting
        if post.delete_time is None
        and first_link(post.text) == known[post.id].url
        and post.link_preview != known[post.id].preview
    ]


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
