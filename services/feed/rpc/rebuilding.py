"""Works out again what is derived from facts."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from plein.feed.v1 import own_data_pb2

from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.rpc.base import Base
from services.feed.store import posts, rebuilding, sources
from services.feed.store.scale import Scale

AT_ONCE = 200
BATCHES_PER_MESSAGE = 20
# A stream is cut off after 15 minutes.
LONGEST_SECONDS = 600.0
TABLES = ("posts", "marks", "post_tags", "post_texts", "cards", "merged_authors", "people_facts")
_BEFORE_ALL = UUID(int=0)


class Rebuilding(Base):
    """Short transactions under the locks of posts, so that people go on meanwhile."""

    async def RebuildDerived(
        self, request: own_data_pb2.RebuildDerivedRequest, context: Any
    ) -> AsyncIterator[own_data_pb2.RebuildDerivedResponse]:
        wrong = Counter(dict.fromkeys(TABLES, 0))
        examined, batches, ends_at = 0, 0, time.monotonic() + LONGEST_SECONDS
        last = wire.post_id(request.after) if request.after else _BEFORE_ALL
        while ids := await self._rebuild_posts(wrong, last):
            examined, batches, last = examined + len(ids), batches + 1, ids[-1]
            ends = time.monotonic() >= ends_at
            if ends or batches % BATCHES_PER_MESSAGE == 0:
                yield _progress(wrong, examined, last)
            if ends:
                return
        await self._rebuild_people(wrong)
        threshold = self.settings.merge_at_read_followers
        async with self.database.snapshot() as tx:
            perhaps = await sources.perhaps_merged(tx, threshold)
        wrong["merged_authors"] += await Scale(self.database, self.homes, threshold).settle(perhaps)
        await self.shown(self.homes.forget_everything())
        yield _progress(wrong, examined, last, done=True)

    async def _rebuild_posts(self, wrong: Counter[str], after: UUID) -> list[UUID]:
        """The posts that were looked at; none at the end."""
        changed: list[Post] = []
        async with self.database.transaction() as tx:
            ids = await rebuilding.next_ids(tx, after, AT_ONCE)
            if not ids:
                return []
            found = await posts.locked(tx, ids)
            changed = await rebuilding.recount(tx, found)
            counted = {"posts": len(changed), "marks": await rebuilding.mark_reshares(tx, ids)}
            counted |= {"post_tags": await rebuilding.retag(tx, ids)}
            counted |= {"post_texts": await rebuilding.rewrite_texts(tx, ids)}
            zone = ZoneInfo(self.settings.organisation_time_zone)
            counted |= {"cards": await rebuilding.find_cards(tx, found, zone)}
        wrong.update(counted)
        await self.shown(self.homes.put_posts(changed))
        return ids

    async def _rebuild_people(self, wrong: Counter[str]) -> None:
        last = _BEFORE_ALL
        while True:
            async with self.database.snapshot() as tx:
                people = await rebuilding.people_after(tx, last, AT_ONCE)
            if not people:
                return
            facts, last = await self.identity.facts([f"people/{person}" for person in people]), people[-1]
            async with self.database.transaction() as tx:
                wrong["people_facts"] += await rebuilding.correct_people(tx, facts)


def _progress(
    wrong: Counter[str], examined: int, last: UUID, *, done: bool = False
) -> own_data_pb2.RebuildDerivedResponse:
    told = wrong if done else +wrong
    tables = [own_data_pb2.RebuiltTable(table=table, wrong_count=count) for table, count in told.items()]
    return own_data_pb2.RebuildDerivedResponse(
        examined_post_count=examined, tables=tables, done=done, last_post=f"posts/{last}"
    )
