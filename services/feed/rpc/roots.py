"""New posts that stand on nothing else: those of several callers are written in one transaction."""

from collections.abc import Sequence
from typing import NamedTuple

from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.events import Entry, append_many, appending
from chassis.once import Key, claim_answered, claiming, question_of
from chassis.resources import Resources
from chassis.together import Together
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.rpc.base import Base
from services.feed.store import posts
from services.feed.store.lately import Lately
from services.feed.store.values import value

# How long a transaction waits after one that several shared, so that under load more posts share the next.
PACE_SECONDS = 0.005


class Root(NamedTuple):
    """A post that is to be written, and its answer. `key` and `question` are set when the request can come again."""

    post: Post
    answer: feed_pb2.Post
    key: Key | None
    question: bytes


class Roots(Base):
    """It changes no row that is there and its answer is known beforehand, which makes it right to share."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._lately = resources.one(Lately)
        self._write = Together(self._written, PACE_SECONDS)
        self._show = Together(self._shown)

    async def added(self, request: feed_pb2.CreatePostRequest, post: Post) -> feed_pb2.Post | None:
        """The answer, or None for a request that was there before: then nothing happened."""
        key = (viewer.current().name, request.request_id) if request.request_id else None
        root = Root(post, wire.post(post), key, question_of(request) if key else b"")
        if not await self._write(root):
            return None
        await self._show(root)
        return root.answer

    async def _written(self, roots: Sequence[Root]) -> list[bool]:
        """Which of them are new. Mostly all are and nothing else is to be written, which then is one statement."""
        new = [root.post for root in roots]
        repeatable = [(root.key, root.question, root.answer.SerializeToString()) for root in roots if root.key]
        besides = [claiming(repeatable)] if repeatable else []
        if not self.previewed(new) and await posts.write_at_once(self.database, new, *besides, appending(_told(new))):
            return [True] * len(roots)
        async with self.database.transaction() as tx:
            claimed = await claim_answered(tx, repeatable)
            # Of two requests with one id in a batch only the first can be new.
            are_new = [root.key is None or _taken(claimed, root.key) for root in roots]
            await self._add(tx, [root.post for root, is_new in zip(roots, are_new, strict=True) if is_new])
        return are_new

    async def _add(self, tx: AsyncConnection, new: Sequence[Post]) -> None:
        if new:
            await posts.add_many(tx, [(post, None) for post in new])
            await self.expect_previews(tx, new)
            await append_many(tx, _told(new))

    async def _shown(self, new: Sequence[Root]) -> list[None]:
        for post, *_ in new:
            self.reader.building.expect_change(post.author)
        await self.shown(self._show_all(new))
        return [None] * len(new)

    async def _show_all(self, new: Sequence[Root]) -> None:
        await self.homes.put_values([(post.id, value(post, answer)) for post, answer, *_ in new])
        await self.homes.push_all([(post.id, [post.author.bytes]) for post, *_ in new])
        self._lately.keep([post for post, *_ in new])


def _told(new: Sequence[Post]) -> list[Entry]:
    return [(post.name, post.version, wire.created(post)) for post in new]


def _taken(claimed: set[Key], key: Key) -> bool:
    if key not in claimed:
        return False
    claimed.remove(key)
    return True
