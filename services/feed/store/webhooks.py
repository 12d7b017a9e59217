"""Webhooks to other systems, in PostgreSQL."""

from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.webhooks import Webhook, WebhookState
from services.feed.tables.delivery import webhooks

_ACTIVE = sa.select(webhooks).where(webhooks.c.state == WebhookState.ACTIVE)


async def add(tx: AsyncConnection, webhook: Webhook) -> None:
    """Stores a new one."""
    await tx.execute(sa.insert(webhooks).values(_values(webhook)))


async def webhook(tx: AsyncConnection, id_: UUID, *, lock: bool = False) -> Webhook | None:
    """One by its id. `lock` keeps others from changing it meanwhile."""
    query = sa.select(webhooks).where(webhooks.c.id == id_)
    if lock:
        query = query.with_for_update()
    row = (await tx.execute(query)).first()
    return _webhook(row) if row else None


async def newest(tx: AsyncConnection, before: UUID | None, limit: int) -> list[Webhook]:
    """All of them, newest first."""
    query = sa.select(webhooks).order_by(webhooks.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(webhooks.c.id < before)
    return [_webhook(row) for row in await tx.execute(query)]


async def count(tx: AsyncConnection) -> int:
    """How many there are."""
    return int((await tx.execute(sa.select(sa.func.count()).select_from(webhooks))).scalar_one())


async def active(tx: AsyncConnection) -> list[Webhook]:
    """Those to which something is sent, all of them: there are few."""
    return [_webhook(row) for row in await tx.execute(_ACTIVE)]


async def save(tx: AsyncConnection, changed: Webhook) -> None:
    """Stores a changed one, which the transaction has locked."""
    await tx.execute(sa.update(webhooks).where(webhooks.c.id == changed.id).values(_values(changed)))


async def remove(tx: AsyncConnection, id_: UUID) -> None:
    """Removes one."""
    await tx.execute(sa.delete(webhooks).where(webhooks.c.id == id_))


def _values(webhook: Webhook) -> dict[str, Any]:
    values = {field.name: getattr(webhook, field.name) for field in fields(webhook)}
    return values | {"event_types": list(webhook.event_types)}


def _webhook(row: "sa.Row[Any]") -> Webhook:
    stored = row._asdict()
    return Webhook(**(stored | {"event_types": tuple(row.event_types), "state": WebhookState(row.state)}))
