"""Decides whose posts are pushed to the homes of followers, and whose are merged in when homes are read."""

from collections.abc import Collection
from uuid import UUID

from chassis.database import Database
from services.feed.store import follows, sources
from services.feed.store.homes import KEPT_IDS, Homes
from services.feed.store.windows import Window

# Who falls a little below the threshold is not pushed again at once: changing over costs all homes that follow.
STAYS_ABOVE = 0.8


class Scale:
    """Keeps `merged_authors`. Only the follower of feed's own log does, one process at a time, between two posts."""

    def __init__(self, database: Database, homes: Homes, threshold: int) -> None:
        self._database = database
        self._homes = homes
        self._threshold = threshold

    async def settle(self, authors: Collection[UUID]) -> int:
        """Changes over those who passed the threshold; answers how many.

        First the fact is stored, then the channel is there, then the homes are forgotten: a home that is built
        meanwhile either knows already, or is forgotten before it is complete.
        """
        if not authors:
            return 0
        async with self._database.quiet_transaction() as tx:
            counts = await sources.follower_counts(tx, authors)
            merged = await sources.merged(tx, authors)
            begins = {author for author, count in counts.items() if count >= self._threshold} - merged
            ends = {author for author in merged if counts.get(author, 0) < self._threshold * STAYS_ABOVE}
            for author in begins:
                await sources.begin_merging(tx, author)
            for author in ends:
                await sources.end_merging(tx, author)
        for author in begins:
            await self._open_channel(author)
        if begins or ends:
            await self._forget_homes(begins | ends)
        return len(begins | ends)

    async def _open_channel(self, author: UUID) -> None:
        nonce = await self._homes.begin_channel(author)
        async with self._database.snapshot() as tx:
            ids = await sources.channel_ids(tx, author, Window(KEPT_IDS + 1))
        await self._homes.complete_channel(author, nonce, ids)

    async def _forget_homes(self, authors: Collection[UUID]) -> None:
        async with self._database.snapshot() as tx:
            readers = await follows.followers(tx, authors)
        await self._homes.forget(list({person for people in readers.values() for person in people}))
