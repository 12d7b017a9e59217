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
from services.blog.domain.images import Upload
from services.blog.store import articles, blogs, drafts
from services.blog.tables.images import image_contents, images

Row = sa.Row[Any]


async def announce_contents(tx: AsyncConnection, names: Sequence[str], check_time: datetime) -> None:
    """Notes what is about to be stored; until `check_time` nobody removes it."""
    rows = [{"name": name, "check_time": check_time} for name in sorted(set(names))]
    statement = insert(image_contents)
    later = sa.func.greatest(image_contents.c.check_time, statement.excluded.check_time)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"check_time": later}), rows)


async def add(tx: AsyncConnection, upload: Upload) -> None:
    """Stores a new image, whose contents are stored."""
    values = {"id": upload.id, "owner": upload.owner, "width": upload.width, "height": upload.height, "shown": False}
    times = {"create_time": upload.create_time, "remove_time": upload.remove_time}
    await tx.execute(sa.insert(images).values(values | dict(upload.contents) | times))


async def unused_count(tx: AsyncConnection, owner: UUID) -> int:
    """How many images a person has that stand in nothing."""
    query = sa.select(sa.func.count()).where(images.c.owner == owner, images.c.remove_time.is_not(None))
    return int((await tx.execute(query)).scalar_one())


async def take_into_article(
    tx: AsyncConnection, article: UUID, person: UUID, ids: Sequence[UUID], now: datetime
) -> dict[UUID, Upload]:
    """Lets those of these images that wait and are the person's stand in an article; all that stand there by id."""
    if ids:
        taken = _waiting(person, ids, now)
        await tx.execute(taken.values(article=article, remove_time=None))
    return await of_article(tx, article)


async def of_article(tx: AsyncConnection, article: UUID) -> dict[UUID, Upload]:
    """All images that stand in an article, in its draft or in what that said before."""
    rows = await tx.execute(sa.select(images).where(images.c.article == article))
    return {row.id: _upload(row) for row in rows}


async def take_above_blog(
    tx: AsyncConnection, blog: UUID, person: UUID, image: UUID | None, now: datetime
) -> dict[UUID, Upload]:
    """Lets one image, or none, stand above a blog in the place of another; what stands there by id."""
    if image is not None:
        await tx.execute(_waiting(person, [image], now).values(blog=blog, shown=True, remove_time=None))
    rows = await tx.execute(sa.select(images).where(images.c.blog == blog))
    found = {row.id: _upload(row) for row in rows}
    if image is None or image in found:
        others = sa.update(images).where(images.c.blog == blog, images.c.id != (image or blog))
        await tx.execute(others.values(blog=None, shown=False, remove_time=now))
    return {id_: upload for id_, upload in found.items() if id_ == image}


async def show_in_article(tx: AsyncConnection, article: UUID, shown: Sequence[UUID]) -> None:
    """Lets the readers of an article see these of its images, and no others."""
    changed = sa.update(images).where(images.c.article == article)
    await tx.execute(changed.values(shown=images.c.id.in_(shown) if shown else sa.false()))


async def let_go(tx: AsyncConnection, *, article: UUID | None = None, blog: UUID | None = None) -> None:
    """Lets the images of what is deleted be removed."""
    theirs = images.c.article == article if article else images.c.blog == blog
    gone = {"article": None, "blog": None, "shown": False, "remove_time": sa.func.now()}
    await tx.execute(sa.update(images).where(theirs).values(gone))


async def visible_image(tx: AsyncConnection, sight: Sight, id_: UUID, now: datetime) -> Upload | None:
    """An image that the viewer may see: where it stands, or one of the viewer's own that waits."""
    row = (await tx.execute(sa.select(images).where(images.c.id == id_))).first()
    if row is None:
        return None
    upload = _upload(row)
    return upload if await _is_visible(tx, sight, upload, now) else None


async def _is_visible(tx: AsyncConnection, sight: Sight, upload: Upload, now: datetime) -> bool:
    if upload.blog is not None:
        return await blogs.visible_blog(tx, sight, upload.blog) is not None
    if upload.article is None:
        return sight.active and upload.owner == sight.viewer and upload.is_unused(now)
    if upload.shown and await articles.visible_article(tx, sight, upload.article):
        return True
    return await drafts.previewed_article(tx, sight, upload.article, now) is not None


async def remove_due(tx: AsyncConnection, now: datetime, limit: int) -> int:
    """Removes images that stand in nothing in time, and lets their contents be looked at. How many there were."""
    due = sa.select(images.c.id).where(images.c.remove_time <= now).order_by(images.c.remove_time).limit(limit)
    gone = sa.delete(images).where(images.c.id.in_(due.with_for_update(skip_locked=True)))
    removed = list(await tx.execute(gone.returning(images.c.large, images.c.small)))
    await _check_from(tx, {name for row in removed for name in row}, now)
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


def _waiting(person: UUID, ids: Sequence[UUID], now: datetime) -> sa.Update:
    """A change of those of these images that are the person's and stand in nothing yet."""
    mine = sa.update(images).where(images.c.id.in_(ids), images.c.owner == person, images.c.remove_time > now)
    return mine.where(images.c.article.is_(None), images.c.blog.is_(None))


def _upload(row: Row) -> Upload:
    return Upload(
        id=row.id,
        owner=row.owner,
        width=row.width,
        height=row.height,
        contents={"large": row.large, "small": row.small},
        create_time=row.create_time,
        article=row.article,
        blog=row.blog,
        shown=row.shown,
        remove_time=row.remove_time,
    )
