"""Closes vacancies when the day is over on which one could still apply."""

import logging
from datetime import UTC, datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.feed import wire
from services.feed.domain.cards import Card, Vacancy
from services.feed.domain.posts import Post
from services.feed.store import cards, posts

log = logging.getLogger(__name__)

# How late one may close. Finding that there is none costs one look into a small index.
LATE_SECONDS = 2.0
AT_ONCE = 100


async def close_vacancies(resources: Resources) -> None:
    """Looks for vacancies that are due, until it is cancelled. The cache hears of it from feed's own log."""
    await keep_looking(resources.database, partial(_close, resources), LATE_SECONDS, "Closing vacancies")


async def _close(resources: Resources) -> bool:
    """Whether there may be more."""
    async with resources.database.transaction() as tx:
        return await _close_some(tx, datetime.now(UTC)) == AT_ONCE


async def _close_some(tx: AsyncConnection, now: datetime) -> int:
    """How many were closed."""
    due = await posts.locked(tx, await cards.lock_closing(tx, now, AT_ONCE))
    closed = [(before.with_card(card), card) for before in due if (card := _closed(before, now))]
    for post, card in closed:
        await posts.save(tx, post)
        await cards.save(tx, post, card)
    await append_many(
        tx, [(post.name, post.version, wire.card_changed(post, card, notifies=True)) for post, card in closed]
    )
    return len(due)


def _closed(post: Post, now: datetime) -> Card | None:
    """The post's card, closed; None when somebody closed it in the meantime."""
    if post.card is None or not isinstance(post.card.content, Vacancy):
        return None
    card = post.card.with_content(post.card.content.closed(), now)
    return None if card is post.card else card
