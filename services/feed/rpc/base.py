"""What all of feed's methods work with."""

import time
from collections.abc import Awaitable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.access import Sight
from chassis.cache import CacheUnavailable
from chassis.filtering import Filtering
from chassis.problems import Unavailable, WrongState
from chassis.resources import Resources
from services.feed import wire
from services.feed.domain.links import link_to_preview
from services.feed.domain.marks import UNMARKED
from services.feed.domain.posts import Post
from services.feed.neighbours import Identity
from services.feed.store import groups, link_previews, marks, posts
from services.feed.store.homes import homes_of
from services.feed.store.marks import Row
from services.feed.store.mutes import Mutes
from services.feed.store.reading import HomeReader


class Change(NamedTuple):
    """What the cache is to show: changed posts, and with them somebody's mark on one."""

    posts: Sequence[Post]
    mark: Row | None = None


class Base:
    """The resources of the process, and the few things that several methods do."""

    def __init__(self, resources: Resources) -> None:
        self.database = resources.database
        self.access = resources.access
        self.pages = resources.pages
        self.settings = resources.settings
        self._previews = self.settings.link_previews
        self._own_host = urlsplit(self.settings.public_url).hostname
        self.identity = Identity(resources.neighbours)
        # Every API of the process knows what another of them could not write to the cache.
        self.homes = resources.one(homes_of)
        self.reader = resources.one(_reader)
        self.mutes = resources.one(Mutes)
        self.filtering = resources.one(Filtering)

    def sight_of_member(self, person: UUID) -> Sight:
        """What somebody sees who is about to write; this process must have heard of the person."""
        if self.access.person(person) is None:
            raise Unavailable("ACCESS_UNCERTAIN", "You are so new here that this has to wait for a moment.")
        return self.access.sight(person)

    def known_person(self, name: str) -> UUID:
        """The id of a person whom the caller may know of; `people/me` is the caller."""
        person = wire.person_id(name)
        if not self.access.sight(viewer.person()).meets(person):
            raise wire.unknown_person(name)
        return person

    async def people_behind(self, handles: Sequence[str]) -> dict[str, UUID]:
        """Handle → person, of those whom the caller may mention. Identity knows barriers, but no blocks."""
        if not handles:
            return {}
        apart = self.access.sight(viewer.person()).apart
        found = await self.identity.people_behind(handles)
        return {handle: person for handle, person in found.items() if person.int not in apart}

    async def expect_preview(self, tx: AsyncConnection, post: Post) -> None:
        """Lets a post that says something new wait for the preview of its first link: nobody waits for other sites."""
        if not await self.expect_previews(tx, [post]) and post.edit_time is not None:
            await link_previews.expect_no_more(tx, [post.id])

    async def expect_previews(self, tx: AsyncConnection, written: Sequence[Post]) -> bool:
        """The same for several new ones; whether there is one that waits."""
        links = self.previewed(written)
        await link_previews.expect(tx, links, now())
        return bool(links)

    def previewed(self, written: Iterable[Post]) -> dict[UUID, str]:
        """The link of each post that is to have a preview."""
        links = {post.id: link_to_preview(post, self._own_host) for post in written} if self._previews else {}
        return {post: link for post, link in links.items() if link}

    async def check_group_open(self, tx: AsyncConnection, group: UUID) -> None:
        """Nobody writes in a group that is archived."""
        if await groups.is_archived(tx, group):
            raise WrongState("GROUP_ARCHIVED", "The group is archived: it can be read, and nothing else.")

    async def messages(self, tx: AsyncConnection, sight: Sight, found: Sequence[Post]) -> list[feed_pb2.Post]:
        """Posts as the caller sees them: with the own marks, and with the originals that the caller may see."""
        originals = await posts.visible_by_ids(tx, sight, [post.reshare_of for post in found if post.reshare_of])
        own = await marks.of_person(tx, sight.viewer, [*(post.id for post in found), *originals])
        shown = {id_: wire.post(original, own.get(id_, UNMARKED)) for id_, original in originals.items()}
        return [
            wire.post(post, own.get(post.id, UNMARKED), shown.get(post.reshare_of) if post.reshare_of else None)
            for post in found
        ]

    async def show_marked(self, post: Post, mark: Row) -> None:
        """Brings the cache in line when somebody's mark on a post changed, and its counts with it."""
        await self.show(Change([post], mark))

    async def show(self, change: Change) -> None:
        """Brings the cache in line with a change."""
        await self.homes.put_posts(change.posts)
        if change.mark is not None:
            mark = change.mark
            await self.homes.put_mark(mark.person, mark.post, marks.marked(mark), mark.version)

    async def rebuild_home(self, person: UUID) -> None:
        """Lets somebody's home be built anew when it is next read."""
        self.reader.building.expect_change(person)
        await self.shown(self.homes.forget([person.bytes]))

    async def shown(self, work: Awaitable[None]) -> None:
        """Makes a change show at once. Without a cache the log shows it later, and reads go round the cache."""
        try:
            await work
        except CacheUnavailable:
            self.homes.failed()


def _reader(resources: Resources) -> HomeReader:
    return HomeReader(resources.database, resources.one(homes_of), resources.access, resources.one(Mutes))


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
