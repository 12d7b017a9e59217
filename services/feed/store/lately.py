"""Posts that this process wrote a moment ago, for what follows feed's log: it need not read them from PostgreSQL."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from chassis.resources import Resources
from services.feed.domain.posts import Post

# Longer than it mostly takes until all that follows the log has come by.
KEPT_SECONDS = 2.0


class Lately:
    """New posts as they were written and put into the cache. What changed since, the log tells later."""

    def __init__(self, resources: Resources) -> None:
        self._posts: dict[UUID, Post] = {}

    def keep(self, written: Sequence[Post]) -> None:
        """Remembers new posts that are in the cache, for a moment."""
        self._posts |= {post.id: post for post in written}
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self._forget, [post.id for post in written])

    def among(self, ids: Iterable[UUID]) -> Mapping[UUID, Post]:
        """Those of these posts that are remembered."""
        return {id_: self._posts[id_] for id_ in ids if id_ in self._posts}

    def _forget(self, ids: Iterable[UUID]) -> None:
        for id_ in ids:
            self._posts.pop(id_, None)
