"""What feed derives, worked out again from facts, for posts that the transaction has locked: nobody changes the facts
that count for a post without its lock. Each function corrects what is wrong and answers how much that was."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.cards import Vacancy, VacancyState
from services.feed.domain.marks import MOST_CHOICES, REACTIONS
from services.feed.domain.posts import Counts, Post
from services.feed.domain.relations import PersonFacts
from services.feed.store import marks as own_marks
from services.feed.store import people, posts
from services.feed.tables import marks
from services.feed.tables import posts as table
from services.feed.tables.cards import cards
from services.feed.tables.relations import people_facts

_IS_COUNTED = sa.and_(table.c.delete_time.is_(None), ~table.c.hidden, ~table.c.removed)
# The text of a post and its vector are made by the functions of migrations 0008 and 0024.
_TEXTS = sa.text("""
    WITH right_ones AS (
        SELECT posts.id AS post, CASE WHEN post_is_searchable(posts) THEN post_vector(posts) END AS vector
        FROM posts WHERE id = ANY(CAST(:ids AS uuid[]))
    ), wrong AS (
        SELECT right_ones.* FROM right_ones LEFT JOIN post_texts USING (post)
        WHERE right_ones.vector IS DISTINCT FROM post_texts.vector
    ), gone AS (
        DELETE FROM post_texts USING wrong WHERE post_texts.post = wrong.post AND wrong.vector IS NULL
    ), written AS (
        INSERT INTO post_texts SELECT post, vector FROM wrong WHERE vector IS NOT NULL
        ON CONFLICT (post) DO UPDATE SET vector = excluded.vector
    )
    SELECT count(*) FROM wrong""")
_TAGS = sa.text("""
    WITH right_ones AS (
        SELECT DISTINCT tag, id AS post FROM posts, unnest(tags) AS tag WHERE id = ANY(CAST(:ids AS uuid[]))
    ), gone AS (
        DELETE FROM post_tags WHERE post = ANY(CAST(:ids AS uuid[])) AND (tag, post) NOT IN (SELECT * FROM right_ones)
        RETURNING 1
    ), added AS (
        INSERT INTO post_tags SELECT tag, post FROM right_ones ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM added)""")
_PEOPLE = sa.text("SELECT person FROM access.people WHERE person > :after ORDER BY person LIMIT :limit")


async def next_ids(tx: AsyncConnection, after: UUID, limit: int) -> list[UUID]:
    """The posts that come after one, in the order of their ids."""
    query = sa.select(table.c.id).where(table.c.id > after).order_by(table.c.id).limit(limit)
    return list((await tx.execute(query)).scalars())


async def recount(tx: AsyncConnection, found: Sequence[Post]) -> list[Post]:
    """The posts whose counts were wrong, as they are now."""
    replies, reshares = await _replies(tx, found), await _reshares(tx, found)
    reacted, voted, voters = await _marked(tx, found)
    wrong = []
    for post in found:
        reactions = tuple(reacted[post.id][sort] for sort in range(1, REACTIONS + 1))
        votes = tuple(voted[post.id][place] for place in range(len(post.poll.choices) if post.poll else 0))
        counts = Counts(replies.get(post.id, 0), reshares.get(post.id, 0), reactions, votes, voters[post.id])
        if (counted := post.counted(counts)) is not post:
            wrong.append(counted)
    await posts.save_counts(tx, wrong)
    return wrong


async def _replies(tx: AsyncConnection, found: Sequence[Post]) -> dict[UUID, int]:
    """On a root how many replies its thread has, on a reply how many answer it."""
    standing = sa.select(sa.func.count()).where(table.c.root.in_({post.root for post in found}), _IS_COUNTED)
    threads = standing.add_columns(table.c.root).where(table.c.reply_to.is_not(None)).group_by(table.c.root)
    answering = standing.add_columns(table.c.reply_to).where(table.c.reply_to.in_([post.id for post in found]))
    in_threads = {root: count for count, root in await tx.execute(threads)}
    answers = {answered: count for count, answered in await tx.execute(answering.group_by(table.c.reply_to))}
    return {post.id: (in_threads if post.is_root else answers).get(post.id, 0) for post in found}


async def _reshares(tx: AsyncConnection, found: Sequence[Post]) -> dict[UUID, int]:
    query = sa.select(table.c.reshare_of, sa.func.count().label("reshares")).group_by(table.c.reshare_of)
    query = query.where(table.c.reshare_of.in_([post.id for post in found]), _IS_COUNTED)
    return {row.reshare_of: row.reshares for row in await tx.execute(query)}


async def _marked(
    tx: AsyncConnection, found: Sequence[Post]
) -> tuple[Mapping[UUID, Mapping[int, int]], Mapping[UUID, Mapping[int, int]], Mapping[UUID, int]]:
    """Post → sort of reaction → how many; post → place of a choice → how many; post → how many voted."""
    query = sa.select(marks.c.post, marks.c.reaction, marks.c.votes, sa.func.count().label("people"))
    query = query.where(marks.c.post.in_([post.id for post in found]))
    reacted: dict[UUID, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    voted: dict[UUID, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    voters: dict[UUID, int] = defaultdict(int)
    for row in await tx.execute(query.group_by(marks.c.post, marks.c.reaction, marks.c.votes)):
        reacted[row.post][row.reaction] += row.people
        voters[row.post] += row.people if row.votes else 0
        for place in range(MOST_CHOICES):
            voted[row.post][place] += row.people if row.votes >> place & 1 else 0
    return reacted, voted, voters


async def retag(tx: AsyncConnection, ids: Sequence[UUID]) -> int:
    """Brings `post_tags` in line."""
    return int((await tx.execute(_TAGS, {"ids": list(ids)})).scalar_one())


async def rewrite_texts(tx: AsyncConnection, ids: Sequence[UUID]) -> int:
    """Brings `post_texts` in line: what posts are found by."""
    return int((await tx.execute(_TEXTS, {"ids": list(ids)})).scalar_one())


async def mark_reshares(tx: AsyncConnection, ids: Sequence[UUID]) -> int:
    """Brings it in line that people's marks tell which of these posts they reshared without a comment."""
    right = {(original, author) for author, original in await posts.plain_reshares(tx, ids)}
    query = sa.select(marks.c.post, marks.c.person).where(marks.c.post.in_(ids), marks.c.reshared)
    told = {(row.post, row.person) for row in await tx.execute(query)}
    if told - right:
        undone = sa.update(marks).where(sa.tuple_(marks.c.post, marks.c.person).in_(sorted(told - right)))
        await tx.execute(undone.values(reshared=False, version=marks.c.version + 1))
    await own_marks.reshare_many(tx, sorted(right - told))
    return len(told ^ right)


async def find_cards(tx: AsyncConnection, found: Sequence[Post], zone: tzinfo) -> int:
    """Brings `cards` in line. The row of a card whose post was deleted stays: it keeps the external id taken."""
    right = {post.id: row for post in found if (row := _card_row(post, zone))}
    if not right:
        return 0
    rows = await tx.execute(sa.select(cards).where(cards.c.post.in_(right)))
    told = {row["post"]: dict(row) for row in rows.mappings()}
    wrong = [row for id_, row in sorted(right.items()) if told.get(id_) != row]
    if wrong:
        statement = insert(cards)
        changed = {name: statement.excluded[name] for name in wrong[0] if name != "post"}
        await tx.execute(statement.on_conflict_do_update(index_elements=["post"], set_=changed), wrong)
    return len(wrong)


def _card_row(post: Post, zone: tzinfo) -> dict[str, Any] | None:
    if post.card is None or post.delete_time is not None:
        return None
    card, close_time = post.card, None
    if isinstance(card.content, Vacancy) and card.content.state is not VacancyState.CLOSED:
        close_time = card.content.closes_at(zone)
    row: dict[str, Any] = {"post": post.id, "account": card.account, "external_id": card.external_id or None}
    return row | {"sort": int(card.sort), "state": int(card.content.state), "close_time": close_time}


async def people_after(tx: AsyncConnection, person: UUID, limit: int) -> list[UUID]:
    """The people who come after one, in the order of their ids."""
    return list((await tx.execute(_PEOPLE, {"after": person, "limit": limit})).scalars())


async def correct_people(tx: AsyncConnection, right: Sequence[PersonFacts]) -> int:
    """Brings in line what is kept of what identity knows."""
    query = sa.select(people_facts).where(people_facts.c.person.in_([facts.person for facts in right]))
    told = {row.person: row.department for row in await tx.execute(query)}
    wrong = [facts for facts in right if told.get(facts.person) != facts.department]
    await people.keep(tx, wrong)
    return len(wrong)
