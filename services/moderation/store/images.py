"""The images of what was reported, kept so that they can be judged when their owner has them no more."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.ids import new_id
from services.moderation.tables import kept_images


class Awaited(NamedTuple):
    """An image that its owner is to be asked for, by its resource name there."""

    id: UUID
    image: str


class Content(NamedTuple):
    """An image."""

    content_type: str
    content: bytes


async def expect(tx: AsyncConnection, case_id: UUID, names: Collection[str], now: datetime) -> None:
    """Lets the owner be asked for images, once each in a case."""
    if names:
        rows = [{"case_id": case_id, "image": name, "content_type": "", "due_time": now} for name in sorted(names)]
        statement = insert(kept_images).on_conflict_do_nothing()
        await tx.execute(statement, [row | {"id": new_id()} for row in rows])


async def next_due(tx: AsyncConnection, now: datetime) -> Awaited | None:
    """An image to ask for, locked; those at which others work are left to them."""
    query = sa.select(kept_images.c.id, kept_images.c.image).where(kept_images.c.due_time <= now)
    query = query.order_by(kept_images.c.due_time).limit(1).with_for_update(skip_locked=True)
    row = (await tx.execute(query)).first()
    return Awaited(row.id, row.image) if row else None


async def keep(tx: AsyncConnection, awaited: Awaited, content: Content | None) -> None:
    """Stores an image, or that its owner has none of that name."""
    values = {"due_time": None} | (content._asdict() if content else {})
    await tx.execute(sa.update(kept_images).where(kept_images.c.id == awaited.id).values(values))


async def put_off(tx: AsyncConnection, awaited: Awaited, until: datetime) -> None:
    """Lets the owner be asked later."""
    await tx.execute(sa.update(kept_images).where(kept_images.c.id == awaited.id).values(due_time=until))


async def of_case(tx: AsyncConnection, case_id: UUID) -> dict[str, UUID]:
    """The owner's name of an image → its id here, of those that are kept in a case."""
    query = sa.select(kept_images.c.image, kept_images.c.id)
    query = query.where(kept_images.c.case_id == case_id, kept_images.c.content.is_not(None))
    return {row.image: row.id for row in await tx.execute(query)}


async def content(tx: AsyncConnection, case_id: UUID, image_id: UUID) -> Content | None:
    """An image that is kept in a case."""
    query = sa.select(kept_images.c.content_type, kept_images.c.content)
    query = query.where(kept_images.c.id == image_id, kept_images.c.case_id == case_id)
    row = (await tx.execute(query.where(kept_images.c.content.is_not(None)))).first()
    return Content(row.content_type, bytes(row.content)) if row else None
