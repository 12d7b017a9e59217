"""What feed does when others' events arrive, and its own: that is how posts reach the homes of followers."""

from collections.abc import Sequence
from uuid import UUID

from plein.chassis.v1 import event_log_pb2
from plein.feed.v1 import events_pb2

from chassis.events import Reactions
from chassis.resources import Resources
from services.feed import wire
from services.feed.store import follows, marks, posts
from services.feed.store.homes import Homes


class FanOut(Reactions):
    """Brings the cache in line with what happened.

    An event only says where to look: each step reads the present from PostgreSQL and can be repeated. The cursor moves
    on when the cache has it all, so a crash repeats and loses nothing.
    """

    source = "feed"

    def __init__(self, resources: Resources) -> None:
        self._database = resources.database
        self._homes = Homes(resources.cache, lambda: 0.0)

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        batch = _Batch()
        for event in events:
            batch.take(event)
        await self._show_posts(batch)
        await self._show_reactions(batch)
        await self._homes.forget(list(batch.changed_homes))

    async def _show_posts(self, batch: "_Batch") -> None:
        if not batch.posts:
            return
        async with self._database.snapshot() as tx:
            found = await posts.by_ids(tx, list(batch.posts))
            above = {post.reply_to for post in found if post.reply_to} - batch.posts
            found += await posts.by_ids(tx, list(above))
            new = [post for post in found if post.id in batch.created and post.is_root and post.delete_time is None]
            readers = await follows.followers(tx, {post.author for post in new})
        await self._homes.put_posts(found)
        for post in new:
            await self._homes.push(post.id, [*readers[post.author], post.author.bytes])

    async def _show_reactions(self, batch: "_Batch") -> None:
        if not batch.reactions:
            return
        async with self._database.snapshot() as tx:
            found = await marks.versions(tx, list(batch.reactions))
        for row in found:
            await self._homes.put_mark(row.person, row.post, marks.marked(row), row.version)


class _Batch:
    """Where a batch of events says to look."""

    def __init__(self) -> None:
        self.posts: set[UUID] = set()
        self.created: set[UUID] = set()
        self.reactions: set[tuple[UUID, UUID]] = set()
        self.changed_homes: set[UUID] = set()

    def take(self, event: event_log_pb2.Event) -> None:
        match event.type.removeprefix("plein.feed.v1."):
            case "PostCreated":
                created = events_pb2.PostCreated.FromString(event.payload)
                self.created.add(wire.post_id(created.post))
                self.posts |= {wire.post_id(created.post), wire.post_id(created.root)}
            case "PostDeleted":
                deleted = events_pb2.PostDeleted.FromString(event.payload)
                self.posts |= {wire.post_id(deleted.post), wire.post_id(deleted.root)}
            case "PostReactedTo" | "ReactionRemoved":
                reacted = events_pb2.PostReactedTo.FromString(event.payload)  # the two have the same fields
                self.posts.add(wire.post_id(reacted.post))
                self.reactions.add((wire.post_id(reacted.post), wire.person_id(reacted.person)))
            case "PersonFollowed" | "PersonUnfollowed":
                followed = events_pb2.PersonFollowed.FromString(event.payload)
                self.changed_homes.add(wire.person_id(followed.follower))
