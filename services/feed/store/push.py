"""Devices to which notifications are pushed, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.deliveries import TRIED_FOR, Channel
from services.feed.domain.push import PushSubscription
from services.feed.tables.delivery import push_subscriptions as subscriptions

# A push that waits and was not tried yet will tell of everything that is new when it goes.
_PLAN = sa.text("""
    INSERT INTO deliveries (id, channel, recipient, subject, place, due_time, give_up_time, create_time)
    SELECT gen_random_uuid(), :channel, device.id, gen_random_uuid(), inboxes.newest, :moment, :give_up_time, :moment
    FROM push_subscriptions AS device JOIN inboxes ON inboxes.recipient = device.person
    WHERE device.person = ANY(CAST(:people AS uuid[])) AND NOT EXISTS (
        SELECT 1 FROM deliveries AS waiting
        WHERE waiting.recipient = device.id AND waiting.channel = :channel AND waiting.state = 1
            AND waiting.attempts = 0
    )""")


async def plan(tx: AsyncConnection, people: Sequence[UUID], moment: datetime) -> None:
    """Makes a delivery for each device of these people that has none which is still to be tried."""
    times = {"moment": moment, "give_up_time": moment + TRIED_FOR[Channel.PUSH]}
    await tx.execute(_PLAN, {"people": list(people), "channel": Channel.PUSH, **times})


async def put(tx: AsyncConnection, added: PushSubscription) -> PushSubscription:
    """Stores a device. One with the same endpoint keeps its id, and is its new owner's."""
    values = {field.name: getattr(added, field.name) for field in fields(added)}
    statement = insert(subscriptions).values(values)
    changed = {name: value for name, value in values.items() if name not in ("id", "endpoint")}
    statement = statement.on_conflict_do_update(index_elements=["endpoint"], set_=changed)
    return _subscription((await tx.execute(statement.returning(subscriptions))).one())


async def subscription(tx: AsyncConnection, id_: UUID) -> PushSubscription | None:
    """One by its id."""
    row = (await tx.execute(sa.select(subscriptions).where(subscriptions.c.id == id_))).first()
    return _subscription(row) if row else None


async def of_person(tx: AsyncConnection, person: UUID, before: UUID | None, limit: int) -> list[PushSubscription]:
    """Somebody's devices, newest first."""
    query = sa.select(subscriptions).where(subscriptions.c.person == person)
    if before is not None:
        query = query.where(subscriptions.c.id < before)
    return [_subscription(row) for row in await tx.execute(query.order_by(subscriptions.c.id.desc()).limit(limit))]


async def keep_position(tx: AsyncConnection, id_: UUID, position: int) -> None:
    """Keeps up to where in the inbox a device was told."""
    told = sa.func.greatest(subscriptions.c.position, position)
    await tx.execute(sa.update(subscriptions).where(subscriptions.c.id == id_).values(position=told))


async def remove(tx: AsyncConnection, id_: UUID, person: UUID | None = None) -> bool:
    """Removes a device, with `person` only if it is that person's; answers whether it was there."""
    query = sa.delete(subscriptions).where(subscriptions.c.id == id_)
    if person is not None:
        query = query.where(subscriptions.c.person == person)
    return (await tx.execute(query)).rowcount == 1


def _subscription(row: "sa.Row[Any]") -> PushSubscription:
    return PushSubscription(**row._asdict())
