"""Looking for posts. What takes a `sight` finds only what its viewer may see, decided in the same statement.

A question becomes one tsquery: words and phrases, and for all else the marks that a trigger gave each post (migration
0008). It is asked of spans of time, newest first, until there is enough: so no common word has all its posts sorted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import visible_under_clause
from chassis.search.lexicon import NOBODY, joined, tsquery
from chassis.search.questions import ME, WORDY, Forms, Question, Term
from services.feed.domain.search import Kind
from services.feed.domain.spans import FIRST_POSTS, NEWEST, OLDEST, Span, first_id, spans
from services.feed.store.posts import decisive, roots
from services.feed.tables import posts
from services.feed.tables.discovery import post_texts

Truth = sa.ColumnElement[bool]

MOST_RANKED = 500
# Of ts_rank: what is found in a short text is found better than what is found in a long one.
_BY_LENGTH = 1
_SIGNS = {Kind.TAG: "#", Kind.HAS: "!"}

_EDGES = sa.text("""
    WITH newest AS MATERIALIZED (
        SELECT post FROM post_texts WHERE post >= :low AND post < :high ORDER BY post DESC LIMIT :first + 1
    )
    SELECT (SELECT post FROM newest LIMIT 1), (SELECT post FROM newest OFFSET :first)""")


@dataclass(frozen=True)
class Sought:
    """What is looked for among the ids from `low` up to `high`. `words` is the part of the query that ranks.

    `besides` are more conditions, on the columns of posts.
    """

    query: str
    words: str
    low: UUID
    high: UUID
    besides: Sequence[Truth] = ()

    def before(self, id_: UUID) -> "Sought":
        """The same among older ones."""
        return replace(self, high=min(self.high, id_))


Ranked = tuple[float, UUID]


def sought(
    asked: Question, found: Mapping[str, Forms], sight: Sight, people: Mapping[str, UUID], besides: Sequence[Truth] = ()
) -> Sought:
    """A question as PostgreSQL is asked. `people` are those behind the handles.

    It asks for nobody in the place of whom the viewer does not meet, or of a group that the viewer is not in: what they
    wrote is not even looked at, so that not the time it takes tells of it.
    """
    known = {ME: sight.viewer} | {handle: person for handle, person in people.items() if sight.meets(person)}
    marks = {Kind.AUTHOR: {handle: f"@{person}" for handle, person in known.items()}}
    marks[Kind.GROUP] = {group: f"%{group}" for group in asked.values(Kind.GROUP) if sight.belongs(UUID(group))}
    low = first_id(asked.since) if asked.since else OLDEST
    high = first_id(asked.until) if asked.until else NEWEST
    counting = asked.terms_that_count(found)
    wanted = [term for term in counting if term.wanted and term.kind in WORDY]

    def mark(term: Term) -> str:
        if term.kind in marks:
            return marks[Kind(term.kind)].get(term.value, NOBODY)
        return f"{_SIGNS[Kind(term.kind)]}{term.value}"

    return Sought(tsquery(counting, found, mark), tsquery(wanted, found, mark), low, high, besides)


async def visible_newest(tx: AsyncConnection, sight: Sight, asked: Sought, limit: int) -> list[UUID]:
    """The ids of the newest posts that match, newest first."""
    newest = _newest(sight, asked, await _spans(tx, asked), limit)
    return sorted((await tx.execute(sa.select(newest.c.id))).scalars(), reverse=True)


async def visible_best(
    tx: AsyncConnection,
    sight: Sight,
    asked: Sought,
    after: tuple[float, UUID] | None,
    limit: int,
) -> list[Ranked]:
    """Ranks and ids of the best of the newest posts that match, best first; of equals the newest."""
    candidates = _newest(sight, asked, await _spans(tx, asked), MOST_RANKED)
    ranked = sa.select(candidates.c.id, _rank(asked.words).label("rank"))
    page = ranked.join(post_texts, post_texts.c.post == candidates.c.id).subquery("ranked")
    best = sa.select(page.c.rank, page.c.id)
    if after is not None:
        last = sa.tuple_(sa.cast(after[0], sa.REAL), sa.literal(after[1], sa.Uuid))
        best = best.where(sa.tuple_(page.c.rank, page.c.id) < last)
    rows = await tx.execute(best.order_by(page.c.rank.desc(), page.c.id.desc()).limit(limit))
    return [(row.rank, row.id) for row in rows]


def _rank(words: str) -> sa.ColumnElement[float]:
    """How well a text has the words; without words all are as good."""
    if not words:
        return sa.cast(sa.literal(0), sa.REAL)
    return sa.cast(sa.func.ts_rank(post_texts.c.vector, sa.cast(sa.literal(words), TSQUERY), _BY_LENGTH), sa.REAL)


def _newest(sight: Sight, asked: Sought, within: Sequence[Span], limit: int) -> sa.Subquery:
    """The ids of the newest posts that match. Spans are looked into one after the other, and no more than needed."""
    span = _rows(within, asked.query)
    match = sa.select(post_texts.c.post)
    if asked.query:
        match = match.where(post_texts.c.vector.op("@@")(sa.cast(span.c.query, TSQUERY)), *_apart(span))
    else:
        match = match.where(post_texts.c.post >= span.c.low, post_texts.c.post < span.c.high)
    # With OFFSET it is sorted before anything is joined to it, and joined no further than the limit.
    matching = match.order_by(post_texts.c.post.desc()).offset(0).correlate(span).lateral("matching")
    seen = sa.select(posts.c.id).select_from(
        matching.join(posts, posts.c.id == matching.c.post).join(roots, roots.c.id == posts.c.root)
    )
    itself = posts.c
    rule = visible_under_clause(sight, decisive(roots), itself.author, itself.hidden, itself.removed)
    seen = seen.where(rule, *asked.besides)
    visible = seen.order_by(matching.c.post.desc()).limit(limit).correlate(span).lateral("visible")
    return sa.select(visible.c.id).select_from(span.join(visible, sa.true())).limit(limit).subquery("newest")


def _apart(span: sa.FromClause) -> list[Truth]:
    """That an id is in the span, so written that PostgreSQL does not list all such ids from their own index."""
    post = post_texts.c.post
    return [sa.func.greatest(post, span.c.low) == post, sa.func.greatest(post, span.c.high) != post]


def _rows(within: Sequence[Span], query: str) -> sa.TableValuedAlias:
    lows, highs = ([getattr(span, name) for span in within] for name in ("low", "high"))
    queries = [_within(query, span) for span in within]
    columns = sa.column("low", sa.Uuid), sa.column("high", sa.Uuid), sa.column("query", sa.Text)
    arrays = sa.literal(lows, ARRAY(sa.Uuid)), sa.literal(highs, ARRAY(sa.Uuid)), sa.literal(queries, ARRAY(sa.Text))
    return sa.func.unnest(*arrays).table_valued(*columns).render_derived(name="span")


def _within(query: str, span: Span) -> str:
    return f"{query} & {joined(' | ', span.marks)}" if span.marks else query


async def _spans(tx: AsyncConnection, asked: Sought) -> list[Span]:
    """Without a query posts are read as they come, newest first: then there is nothing to gain."""
    if not asked.query:
        return [Span(asked.low, asked.high)]
    edges = await tx.execute(_EDGES, {"low": asked.low, "high": asked.high, "first": FIRST_POSTS})
    newest, edge = edges.one()
    return list(spans(asked.low, asked.high, newest, edge))
