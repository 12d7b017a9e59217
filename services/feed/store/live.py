"""Whom posts reach, of those who listen, and what decides whether they see them. Whoever may see them: that is decided
for each listener, whenever something is told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.live import Glimpse, Shown
from services.feed.domain.posts import Post
from services.feed.store import posts
from services.feed.store.topics import IS_MEMBER
from services.feed.tables import follows
from services.feed.tables.relations import group_follows, tag_follows


async def shown_by_ids(tx: AsyncConnection, ids: Collection[UUID], known: Mapping[UUID, Post]) -> dict[UUID, Shown]:
    """Those of these posts that stand in homes, or stood there before they were deleted: no replies.

    Those that are `known` are not read.
    """
    read = await posts.by_ids(tx, [id_ for id_ in ids if id_ not in known])
    found = [post for post in (*known.values(), *read) if post.is_root]
    originals = await glimpses(tx, {post.reshare_of for post in found if post.reshare_of})
    return {
        post.id: Shown(
            Glimpse.of(post),
            post.announcement,
            post.is_plain_reshare,
            originals.get(post.reshare_of) if post.reshare_of else None,
        )
        for post in found
    }


async def glimpses(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Glimpse]:
    """Posts and replies, each with what decides about it."""
    found = await posts.by_ids(tx, list(ids))
    above = {post.root for post in found if not post.is_root}
    roots = {post.id: post for post in await posts.by_ids(tx, list(above))}
    return {post.id: Glimpse.of(post, roots.get(post.root)) for post in found if post.is_root or post.root in roots}


async def reached(tx: AsyncConnection, shown: Iterable[Shown], people: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Post → those of these people into whose homes it came, its author aside. A post may be left out that none did."""
    found: dict[UUID, set[UUID]] = {}
    of_authors: defaultdict[Any, list[Shown]] = defaultdict(list)
    of_tags, of_groups = of_authors.copy(), of_authors.copy()
    for one in shown:
        found[one.post.id] = set(people) if one.announcement else set()
        of_authors[one.post.itself.author].append(one)
        for tag in one.post.tags:
            of_tags[tag].append(one)
        if one.post.itself.group:
            of_groups[one.post.itself.group].append(one)
    for topics, topic, person, rule in (
        (of_authors, follows.c.followee, follows.c.follower, follows.c.active),
        (of_tags, tag_follows.c.target, tag_follows.c.person, tag_follows.c.active),
        (of_groups, group_follows.c.target, group_follows.c.person, group_follows.c.active & IS_MEMBER),
    ):
        if not topics or not people:
            continue
        among = person == sa.any_(sa.literal(list(people), ARRAY(sa.Uuid)))
        for about, who in await tx.execute(sa.select(topic, person).where(topic.in_(topics), among, rule)):
            for one in topics[about]:
                found[one.post.id].add(who)
    for one in (one for some in of_authors.values() for one in some):
        found[one.post.id].discard(one.post.itself.author)
    return found
