"""Who answers for the blogs of somebody who is erased."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from google.protobuf.message import Message
from plein.blog.v1 import events_pb2
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from services.blog.domain.blogs import Blog, Role
from services.blog.domain.erasures import Erasure
from services.blog.store import rows
from services.blog.tables import articles, blog_authors, blogs
from services.blog.tables.images import images

Event = tuple[str, int, Message]
_SAVE = (
    sa.update(blogs)
    .where(blogs.c.id == sa.bindparam("which"))
    .values(owner=sa.bindparam("new_owner"), version=sa.bindparam("new_version"))
)


async def hand_over_blogs(tx: AsyncConnection, erasure: Erasure, limit: int) -> tuple[int, Sequence[Event]]:
    """Ends the roles of a person in some blogs; how many, and what is to be told.

    Whoever has been the next for longest becomes the owner; a blog that nobody writes in any more and in which there is
    nothing goes, and one in which something stays is nobody's.
    """
    found = await _of_person(tx, erasure.person, limit)
    ids = [blog.id for blog in found]
    heirs = await _heirs(tx, ids, erasure.person)
    written = set((await tx.execute(sa.select(articles.c.blog).distinct().where(articles.c.blog.in_(ids)))).scalars())
    mine = sa.and_(blog_authors.c.blog.in_(ids), blog_authors.c.person == erasure.person)
    await tx.execute(sa.delete(blog_authors).where(mine))
    empty = [blog for blog in found if blog.id not in written and blog.id not in heirs]
    await _drop(tx, [blog.id for blog in empty])
    kept = [_left(blog, erasure, heirs.get(blog.id)) for blog in found if blog not in empty]
    await _save(tx, kept, heirs)
    told: list[Event] = [(one.name, one.version + 1, events_pb2.BlogDeleted(blog=one.name)) for one in empty]
    told += [(one.name, one.version, events_pb2.BlogChanged(blog=one.name)) for one in kept]
    return len(found), told


async def _of_person(tx: AsyncConnection, person: UUID, limit: int) -> list[Blog]:
    """Blogs in which a person has a role or for which the person answers, locked."""
    roles = sa.select(blog_authors.c.blog).where(blog_authors.c.person == person)
    query = sa.select(blogs).where(sa.or_(blogs.c.owner == person, blogs.c.id.in_(roles)))
    query = query.order_by(blogs.c.id).limit(limit).with_for_update()
    return [rows.blog(row) for row in await tx.execute(query)]


async def _heirs(tx: AsyncConnection, ids: Collection[UUID], person: UUID) -> dict[UUID, UUID]:
    """Blog → who else there is with the highest role, and has been there for longest."""
    row = blog_authors.c
    query = sa.select(row.blog, row.person).ext(distinct_on(row.blog)).where(row.blog.in_(ids), row.person != person)
    query = query.order_by(row.blog, row.role, row.create_time, row.person)
    return {one.blog: one.person for one in await tx.execute(query)}


def _left(blog: Blog, erasure: Erasure, heir: UUID | None) -> Blog:
    if blog.owner != erasure.person:
        return blog.owned_by(blog.owner)
    return blog.owned_by(heir or erasure.stand_in)


async def _save(tx: AsyncConnection, kept: Sequence[Blog], heirs: dict[UUID, UUID]) -> None:
    """Stores who answers for blogs now, and that these own them."""
    if not kept:
        return
    await tx.execute(_SAVE, [{"which": b.id, "new_owner": b.owner, "new_version": b.version} for b in kept])
    pairs = [(blog.id, blog.owner) for blog in kept if heirs.get(blog.id) == blog.owner]
    owning = sa.update(blog_authors).where(sa.tuple_(blog_authors.c.blog, blog_authors.c.person).in_(pairs))
    await tx.execute(owning.values(role=int(Role.OWNER)))


async def _drop(tx: AsyncConnection, ids: Sequence[UUID]) -> None:
    gone = {"blog": None, "shown": False, "remove_time": datetime.now(UTC)}
    await tx.execute(sa.update(images).where(images.c.blog.in_(ids)).values(gone))
    await tx.execute(sa.delete(blogs).where(blogs.c.id.in_(ids)))
