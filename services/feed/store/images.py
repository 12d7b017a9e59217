"""Images in PostgreSQL. What is stored of them is named by its content, so that several may share it.

Contents are announced before they are stored and forgotten after they are removed: a crash leaves nothing that no
row knows of. `check_time` keeps the job away from a content whose image is not there yet.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.feed.domain.images import Upload
from services.feed.store import posts
from services.feed.tables.media import image_contents, images

Row = sa.Row[Any]


async def announce_contents(tx: AsyncConnection, names: Sequence[str], check_time: datetime) -> None:
    """Notes what is about to be stored; until `check_time` nobody removes it."""
    rows = [{"name": name, "check_time": check_time} for name in sorted(set(names))]
    statement = insert(image_contents)
    later = sa.func.greatest(image_contents.c.check_time, statement.excluded.check_time)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"check_time": later}), rows)


async def add(tx: AsyncConnection, upload: Upload) -> None:
    """Stores a new image, whose contents are stored."""
    values = {"id": upload.id, "owner": upload.owner, "width": upload.width, "height": upload.height}
    times = {"create_time": upload.create_time, "remove_time": upload.remove_time}
    await tx.execute(sa.insert(images).values(values | dict(upload.contents) | times))


async def unused_count(tx: AsyncConnection, owner: UUID) -> int:
    """How many images a person has that are in no post."""
    query = sa.select(sa.func.count()).where(images.c.owner == owner, images.c.remove_time.is_not(None))
    return int((await tx.execute(query)).scalar_one())


async def locked(tx: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Upload]:
    """Images by id, locked in the order of their ids: of two posts that want the same one, one gets it."""
    query = sa.select(images).where(images.c.id.in_(ids)).order_by(images.c.id).with_for_update()
    return {row.id: _upload(row) for row in await tx.execute(query)} if ids else {}


async def visible_image(tx: AsyncConnection, sight: Sight, id_: UUID, now: datetime) -> Upload | None:
    """An image that the viewer may see: that of a visible post, or one of the viewer's own that waits for a post."""
    row = (await tx.execute(sa.select(images).where(images.c.id == id_))).first()
    if row is None:
        return None
    upload = _upload(row)
    if upload.post is None:
        return upload if sight.active and upload.owner == sight.viewer and upload.is_unused(now) else None
    return upload if await posts.visible_by_ids(tx, sight, [upload.post]) else None


async def image(tx: AsyncConnection, id_: UUID) -> Upload | None:
    """An image in a post, whoever may see it."""
    row = (await tx.execute(sa.select(images).where(images.c.id == id_, images.c.post.is_not(None)))).first()
    return _upload(row) if row else None


async def remove_due(tx: AsyncConnection, now: datetime, limit: int) -> int:
    """Removes images that no post shows in time, and lets their contents be looked at. How many there were."""
    due = sa.select(images.c.id).where(images.c.remove_time <= now).order_by(images.c.remove_time).limit(limit)
    gone = sa.delete(images).where(images.c.id.in_(due.with_for_update(skip_locked=True)))
    removed = list(await tx.execute(gone.returning(images.c.large, images.c.small)))
    names = {name for row in removed for name in row}
    await _check_from(tx, names, now)
    return len(removed)


async def _check_from(tx: AsyncConnection, names: set[str], now: datetime) -> None:
    """Lets contents be looked at, after whoever does so now and may have seen an image that is removed here."""
    locked_in_order = sa.select(image_contents.c.name).where(image_contents.c.name.in_(names))
    await tx.execute(locked_in_order.order_by(image_contents.c.name).with_for_update())
    changed = sa.update(image_contents).where(image_contents.c.name.in_(names))
    await tx.execute(changed.values(check_time=sa.func.greatest(image_contents.c.check_time, now)))


async def contents_to_check(tx: AsyncConnection, now: datetime, limit: int) -> list[str]:
    """Contents that may be of no image, locked: nobody can make an image of them meanwhile."""
    query = sa.select(image_contents.c.name).where(image_contents.c.check_time <= now)
    query = query.order_by(image_contents.c.check_time).limit(limit).with_for_update(skip_locked=True)
    return list((await tx.execute(query)).scalars())


async def unused_contents(tx: AsyncConnection, names: Sequence[str]) -> list[str]:
    """Those of these contents that are of no image."""
    of_image = sa.or_(images.c.large == image_contents.c.name, images.c.small == image_contents.c.name)
    query = sa.select(image_contents.c.name).where(image_contents.c.name.in_(names))
    return list((await tx.execute(query.where(~sa.exists().where(of_image)))).scalars())


async def forget_contents(tx: AsyncConnection, checked: Sequence[str], removed: Sequence[str]) -> None:
    """Notes that contents were checked, and those of no image removed."""
    await tx.execute(sa.delete(image_contents).where(image_contents.c.name.in_(removed)))
    await tx.execute(sa.update(image_contents).where(image_contents.c.name.in_(checked)).values(check_time=None))


def _upload(row: Row) -> Upload:
    return Upload(
        id=row.id,
        owner=row.owner,
        width=row.width,
        height=row.height,
        contents={"large": row.large, "small": row.small},
        create_time=row.create_time,
        post=row.post,
        remove_time=row.remove_time,
    )
