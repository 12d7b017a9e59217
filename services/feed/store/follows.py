"""Follows in PostgreSQL. A follow that ended stays, inactive, so that its version goes on rising."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.feed.tables import follows

Row = sa.Row[Any]


async def begin(tx: AsyncConnection, follower: UUID, followee: UUID, now: datetime) -> Row | None:
    """The new row (create_time, version), or None when it was so already."""
    fresh = {"active": True, "create_time": now}
    statement = insert(follows).values(follower=follower, followee=followee, version=1, **fresh)
    statement = statement.on_conflict_do_update(
        index_elements=["follower", "followee"],
        set_=fresh | {"version": follows.c.version + 1},
        where=~follows.c.active,
    )
    return (await tx.execute(statement.returning(follows.c.create_time, follows.c.version))).first()


async def begin_many(tx: AsyncConnection, pairs: Sequence[tuple[UUID, UUID]], now: datetime) -> list[Row]:
    """Rows (follower, followee, version) of the follows that are new."""
    fresh = {"active": True, "create_time": now, "version": 1}
    statement = insert(follows).values([{"follower": a, "followee": b, **fresh} for a, b in pairs])
    statement = statement.on_conflict_do_nothing()
    return list(await tx.execute(statement.returning(follows.c.follower, follows.c.followee, follows.c.version)))


async def end(tx: AsyncConnection, follower: UUID, followee: UUID) -> int | None:
    """The row's new version, or None when nobody followed."""
    mine = (follows.c.follower == follower) & (follows.c.followee == followee) & follows.c.active
    statement = sa.update(follows).where(mine).values(active=False, version=follows.c.version + 1)
    version: int | None = (await tx.execute(statement.returning(follows.c.version))).scalar()
    return version


async def end_between(tx: AsyncConnection, person: UUID, other: UUID) -> list[Row]:
    """Ends the follows of two people of each other. Rows (follower, followee, version) of those that were."""
    both = sa.tuple_(follows.c.follower, follows.c.followee).in_([(person, other), (other, person)])
    statement = sa.update(follows).where(both, follows.c.active).values(active=False, version=follows.c.version + 1)
    return list(await tx.execute(statement.returning(follows.c.follower, follows.c.followee, follows.c.version)))


async def since(tx: AsyncConnection, follower: UUID, followee: UUID) -> datetime | None:
    """Since when one person follows another."""
    mine = (follows.c.follower == follower) & (follows.c.followee == followee) & follows.c.active
    return (await tx.execute(sa.select(follows.c.create_time).where(mine))).scalar()


async def standing(tx: AsyncConnection, pairs: Sequence[tuple[UUID, UUID]]) -> list[Row]:
    """Rows (follower, followee, create_time) of those of these pairs that stand."""
    query = sa.select(follows.c.follower, follows.c.followee, follows.c.create_time)
    query = query.where(follows.c.active, sa.tuple_(follows.c.follower, follows.c.followee).in_(pairs))
    return list(await tx.execute(query))


async def followers(tx: AsyncConnection, followees: Collection[UUID]) -> dict[UUID, list[bytes]]:
    """The ids of everyone who follows each of these people, 16 bytes each: where their new posts have to go.

    They come in one value a person, since making 20,000 rows and UUIDs of them costs more than the fan-out itself.
    """
    joined = sa.func.string_agg(sa.func.uuid_send(follows.c.follower), sa.literal(b"", sa.LargeBinary))
    query = sa.select(follows.c.followee, joined.label("ids"))
    query = query.where(follows.c.followee.in_(followees), follows.c.active).group_by(follows.c.followee)
    found: dict[UUID, list[bytes]] = {followee: [] for followee in followees}
    for followee, ids in await tx.execute(query):
        found[followee] = [ids[start : start + 16] for start in range(0, len(ids), 16)]
    return found


async def visible_following(
    tx: AsyncConnection, sight: Sight, follower: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Rows (follower, followee, create_time) of whom a person follows, newest first."""
    mine = follows.c.follower == follower
    return await _page(tx, sight, mine, follows.c.followee, before, limit)


async def visible_followers(
    tx: AsyncConnection, sight: Sight, followee: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Rows (follower, followee, create_time) of who follows a person, newest first."""
    mine = follows.c.followee == followee
    return await _page(tx, sight, mine, follows.c.follower, before, limit)


async def visible_mutuals(
    tx: AsyncConnection, sight: Sight, person: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Rows (follower, followee, create_time) of those whom the viewer follows and who follow a person, newest first."""
    mine = follows.alias("mine")
    query = sa.select(mine.c.followee).where(mine.c.follower == sight.viewer, mine.c.active)
    known = (follows.c.followee == person) & follows.c.follower.in_(query)
    return await _page(tx, sight, known, follows.c.follower, before, limit)


async def visible_counts(tx: AsyncConnection, sight: Sight, person: UUID) -> tuple[int, int]:
    """How many followers a person has, and how many the person follows, of those whom the viewer may meet."""
    counted = []
    for mine, other in ((follows.c.followee, follows.c.follower), (follows.c.follower, follows.c.followee)):
        query = sa.select(sa.func.count()).select_from(follows)
        query = query.where(mine == person, follows.c.active, meetable_clause(sight, other))
        counted.append(query.scalar_subquery())
    followers, following = (await tx.execute(sa.select(*counted))).one()
    return followers, following


async def _page(
    tx: AsyncConnection,
    sight: Sight,
    mine: sa.ColumnElement[bool],
    other: "sa.Column[UUID]",
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    query = sa.select(follows.c.follower, follows.c.followee, follows.c.create_time)
    query = query.where(mine, follows.c.active, meetable_clause(sight, other))
    if before is not None:
        query = query.where(sa.tuple_(follows.c.create_time, other) < before)
    return list(await tx.execute(query.order_by(follows.c.create_time.desc(), other.desc()).limit(limit)))
