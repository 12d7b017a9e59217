"""How posts reach the homes of those who follow: feed follows its own log."""

from collections.abc import Sequence
from itertools import chain
from uuid import UUID

from plein.chassis.v1 import event_log_pb2
from plein.feed.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import Reactions
from chassis.resources import Resources
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.store import bookmarks, follows, marks, polls, posts, revisions, sources, topics
from services.feed.store.homes import ANNOUNCEMENTS, Homes
from services.feed.store.lately import Lately
from services.feed.store.scale import Scale


class FanOut(Reactions):
    """Brings the cache in line with what happened.

    An event only says where to look: each step reads the present from PostgreSQL and can be repeated. Only what this
    process just wrote and put into the cache is not read again, unless the same batch tells more of it. The cursor
    moves on when the cache has it all, so a crash repeats and loses nothing.
    """

    source = "feed"
    # Who follows waits for it.
    longest_pace_seconds = 0.2

    def __init__(self, resources: Resources) -> None:
        self._database = resources.database
        self._homes = Homes(resources.cache, lambda: 0.0)
        self._lately = resources.one(Lately)
        self._scale = Scale(resources.database, self._homes, resources.settings.merge_at_read_followers)

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        batch = _Batch()
        for event in events:
            batch.take(event)
        await self._scale.settle(batch.followed)
        await self._show_posts(batch)
        await self._show_tags(batch)
        await self._show_marks(batch)
        await self._homes.forget([person.bytes for person in batch.changed_homes])

    async def _show_posts(self, batch: "_Batch") -> None:
        if not batch.posts:
            return
        written = self._lately.among(batch.created - batch.changed)
        async with self._database.snapshot() as tx:
            found = await posts.by_ids(tx, list(batch.posts - written.keys()))
            above = {other for post in found for other in (post.root, post.reply_to, post.reshare_of) if other}
            led_to = above - batch.posts
            found += await posts.by_ids(tx, list(led_to))
            new = [post for post in found if post.id in batch.created and post.is_root and post.delete_time is None]
            new += written.values()
            new.sort(key=lambda post: post.id)
            merged = await sources.merged(tx, {post.author for post in new})
            readers = await _readers(tx, new, merged)
        # With a reshare it changes whether its author reshared the original.
        batch.marks |= {(post.reshare_of, post.author) for post in found if post.reshare_of}
        await self._homes.put_posts(found)
        await self._homes.push_all([(post.id, readers[post.id]) for post in new])
        for post in new:
            await self._homes.push_to_channels(post.id, _channels(post, merged))

    async def _show_tags(self, batch: "_Batch") -> None:
        """Brings changed posts home to the followers of tags that they got, and out again where they lost them."""
        if not batch.edited:
            return
        async with self._database.snapshot() as tx:
            found = [post for post in await posts.by_ids(tx, list(batch.edited)) if post.is_root]
            lost = await revisions.lost_tags(tx, found)
            readers = await topics.followers_of_tags(tx, lost.union(*(post.tags for post in found)))
        for post in found:
            await self._homes.push(post.id, [person for tag in post.tags for person in readers[tag]])
        await self._homes.forget([person for tag in lost for person in readers[tag]])

    async def _show_marks(self, batch: "_Batch") -> None:
        if not batch.marks and not batch.ballots and not batch.bookmark_changes:
            return
        async with self._database.snapshot() as tx:
            found = await marks.versions(tx, list(batch.marks))
            found += await polls.by_ballots(tx, batch.ballots)
            found += await bookmarks.changed(tx, batch.bookmark_changes)
        for row in found:
            await self._homes.put_mark(row.person, row.post, marks.marked(row), row.version)


async def _readers(tx: AsyncConnection, new: Sequence[Post], merged: set[UUID]) -> dict[UUID, list[bytes]]:
    """To whose homes (16 bytes a person) each post is pushed."""
    of_authors = await follows.followers(tx, {post.author for post in new} - merged)
    of_tags = await topics.followers_of_tags(tx, {tag for post in new for tag in post.tags})
    of_groups = await topics.followers_of_groups(tx, {post.audience.group for post in new if post.audience.group})
    # Posts that come to the same homes have one list.
    known: dict[tuple[UUID, tuple[str, ...], UUID | None], list[bytes]] = {}
    readers = {}
    for post in new:
        key = (post.author, post.tags, post.audience.group)
        if key not in known:
            people = [[post.author.bytes], of_authors.get(post.author, []), *(of_tags[tag] for tag in post.tags)]
            people += [of_groups[post.audience.group]] if post.audience.group else []
            known[key] = list({person for some in people for person in some} if len(people) > 2 else chain(*people))
        readers[post.id] = known[key]
    return readers


def _channels(post: Post, merged: set[UUID]) -> list[UUID]:
    """Where a post goes that is merged into homes when they are read."""
    announced = [ANNOUNCEMENTS] if post.announcement else []
    return [*announced, post.author] if post.author in merged else announced


class _Batch:
    """Where a batch of events says to look."""

    def __init__(self) -> None:
        self.posts: set[UUID] = set()
        self.created: set[UUID] = set()
        # Those of which more is told than that they were created.
        self.changed: set[UUID] = set()
        self.edited: set[UUID] = set()
        self.marks: set[tuple[UUID, UUID]] = set()
        self.ballots: set[tuple[UUID, UUID]] = set()
        self.bookmark_changes: set[UUID] = set()
        self.changed_homes: set[UUID] = set()
        self.followed: set[UUID] = set()

    def take(self, event: event_log_pb2.Event) -> None:
        name = event.type.removeprefix("plein.feed.v1.")
        if name not in events_pb2.DESCRIPTOR.message_types_by_name:
            return
        told = getattr(events_pb2, name).FromString(event.payload)
        # Whatever is told of a post, the post and its thread are shown as they are now.
        for field in ("post", "root"):
            if post := getattr(told, field, ""):
                self.posts.add(wire.post_id(post))
                if name != "PostCreated" or post != told.post:
                    self.changed.add(wire.post_id(post))
        match name:
            case "PostCreated":
                self.created.add(wire.post_id(told.post))
            case "PostEdited":
                self.edited.add(wire.post_id(told.post))
            case "PollVoted":
                self.ballots.add((wire.post_id(told.post), UUID(told.ballot)))
            case "PostReactedTo" | "ReactionRemoved":
                self.marks.add((wire.post_id(told.post), wire.person_id(told.person)))
            case "PersonFollowed" | "PersonUnfollowed":
                self.changed_homes.add(wire.person_id(told.follower))
                self.followed.add(wire.person_id(told.followee))
            case "TagFollowed" | "TagUnfollowed" | "GroupFollowed" | "GroupUnfollowed":
                self.changed_homes.add(wire.person_id(told.person))
            case "BookmarksChanged":
                self.bookmark_changes.add(UUID(told.change))
