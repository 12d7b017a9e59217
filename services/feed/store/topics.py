"""Follows of tags and groups in PostgreSQL. A follow of a group counts for as long as the follower is a member."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import member_clause
from services.feed.tables.relations import group_follows, tag_follows

Topic = TypeVar("Topic", str, UUID)

IS_MEMBER = member_clause(group_follows.c.person, group_follows.c.target)


async def followers_of_tags(tx: AsyncConnection, tags: Collection[str]) -> dict[str, list[bytes]]:
    """The ids of everyone who follows each of these tags, 16 bytes each."""
    return await _followers(tx, tag_follows, tags, sa.true())


async def followers_of_groups(tx: AsyncConnection, groups: Collection[UUID]) -> dict[UUID, list[bytes]]:
    """The ids of the members who follow each of these groups, 16 bytes each."""
    return await _followers(tx, group_follows, groups, IS_MEMBER)


async def _followers(
    tx: AsyncConnection, table: sa.Table, topics: Collection[Topic], rule: sa.ColumnElement[bool]
) -> dict[Topic, list[bytes]]:
    """One value a topic, for the reason that `store.follows.followers` tells."""
    found: dict[Topic, list[bytes]] = {topic: [] for topic in topics}
    if not topics:
        return found
    joined = sa.func.string_agg(sa.func.uuid_send(table.c.person), sa.literal(b"", sa.LargeBinary))
    query = sa.select(table.c.target, joined.label("ids")).where(table.c.target.in_(topics), table.c.active, rule)
    for topic, ids in await tx.execute(query.group_by(table.c.target)):
        found[topic] = [ids[start : start + 16] for start in range(0, len(ids), 16)]
    return found
