"""What is to leave the house, in PostgreSQL: a row first, sent after the commit, noted after that."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.deliveries import Channel, Delivery, State
from services.feed.tables.delivery import deliveries

# Of one webhook a later event waits for an earlier one, until that was tried so often; from then on it stands aside.
PATIENT_ATTEMPTS = 3
_CHANGING = ("state", "due_time", "give_up_time", "attempts", "last_status", "last_error", "end_time")
_CLAIMED = """
    UPDATE deliveries SET attempts = attempts + 1, due_time = :lease_end FROM due WHERE deliveries.id = due.id
    RETURNING deliveries.*"""
_CLAIM = sa.text(f"""
    WITH due AS (
        SELECT id FROM deliveries WHERE channel = :channel AND state = 1 AND due_time <= :moment
        ORDER BY due_time LIMIT :limit FOR UPDATE SKIP LOCKED
    ) {_CLAIMED}""")
# The first of each recipient is found by jumping from one recipient to the next, however many wait behind it.
_CLAIM_IN_ORDER = sa.text(f"""
    WITH RECURSIVE first AS (
        (SELECT recipient, id FROM deliveries
            WHERE channel = :channel AND state = 1 AND attempts < {PATIENT_ATTEMPTS}
            ORDER BY recipient, place, id LIMIT 1)
        UNION ALL
        SELECT later.recipient, later.id FROM first, LATERAL (
            SELECT recipient, id FROM deliveries
            WHERE channel = :channel AND state = 1 AND attempts < {PATIENT_ATTEMPTS} AND recipient > first.recipient
            ORDER BY recipient, place, id LIMIT 1
        ) AS later
    ), aside AS (
        SELECT id FROM deliveries
        WHERE channel = :channel AND state = 1 AND attempts >= {PATIENT_ATTEMPTS} AND due_time <= :moment
        ORDER BY due_time LIMIT 100
    ), due AS (
        SELECT id FROM deliveries
        WHERE id IN (SELECT id FROM first UNION ALL SELECT id FROM aside) AND state = 1 AND due_time <= :moment
        ORDER BY attempts >= {PATIENT_ATTEMPTS}, due_time LIMIT :limit FOR UPDATE SKIP LOCKED
    ) {_CLAIMED}""")


async def add(tx: AsyncConnection, added: Iterable[Delivery]) -> None:
    """Stores what is to be sent; what its recipient was to get already is left as it is."""
    rows = [_values(delivery) for delivery in added]
    if rows:
        await tx.execute(insert(deliveries).on_conflict_do_nothing(), rows)


async def claimed(
    tx: AsyncConnection, channel: Channel, moment: datetime, lease_end: datetime, limit: int
) -> list[Delivery]:
    """What is due, counted as tried, and due again at `lease_end` in case nothing is ever noted about it.

    What another process is claiming is left to it. Webhooks are told in order as far as possible.
    """
    claim = {"channel": channel, "moment": moment, "lease_end": lease_end, "limit": limit}
    rows = await tx.execute(_CLAIM_IN_ORDER if channel is Channel.WEBHOOK else _CLAIM, claim)
    return sorted(map(_delivery, rows), key=lambda delivery: (delivery.place, delivery.id))


async def note(tx: AsyncConnection, before: Delivery, after: Delivery) -> bool:
    """Stores how an attempt went; False when its lease ended, and somebody else has claimed the delivery since."""
    mine = (deliveries.c.id == before.id) & (deliveries.c.state == before.state)
    mine &= deliveries.c.due_time == before.due_time
    changed = {name: getattr(after, name) for name in _CHANGING}
    return (await tx.execute(sa.update(deliveries).where(mine).values(changed))).rowcount == 1


async def of_recipient(
    tx: AsyncConnection, channel: Channel, recipient: UUID, before: tuple[int, UUID] | None, limit: int
) -> list[Delivery]:
    """What a recipient got and is to get, newest first."""
    query = sa.select(deliveries).where(deliveries.c.channel == channel, deliveries.c.recipient == recipient)
    if before is not None:
        query = query.where(sa.tuple_(deliveries.c.place, deliveries.c.id) < before)
    query = query.order_by(deliveries.c.place.desc(), deliveries.c.id.desc()).limit(limit)
    return [_delivery(row) for row in await tx.execute(query)]


async def locked(tx: AsyncConnection, channel: Channel, recipient: UUID, delivery: UUID) -> Delivery | None:
    """One of a recipient's, which nobody else changes meanwhile."""
    mine = (deliveries.c.id == delivery) & (deliveries.c.recipient == recipient) & (deliveries.c.channel == channel)
    row = (await tx.execute(sa.select(deliveries).where(mine).with_for_update())).first()
    return _delivery(row) if row else None


async def give_up(tx: AsyncConnection, channel: Channel, recipient: UUID, moment: datetime, error: str) -> None:
    """Ends all that a recipient was still to get."""
    mine = (deliveries.c.recipient == recipient) & (deliveries.c.channel == channel)
    ended = {"state": State.FAILED, "end_time": moment, "last_error": error}
    await tx.execute(sa.update(deliveries).where(mine, deliveries.c.state == State.WAITING).values(ended))


async def forget(tx: AsyncConnection, channel: Channel, recipient: UUID) -> None:
    """Removes all that a recipient got or was to get."""
    mine = (deliveries.c.recipient == recipient) & (deliveries.c.channel == channel)
    await tx.execute(sa.delete(deliveries).where(mine))


async def remove_ended(tx: AsyncConnection, before: datetime, limit: int) -> int:
    """Removes what ended before a moment; answers how many, at most `limit`."""
    old = sa.select(deliveries.c.id).where(deliveries.c.end_time < before).limit(limit)
    return (await tx.execute(sa.delete(deliveries).where(deliveries.c.id.in_(old)))).rowcount


def _values(delivery: Delivery) -> dict[str, Any]:
    return {field.name: getattr(delivery, field.name) for field in fields(delivery)}


def _delivery(row: "sa.Row[Any]") -> Delivery:
    stored = row._asdict()
    return Delivery(**(stored | {"channel": Channel(row.channel), "state": State(row.state)}))
