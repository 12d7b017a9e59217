"""What one person subscribed to, reads elsewhere and featured, for the person alone: pages that do not change."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.blog.domain.features import Feature
from services.blog.domain.subscriptions import Address
from services.blog.store import addresses
from services.blog.store import features as feature_store
from services.blog.tables.discovery import features
from services.blog.tables.subscriptions import atom_addresses, subscriptions

Row = sa.Row[Any]


async def own_subscriptions(tx: AsyncConnection, person: UUID, after: str | None, limit: int) -> list[Row]:
    """Rows of what a person subscribed to, by its name."""
    query = sa.select(subscriptions.c.target, subscriptions.c.create_time).where(subscriptions.c.person == person)
    if after is not None:
        query = query.where(subscriptions.c.target > after)
    return list(await tx.execute(query.order_by(subscriptions.c.target).limit(limit)))


async def own_addresses(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[Address]:
    """A person's addresses, oldest first."""
    query = sa.select(atom_addresses).where(atom_addresses.c.person == person)
    if after is not None:
        query = query.where(atom_addresses.c.id > after)
    found = await tx.execute(query.order_by(atom_addresses.c.id).limit(limit))
    return [addresses.from_row(row) for row in found]


async def own_features(tx: AsyncConnection, person: UUID, after: UUID | None, limit: int) -> list[Feature]:
    """What a person featured, oldest first."""
    query = sa.select(features).where(features.c.editor == person)
    if after is not None:
        query = query.where(features.c.id > after)
    return [feature_store.from_row(row) for row in await tx.execute(query.order_by(features.c.id).limit(limit))]
