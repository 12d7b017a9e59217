"""Search in articles."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from plein.blog.v1 import discovery_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from chassis.resources import Resources
from chassis.search.highlights import Highlighter
from chassis.search.lexicon import Lexicon
from chassis.search.questions import Question
from services.blog.domain.search import excerpt, question, words_to_look_up
from services.blog.rpc.base import Base, now
from services.blog.store import articles, search
from services.blog.store.search import Moment, Rank, Sought
from services.blog.wire import articles as articles_wire
from services.blog.wire import discovery as wire
from services.blog.wire.names import moment_and_id, moment_position

# By which another process's clock may be ahead of ours.
MOST_SKEW = timedelta(seconds=1)

Found = tuple[list[UUID], bytes | None]


class Search(Base):
    """The method that finds articles."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._zone = ZoneInfo(self.settings.organisation_time_zone)
        self._lexicon = Lexicon()

    async def SearchArticles(
        self, request: discovery_pb2.SearchArticlesRequest, context: Any
    ) -> discovery_pb2.SearchArticlesResponse:
        sight, position = self.sight(), self.pages.position(request)
        asked = question(request.query, self._zone)
        if not asked.asks:
            return discovery_pb2.SearchArticlesResponse()
        people = await self.people_behind(sorted(asked.handles)) if asked.handles else {}
        async with self.database.snapshot() as tx:
            forms = await self._lexicon.forms(tx, asked.words)
            seen_blogs = await search.visible_blog_ids(tx, sight, asked)
            sought = search.sought(asked, forms, sight, people, seen_blogs)
            page = self._best if request.order_by == "best" else self._newest
            ids, after = await page(tx, sight, sought, position, pages.size(request, 20, 50))
            found = await self._shown(tx, sight, asked, ids)
        token = self.pages.seal(request, after) if after else ""
        return discovery_pb2.SearchArticlesResponse(found=found, next_page_token=token)

    async def _newest(
        self, tx: AsyncConnection, sight: Sight, sought: Sought, position: bytes | None, size: int
    ) -> Found:
        """A page of ids and where the next one begins."""
        last = moment_and_id(position)
        found = await search.visible_newest(tx, sight, sought, Moment(*last) if last else None, size + 1)
        after = moment_position(*found[size - 1]) if len(found) > size else None
        return [place.article for place in found[:size]], after

    async def _best(
        self, tx: AsyncConnection, sight: Sight, sought: Sought, position: bytes | None, size: int
    ) -> Found:
        """The same. What comes out meanwhile is not among the best of a list that has begun."""
        place = wire.rank_and_begun(position)
        last, begun = (Rank(*place[:2]), place[2]) if place else (None, now() + MOST_SKEW)
        found = await search.visible_best(tx, sight, sought, begun, last, size + 1)
        after = wire.rank_position(*found[size - 1], begun) if len(found) > size else None
        return [rank.article for rank in found[:size]], after

    async def _shown(
        self, tx: AsyncConnection, sight: Sight, asked: Question, ids: list[UUID]
    ) -> list[discovery_pb2.FoundArticle]:
        """Articles in this order, with what was asked highlighted."""
        seen = {article.id: article for article in await articles.visible_batch(tx, sight, ids)}
        found = [seen[id_] for id_ in ids if id_ in seen]
        texts = await search.texts(tx, ids)
        titles = [article.published.content.title for article in found]
        highlighter = await self._highlighter(tx, asked, [*titles, *texts.values()])
        return [
            wire.found_article(
                articles_wire.article(article, whole=False),
                highlighter.ranges(title),
                *excerpt(texts[article.id], highlighter),
            )
            for article, title in zip(found, titles, strict=True)
        ]

    async def _highlighter(self, tx: AsyncConnection, asked: Question, texts: Sequence[str]) -> Highlighter:
        forms = await self._lexicon.forms(tx, asked.words)
        words = words_to_look_up(texts, asked, forms) if asked.words else set()
        return Highlighter(asked, await self._lexicon.forms(tx, words | asked.words))
