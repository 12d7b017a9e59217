"""Who subscribed to what. Who may not see a target does not learn that they subscribed to it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import active_clause, meetable_clause, member_clause
from services.blog.domain.subscriptions import Sort, Target
from services.blog.store.blogs import visible_blog_clause
from services.blog.tables import blogs
from services.blog.tables.subscriptions import atom_addresses, subscriptions

Row = sa.Row[Any]
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 1))")


async def subscribe(tx: AsyncConnection, person: UUID, target: Target, now: datetime) -> None:
    """Keeps a subscription; one that there is stays as it is."""
    values = {"person": person, "target": target.name, "create_time": now}
    await tx.execute(insert(subscriptions).values(values).on_conflict_do_nothing())


async def unsubscribe(tx: AsyncConnection, person: UUID, target: Target) -> None:
    """Ends a subscription, if there is one."""
    where = subscriptions.c.person == person, subscriptions.c.target == target.name
    await tx.execute(sa.delete(subscriptions).where(*where))


async def since(tx: AsyncConnection, person: UUID, target: Target) -> datetime | None:
    """Since when somebody has a subscription, or None for one who has none."""
    where = subscriptions.c.person == person, subscriptions.c.target == target.name
    return (await tx.execute(sa.select(subscriptions.c.create_time).where(*where))).scalar()


async def locked_count(tx: AsyncConnection, person: UUID) -> int:
    """How many subscriptions somebody has, locked against another one at the same time."""
    await tx.execute(_LOCK, {"person": str(person)})
    query = sa.select(sa.func.count()).where(subscriptions.c.person == person)
    return int((await tx.execute(query)).scalar_one())


async def visible_subscriptions(
    tx: AsyncConnection, sight: Sight, before: tuple[datetime, str] | None, limit: int
) -> list[Row]:
    """Rows of what the viewer subscribed to and may see now, newest first, before one by time and target."""
    mine = subscriptions.c
    query = sa.select(mine.target, mine.create_time).where(mine.person == sight.viewer, _is_seen(sight))
    if before is not None:
        query = query.where(sa.tuple_(mine.create_time, mine.target) < before)
    return list(await tx.execute(query.order_by(mine.create_time.desc(), mine.target.desc()).limit(limit)))


async def subscribers(tx: AsyncConnection, targets: Sequence[Target], group: UUID | None) -> list[UUID]:
    """Who subscribed to any of these and works here, each once; of a group only its members.

    Whether they may see what they are told of is decided by who tells them, and again when it is read.
    """
    names, person = [target.name for target in targets], subscriptions.c.person
    query = sa.select(person).where(subscriptions.c.target.in_(names), active_clause(person)).distinct()
    if group is not None:
        query = query.where(member_clause(person, sa.literal(group, sa.Uuid)))
    return list((await tx.execute(query.order_by(subscriptions.c.person))).scalars())


async def forget_author(tx: AsyncConnection, author: UUID, limit: int) -> int:
    """Ends subscriptions to what somebody writes and revokes addresses for it, at most so many of both; how many."""
    name, gone = Target(Sort.AUTHOR, str(author)).name, 0
    for table in (subscriptions, atom_addresses):
        row: Any = sa.literal_column("ctid")
        some = sa.select(row).select_from(table).where(table.c.target == name).limit(limit)
        gone += (
            await tx.execute(sa.delete(table).where(row == sa.any_(sa.func.array(some.scalar_subquery()))))
        ).rowcount
    return gone


async def forget_blog(tx: AsyncConnection, blog: UUID) -> None:
    """Ends all subscriptions to a blog that is deleted, and revokes the addresses for it."""
    target = Target(Sort.BLOG, str(blog)).name
    for table in (subscriptions, atom_addresses):
        await tx.execute(sa.delete(table).where(table.c.target == target))


def _is_seen(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer may see the target of a row. Tags exist for everybody."""
    target = subscriptions.c.target
    sort, value = sa.func.split_part(target, "/", 1), sa.func.split_part(target, "/", 2)
    # CASE, since PostgreSQL may otherwise take a tag for an id before it looks at the sort.
    id_ = sa.case((sort != Sort.TAG.value, sa.cast(value, sa.Uuid)))
    blog = sa.select(sa.literal(1)).where(blogs.c.id == id_, visible_blog_clause(sight)).exists()
    return sa.case(
        (sort == Sort.BLOG.value, blog), (sort == Sort.AUTHOR.value, meetable_clause(sight, id_)), else_=sa.true()
    )
