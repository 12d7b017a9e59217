"""Incoming webhooks in PostgreSQL."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.hooks import WINDOW_SECONDS, IncomingHook
from services.feed.tables.hooks import hook_signatures, incoming_hooks

# Signatures are kept for as long as they could hold, which is twice the window: a clock may be fast as well.
_KEPT = timedelta(seconds=2 * WINDOW_SECONDS + 60)
# Each delivery throws away so many of those that are over that they never pile up.
_SWEPT = 20


async def hook(tx: AsyncConnection, hook_id: UUID, *, lock: bool = False) -> IncomingHook | None:
    """A webhook; with `lock`, nobody else changes it meanwhile."""
    query = sa.select(incoming_hooks).where(incoming_hooks.c.id == hook_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().first()
    return IncomingHook(**row) if row else None


async def all_hooks(tx: AsyncConnection, after: UUID | None, limit: int) -> list[IncomingHook]:
    """A page of the webhooks, in the order in which they were made."""
    query = sa.select(incoming_hooks).order_by(incoming_hooks.c.id).limit(limit)
    if after is not None:
        query = query.where(incoming_hooks.c.id > after)
    return [IncomingHook(**row) for row in (await tx.execute(query)).mappings()]


async def add_hook(tx: AsyncConnection, added: IncomingHook) -> None:
    """Stores a new webhook."""
    await tx.execute(sa.insert(incoming_hooks).values(_values(added)))


async def save_hook(tx: AsyncConnection, changed: IncomingHook) -> None:
    """Stores a webhook, which the transaction has locked."""
    await tx.execute(sa.update(incoming_hooks).where(incoming_hooks.c.id == changed.id).values(_values(changed)))


async def end_hook(tx: AsyncConnection, hook_id: UUID) -> None:
    """Deletes a webhook, and the signatures with it."""
    await tx.execute(sa.delete(incoming_hooks).where(incoming_hooks.c.id == hook_id))


async def claim_signature(tx: AsyncConnection, hook_id: UUID, signature: bytes, delivery: str, now: datetime) -> bool:
    """Notes with which delivery a signature came; False when it came with another one. Others wait meanwhile."""
    await _sweep(tx, now - _KEPT)
    values = {"hook": hook_id, "signature": signature, "delivery": delivery, "receive_time": now}
    # The update changes nothing but answers the row that is there.
    claimed = insert(hook_signatures).values(values)
    claimed = claimed.on_conflict_do_update(
        index_elements=["hook", "signature"], set_={"delivery": hook_signatures.c.delivery}
    )
    first = (await tx.execute(claimed.returning(hook_signatures.c.delivery))).scalar_one()
    return bool(first == delivery)


async def _sweep(tx: AsyncConnection, outdated: datetime) -> None:
    key = sa.tuple_(hook_signatures.c.hook, hook_signatures.c.signature)
    some = sa.select(hook_signatures.c.hook, hook_signatures.c.signature)
    some = some.where(hook_signatures.c.receive_time < outdated).limit(_SWEPT).with_for_update(skip_locked=True)
    await tx.execute(sa.delete(hook_signatures).where(key.in_(some)))


def _values(hook: IncomingHook) -> dict[str, Any]:
    return {column.name: getattr(hook, column.name) for column in incoming_hooks.c}
