"""Search in posts, tags that rise, tags while they are typed."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from plein.feed.v1 import discovery_pb2, discovery_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from chassis.resources import Resources
from chassis.search.highlights import Highlighter
from chassis.search.lexicon import Lexicon
from chassis.search.questions import Question, words_in
from services.feed.domain.relations import Silence
from services.feed.domain.search import Kind, question
from services.feed.domain.spans import first_id
from services.feed.domain.texts import folded_tag
from services.feed.domain.trends import Usage, rising
from services.feed.rpc.base import Base, now
from services.feed.store import posts, search, tags
from services.feed.store.home_watching import HomeWatching
from services.feed.store.mutes import unmuted_clause
from services.feed.wire import discovery as wire

# By which another process's clock may be ahead of ours.
MOST_SKEW = timedelta(seconds=1)

Found = tuple[list[UUID], bytes | None]


class Discovery(Base, discovery_pb2_grpc.DiscoveryServiceServicer):
    """What is usual is found out once for all from whom the same segments are kept apart, and kept for a while.

    It is found out anew when moderators decided on posts since then.
    """

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._zone = ZoneInfo(self.settings.organisation_time_zone)
        self._trend_seconds = self.settings.trend_seconds
        self._lexicon = Lexicon()
        self._usages: dict[frozenset[str], tuple[float, list[Usage]]] = {}
        self._watching = resources.one(HomeWatching)

    async def SearchPosts(
        self, request: discovery_pb2.SearchPostsRequest, context: Any
    ) -> discovery_pb2.SearchPostsResponse:
        sight, position = self.access.sight(viewer.person()), self.pages.position(request)
        asked = question(request.query, self._zone)
        if not asked.asks:
            return discovery_pb2.SearchPostsResponse()
        people = await self.people_behind(sorted(asked.handles))
        unmuted = unmuted_clause(_silence(self.mutes.of(sight.viewer), asked, people), sight.viewer)
        async with self.database.snapshot() as tx:
            forms = await self._lexicon.forms(tx, asked.words)
            sought = search.sought(asked, forms, sight, people, [unmuted])
            page = self._best if request.order_by == "best" else self._newest
            ids, after = await page(tx, sight, sought, position, pages.size(request, 20, 100))
            found = await self._shown(tx, sight, asked, ids)
        token = self.pages.seal(request, after) if after else ""
        return discovery_pb2.SearchPostsResponse(found=found, next_page_token=token)

    async def _newest(
        self, tx: AsyncConnection, sight: Sight, sought: search.Sought, position: bytes | None, size: int
    ) -> Found:
        """A page of ids and where the next one begins."""
        older = sought.before(UUID(bytes=position)) if position else sought
        ids = await search.visible_newest(tx, sight, older, size + 1)
        return ids[:size], ids[size - 1].bytes if len(ids) > size else None

    async def _best(
        self, tx: AsyncConnection, sight: Sight, sought: search.Sought, position: bytes | None, size: int
    ) -> Found:
        """The same. What is written meanwhile is not among the best of a list that has begun."""
        place = wire.best_place(position)
        newest = place.newest if place else first_id(now() + MOST_SKEW)
        after = (place.rank, place.id) if place else None
        ranked = await search.visible_best(tx, sight, sought.before(newest), after, size + 1)
        ids = [id_ for _, id_ in ranked[:size]]
        if len(ranked) <= size:
            return ids, None
        return ids, wire.BestPlace(*ranked[size - 1], newest).packed

    async def _shown(
        self, tx: AsyncConnection, sight: Sight, asked: Question, ids: Sequence[UUID]
    ) -> list[discovery_pb2.FoundPost]:
        """Posts in this order, with what was asked highlighted."""
        visible = await posts.visible_by_ids(tx, sight, ids)
        found = [visible[id_] for id_ in ids if id_ in visible]
        words = {word for post in found for word, _, _ in words_in(post.text)} if asked.words else set()
        highlighter = Highlighter(asked, await self._lexicon.forms(tx, words | asked.words))
        messages = await self.messages(tx, sight, found)
        shown = zip(messages, found, strict=True)
        return [wire.found_post(message, highlighter.ranges(post.text)) for message, post in shown]

    async def ListTrendingTags(
        self, request: discovery_pb2.ListTrendingTagsRequest, context: Any
    ) -> discovery_pb2.ListTrendingTagsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 10, 50)
        position = self.pages.position(request)
        begin = int.from_bytes(position, "big") if position else 0
        risen = rising(await self._usages_for(sight), self.mutes.of(sight.viewer).tags)
        shown = [wire.trending_tag(usage) for usage in risen[begin : begin + size]]
        answer = discovery_pb2.ListTrendingTagsResponse(tags=shown)
        if len(risen) > begin + size:
            answer.next_page_token = self.pages.seal(request, (begin + size).to_bytes(4, "big"))
        return answer

    async def _usages_for(self, sight: Sight) -> list[Usage]:
        """The same for all who are kept from the same segments, until it is too old."""
        if sight.person is None:
            return []
        moment = time.monotonic()
        oldest = max(moment - self._trend_seconds, self._watching.moderated_at)
        self._usages = {blocked: kept for blocked, kept in self._usages.items() if kept[0] > oldest}
        if sight.blocked not in self._usages:
            async with self.database.snapshot() as tx:
                self._usages[sight.blocked] = moment, await tags.usages(tx, sight, now())
        return self._usages[sight.blocked][1]

    async def ListTags(self, request: discovery_pb2.ListTagsRequest, context: Any) -> discovery_pb2.ListTagsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 10, 50)
        after = (self.pages.position(request) or b"").decode()
        async with self.database.snapshot() as tx:
            found = await tags.visible_beginning(tx, sight, folded_tag(request.prefix), after, size + 1)
        answer = discovery_pb2.ListTagsResponse(tags=[f"tags/{tag}" for tag in found[:size]])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].encode())
        return answer


def _silence(silence: Silence, asked: Question, people: Mapping[str, UUID]) -> Silence:
    """What stays muted: who asks for somebody, or for a tag, wants to see it."""
    named = {person.int for person in people.values()}
    return replace(silence, people=silence.people - named, tags=silence.tags - set(asked.values(Kind.TAG)))
