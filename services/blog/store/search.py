"""Looking for articles: only what the viewer may see is found, decided in the same statement.

A question becomes one tsquery: words and phrases, and for all else the marks that a trigger gave each article
(migration 0007). docs/decisions/0007-search-in-postgresql.md tells why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.search.lexicon import NOBODY, tsquery
from chassis.search.questions import ME, WORDY, Forms, Question, Term
from services.blog.domain.search import MOST_HIGHLIGHTED, Kind
from services.blog.store.articles import visible_article_clause
from services.blog.store.blogs import visible_blog_clause
from services.blog.tables import articles, blogs
from services.blog.tables.discovery import article_texts

MOST_RANKED = 500
# Of ts_rank: what is found in a short text is found better than what is found in a long one.
_BY_LENGTH = 1
# PostgreSQL does not know what it costs to read vectors, and would rather read them all than look into their index.
_LOOK = sa.text("SET LOCAL enable_seqscan = off")


@dataclass(frozen=True)
class Sought:
    """What is looked for; `words` is the part of the query that ranks."""

    query: str
    words: str
    since: datetime | None
    until: datetime | None


class Moment(NamedTuple):
    """Where a list of the newest goes on: after the article that came out at this time."""

    publish_time: datetime
    article: UUID


class Rank(NamedTuple):
    """Where a list of the best goes on."""

    rank: float
    article: UUID


def sought(
    asked: Question, found: Mapping[str, Forms], sight: Sight, people: Mapping[str, UUID], seen_blogs: set[UUID]
) -> Sought:
    """A question as PostgreSQL is asked. `people` are those behind the handles, `seen_blogs` those that are named.

    It asks for nobody in the place of whom the viewer does not meet, and of a blog or group that is not the viewer's to
    see: what stands there is not even looked at, so that not the time it takes tells of it.
    """
    known = {ME: sight.viewer} | {handle: person for handle, person in people.items() if sight.meets(person)}
    marks = {Kind.AUTHOR: {handle: f"@{person}" for handle, person in known.items()}}
    marks[Kind.BLOG] = {str(blog): f"+{blog}" for blog in seen_blogs}
    marks[Kind.GROUP] = {group: f"%{group}" for group in asked.values(Kind.GROUP) if sight.belongs(UUID(group))}

    def mark(term: Term) -> str:
        return f"#{term.value}" if term.kind == Kind.TAG else marks[Kind(term.kind)].get(term.value, NOBODY)

    counting = asked.terms_that_count(found)
    wanted = [term for term in counting if term.wanted and term.kind in WORDY]
    return Sought(tsquery(counting, found, mark), tsquery(wanted, found, mark), asked.since, asked.until)


async def visible_blog_ids(tx: AsyncConnection, sight: Sight, asked: Question) -> set[UUID]:
    """Those of the blogs that are named that the viewer may see."""
    named = [UUID(value) for value in asked.values(Kind.BLOG)]
    query = sa.select(blogs.c.id).where(blogs.c.id.in_(named), visible_blog_clause(sight))
    return set((await tx.execute(query)).scalars()) if named else set()


async def visible_newest(
    tx: AsyncConnection, sight: Sight, asked: Sought, after: Moment | None, limit: int
) -> list[Moment]:
    """Of the articles that match, those that came out last, newest first."""
    match = _matching(asked)
    if after is not None:
        match = match.where(sa.tuple_(article_texts.c.publish_time, article_texts.c.article) < after)
    await tx.execute(_LOOK)
    rows = await tx.execute(_visible(sight, match, limit))
    return [Moment(row.publish_time, row.article) for row in rows]


async def visible_best(
    tx: AsyncConnection, sight: Sight, asked: Sought, begun: datetime, after: Rank | None, limit: int
) -> list[Rank]:
    """The best of the newest articles that match and came out before a list began, best first; of equals the newest."""
    match = _matching(asked).where(article_texts.c.publish_time <= begun)
    candidates = _visible(sight, match, MOST_RANKED).subquery("candidates")
    ranked = sa.select(candidates.c.article, _rank(asked.words).label("rank"))
    page = ranked.join(article_texts, article_texts.c.article == candidates.c.article).subquery("ranked")
    best = sa.select(page.c.rank, page.c.article)
    if after is not None:
        last = sa.tuple_(sa.cast(after.rank, sa.REAL), sa.literal(after.article, sa.Uuid))
        best = best.where(sa.tuple_(page.c.rank, page.c.article) < last)
    await tx.execute(_LOOK)
    rows = await tx.execute(best.order_by(page.c.rank.desc(), page.c.article.desc()).limit(limit))
    return [Rank(row.rank, row.article) for row in rows]


async def texts(tx: AsyncConnection, found: list[UUID]) -> dict[UUID, str]:
    """How the plain texts of articles begin, as far as they are highlighted."""
    beginning = sa.func.left(articles.c.plain_text, MOST_HIGHLIGHTED).label("beginning")
    query = sa.select(articles.c.id, beginning).where(articles.c.id.in_(found))
    return {row.id: row.beginning for row in await tx.execute(query)} if found else {}


def _matching(asked: Sought) -> "sa.Select[tuple[UUID, datetime]]":
    match = sa.select(article_texts.c.article, article_texts.c.publish_time)
    if asked.query:
        match = match.where(article_texts.c.vector.op("@@")(sa.cast(sa.literal(asked.query), TSQUERY)))
    if asked.since is not None:
        match = match.where(article_texts.c.publish_time >= asked.since)
    if asked.until is not None:
        match = match.where(article_texts.c.publish_time < asked.until)
    return match


def _visible(sight: Sight, match: "sa.Select[tuple[UUID, datetime]]", limit: int) -> "sa.Select[tuple[UUID, datetime]]":
    """What matches and the viewer may see, newest first."""
    newest_first = article_texts.c.publish_time.desc(), article_texts.c.article.desc()
    # With OFFSET it is sorted before anything is joined to it, and joined no further than the limit.
    matching = match.order_by(*newest_first).offset(0).subquery("matching")
    joined = matching.join(articles, articles.c.id == matching.c.article).join(blogs, blogs.c.id == articles.c.blog)
    seen = sa.select(matching.c.article, matching.c.publish_time).select_from(joined)
    seen = seen.where(visible_article_clause(sight))
    return seen.order_by(matching.c.publish_time.desc(), matching.c.article.desc()).limit(limit)


def _rank(words: str) -> sa.ColumnElement[float]:
    """How well an article has the words; without words all are as good."""
    if not words:
        return sa.cast(sa.literal(0), sa.REAL)
    query = sa.cast(sa.literal(words), TSQUERY)
    return sa.cast(sa.func.ts_rank(article_texts.c.vector, query, _BY_LENGTH), sa.REAL)
