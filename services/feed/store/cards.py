"""Cards and who follows them, in PostgreSQL. What a card tells is stored with its post."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import visible_clause
from services.feed.domain.cards import Card, Sort
from services.feed.domain.posts import Post
from services.feed.store.posts import decisive
from services.feed.tables import posts
from services.feed.tables.cards import card_followers, cards

_STANDS = posts.c.delete_time.is_(None)


async def add(tx: AsyncConnection, post: Post, card: Card, close_time: datetime | None) -> bool:
    """Makes a new card to be found; False when the account has one with the same external id."""
    values: dict[str, Any] = {
        "post": post.id,
        "account": card.account,
        "external_id": card.external_id or None,
        "sort": card.sort,
    }
    values |= {"state": card.content.state, "close_time": close_time}
    new = insert(cards).values(values).on_conflict_do_nothing().returning(cards.c.post)
    return (await tx.execute(new)).first() is not None


async def save(tx: AsyncConnection, post: Post, card: Card) -> None:
    """Stores the state of a card whose post the transaction has locked. A closed one no longer closes by itself."""
    keeps = sa.case((cards.c.state == card.content.state, cards.c.close_time), else_=None)
    statement = sa.update(cards).where(cards.c.post == post.id)
    await tx.execute(statement.values(state=card.content.state, close_time=keeps))


async def by_external_id(tx: AsyncConnection, account: UUID, external_id: str) -> UUID | None:
    """The post of an account's card."""
    query = sa.select(cards.c.post).where(cards.c.account == account, cards.c.external_id == external_id)
    return (await tx.execute(query)).scalar_one_or_none()


async def visible_cards(
    tx: AsyncConnection, sight: Sight, states: Mapping[Sort, Sequence[int]], before: UUID | None, limit: int
) -> list[UUID]:
    """The posts of the cards that the viewer may see, newest first: of these sorts, in these states or any (empty)."""
    kinds = [
        sa.and_(cards.c.sort == sort, cards.c.state.in_(wanted) if wanted else sa.true())
        for sort, wanted in states.items()
    ]
    query = sa.select(cards.c.post).join(posts, posts.c.id == cards.c.post)
    query = query.where(sa.or_(sa.false(), *kinds), _STANDS, visible_clause(sight, decisive(posts)))
    if before is not None:
        query = query.where(cards.c.post < before)
    return list((await tx.execute(query.order_by(cards.c.post.desc()).limit(limit))).scalars())


async def lock_closing(tx: AsyncConnection, now: datetime, limit: int) -> list[UUID]:
    """The posts of cards that should be closed by now, locked; those that somebody else has locked are left out."""
    query = (
        sa.select(posts.c.id)
        .join(cards, cards.c.post == posts.c.id)
        .where(cards.c.close_time <= now, _STANDS)
        .order_by(posts.c.id)
        .limit(limit)
        .with_for_update(of=posts, skip_locked=True)
    )
    return list((await tx.execute(query)).scalars())


async def follow(tx: AsyncConnection, post: UUID, person: UUID, now: datetime) -> datetime:
    """Lets somebody follow a card, and answers since when."""
    new = insert(card_followers).values(post=post, person=person, create_time=now)
    await tx.execute(new.on_conflict_do_nothing())
    return await followed_since(tx, post, person) or now


async def unfollow(tx: AsyncConnection, post: UUID, person: UUID) -> None:
    """Lets somebody stop following a card."""
    await tx.execute(sa.delete(card_followers).where(_of(post, person)))


async def followed_since(tx: AsyncConnection, post: UUID, person: UUID) -> datetime | None:
    """Since when somebody follows a card, if at all."""
    return (await tx.execute(sa.select(card_followers.c.create_time).where(_of(post, person)))).scalar_one_or_none()


async def followers_of_cards(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Post → who follows its card, whether they may still see it or not: that is decided when they are told."""
    followers: dict[UUID, list[UUID]] = {}
    if ids:
        query = sa.select(card_followers.c.post, card_followers.c.person).where(card_followers.c.post.in_(ids))
        for row in await tx.execute(query):
            followers.setdefault(row.post, []).append(row.person)
    return followers


def _of(post: UUID, person: UUID) -> Any:
    return sa.and_(card_followers.c.post == post, card_followers.c.person == person)
