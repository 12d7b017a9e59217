"""Blogs and their authors in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import RootColumns, meetable_clause, unblocked_clause, visible_clause
from services.blog.domain.blogs import Blog, Kind, Role
from services.blog.store import rows
from services.blog.tables import articles, blog_authors, blogs

Row = sa.Row[Any]
# Who comes into a group later sees its blogs; what of the past they see is decided on each article.
_ROOT = RootColumns(blogs.c.owner, blogs.c.kinds, sa.func.now(), blogs.c.group_id, blogs.c.hidden, blogs.c.removed)


def visible_blog_clause(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer may see the blog in a row of `blogs`.

    What is the organisation's is kept from nobody by a barrier around the person who answers for it. A block keeps
    from somebody's own blog, and not from those of teams, nor from one in which the viewer writes.
    """
    everybody = blogs.c.kind == int(Kind.ORGANISATION)
    seen = visible_clause(sight.despite_blocks(), _ROOT)
    if sight.apart:
        unblocked = unblocked_clause(sight, blogs.c.owner)
        seen = sa.and_(seen, sa.or_(blogs.c.kind != int(Kind.PERSON), unblocked, role_clause(sight, Role.CONTRIBUTOR)))
    return sa.or_(seen, sa.and_(everybody, _meant_for(sight)))


def role_clause(sight: Sight, least: Role) -> sa.ColumnElement[bool]:
    """Whether the viewer has this role, or one that may do more, in the blog in a row of `blogs`."""
    own = blog_authors.c.blog == blogs.c.id, blog_authors.c.person == sight.viewer, blog_authors.c.role <= int(least)
    return sa.select(sa.literal(1)).where(*own).exists()


def _meant_for(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether a blog is meant for the viewer, whoever its owner is."""
    as_own = RootColumns(
        sa.literal(sight.viewer), blogs.c.kinds, sa.func.now(), blogs.c.group_id, removed=blogs.c.removed
    )
    kind = sa.literal(sight.person.kind if sight.person else 0, sa.SmallInteger)
    of_kind = sa.or_(sa.func.cardinality(blogs.c.kinds) == 0, kind == sa.any_(blogs.c.kinds))
    return sa.and_(visible_clause(sight, as_own), of_kind, ~blogs.c.hidden)


async def visible_blog(tx: AsyncConnection, sight: Sight, blog: UUID, *, lock: bool = False) -> Blog | None:
    """A blog that the viewer may see. `lock` keeps others from changing it and its authors meanwhile."""
    query = sa.select(blogs).where(blogs.c.id == blog, visible_blog_clause(sight))
    if lock:
        query = query.with_for_update(of=blogs)
    return _one((await tx.execute(query)).first())


async def visible_blogs(
    tx: AsyncConnection, sight: Sight, author: UUID | None, before: UUID | None, limit: int
) -> list[Blog]:
    """Blogs that the viewer may see, newest first: all, or those in which somebody has a role."""
    query = sa.select(blogs).where(visible_blog_clause(sight))
    if author is not None:
        theirs = sa.select(blog_authors.c.blog).where(blog_authors.c.person == author)
        query = query.where(blogs.c.id.in_(theirs))
    if before is not None:
        query = query.where(blogs.c.id < before)
    return [rows.blog(row) for row in await tx.execute(query.order_by(blogs.c.id.desc()).limit(limit))]


async def any_blog(tx: AsyncConnection, blog: UUID) -> Blog | None:
    """A blog, whoever may see it."""
    return _one((await tx.execute(sa.select(blogs).where(blogs.c.id == blog))).first())


async def locked(tx: AsyncConnection, blog: UUID) -> Blog | None:
    """A blog, whoever may see it, locked."""
    return _one((await tx.execute(sa.select(blogs).where(blogs.c.id == blog).with_for_update())).first())


async def owned_count(tx: AsyncConnection, owner: UUID, kind: Kind) -> int:
    """How many blogs of a kind somebody answers for, locked against a second beginning at the same time."""
    await tx.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 0))"), {"owner": str(owner)})
    query = sa.select(sa.func.count()).where(blogs.c.owner == owner, blogs.c.kind == int(kind))
    return int((await tx.execute(query)).scalar_one())


async def add(tx: AsyncConnection, blog: Blog) -> None:
    """Stores a new blog, whose owner gets that role."""
    await tx.execute(sa.insert(blogs).values(rows.blog_values(blog)))
    await set_role(tx, blog.id, blog.owner, Role.OWNER, blog.create_time)


async def save(tx: AsyncConnection, blog: Blog) -> None:
    """Stores a changed blog, which the transaction has locked."""
    await tx.execute(sa.update(blogs).where(blogs.c.id == blog.id).values(rows.blog_values(blog)))


async def has_articles(tx: AsyncConnection, blog: UUID) -> bool:
    """Whether anything was written in a blog and not deleted."""
    return (await tx.execute(sa.select(articles.c.id).where(articles.c.blog == blog).limit(1))).first() is not None


async def delete(tx: AsyncConnection, blog: UUID) -> None:
    """Drops a blog in which there are no articles, and its authors."""
    await tx.execute(sa.delete(blogs).where(blogs.c.id == blog))


async def role_of(tx: AsyncConnection, blog: UUID, person: UUID, *, lock: bool = False) -> Role | None:
    """What somebody may do in a blog. `lock` keeps others from taking the role away meanwhile."""
    query = sa.select(blog_authors.c.role).where(blog_authors.c.blog == blog, blog_authors.c.person == person)
    if lock:
        query = query.with_for_update(read=True)
    found = (await tx.execute(query)).scalar()
    return Role(found) if found else None


async def roles_of(tx: AsyncConnection, found: Sequence[UUID], person: UUID) -> dict[UUID, Role]:
    """Blog → what somebody may do in it, for those of these blogs in which the person has a role."""
    query = sa.select(blog_authors.c.blog, blog_authors.c.role)
    query = query.where(blog_authors.c.blog.in_(found), blog_authors.c.person == person)
    return {row.blog: Role(row.role) for row in await tx.execute(query)} if found else {}


async def owners(tx: AsyncConnection, blog: UUID) -> list[UUID]:
    """The owners of a blog, those who have been it longest first."""
    query = sa.select(blog_authors.c.person).where(blog_authors.c.blog == blog, blog_authors.c.role == int(Role.OWNER))
    return list((await tx.execute(query.order_by(blog_authors.c.create_time, blog_authors.c.person))).scalars())


async def editors(tx: AsyncConnection, blog: UUID) -> list[UUID]:
    """The owners and editors of a blog."""
    editing = sa.and_(blog_authors.c.blog == blog, blog_authors.c.role <= int(Role.EDITOR))
    query = sa.select(blog_authors.c.person).where(editing)
    return list((await tx.execute(query.order_by(blog_authors.c.role, blog_authors.c.person))).scalars())


async def author_count(tx: AsyncConnection, blog: UUID) -> int:
    """How many people have a role in a blog."""
    query = sa.select(sa.func.count()).where(blog_authors.c.blog == blog)
    return int((await tx.execute(query)).scalar_one())


async def visible_authors(
    tx: AsyncConnection, sight: Sight, blog: UUID, after: tuple[int, UUID] | None, limit: int
) -> list[Row]:
    """Rows of who has a role in a blog and may be met by the viewer, by role."""
    query = sa.select(blog_authors).where(blog_authors.c.blog == blog, meetable_clause(sight, blog_authors.c.person))
    if after is not None:
        query = query.where(sa.tuple_(blog_authors.c.role, blog_authors.c.person) > after)
    query = query.order_by(blog_authors.c.role, blog_authors.c.person).limit(limit)
    return list(await tx.execute(query))


async def set_role(tx: AsyncConnection, blog: UUID, person: UUID, role: Role, now: datetime) -> Row:
    """Gives somebody a role, in the place of the one before; the row."""
    values = {"blog": blog, "person": person, "role": int(role), "create_time": now}
    statement = insert(blog_authors).values(values)
    statement = statement.on_conflict_do_update(index_elements=["blog", "person"], set_={"role": int(role)})
    row: Row = (await tx.execute(statement.returning(blog_authors))).one()
    return row


async def drop_role(tx: AsyncConnection, blog: UUID, person: UUID) -> None:
    """Takes somebody's role away."""
    await tx.execute(sa.delete(blog_authors).where(blog_authors.c.blog == blog, blog_authors.c.person == person))


def _one(row: Row | None) -> Blog | None:
    return rows.blog(row) if row else None
