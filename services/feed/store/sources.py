"""What homes and channels consist of, in PostgreSQL: ids alone, whoever may see them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.store.homes import ANNOUNCEMENTS
from services.feed.store.windows import Window
from services.feed.tables import follows, merged_authors, post_tags, posts
from services.feed.tables.relations import group_follows, tag_follows

FIRST_OF_EACH = 16
_SHOWS = sa.and_(posts.c.reply_to.is_(None), posts.c.delete_time.is_(None))


async def home_ids(tx: AsyncConnection, person: UUID, window: Window, *, channels: bool = True) -> list[UUID]:
    """The ids of a person's home: the newest of each source, merged. Without `channels`, what is pushed to the home."""
    parts = [_of_authors(person, window, channels=channels), _of_tags(person, window), _of_groups(person, window)]
    if channels:
        parts.append(_announced(window))
    ids = sa.union(*parts).subquery("ids")
    return await _ids(tx, window.of(ids.c.id, sa.select(ids.c.id)))


async def channel_ids(tx: AsyncConnection, channel: UUID, window: Window) -> list[UUID]:
    """The ids of a channel: announcements, or the posts of one author."""
    query = _announced(window) if channel == ANNOUNCEMENTS else window.of(posts.c.id, _roots(posts.c.author == channel))
    return await _ids(tx, query)


async def channels_of(tx: AsyncConnection, person: UUID) -> list[UUID]:
    """The people whom somebody follows whose posts are merged at reading."""
    followed = sa.and_(follows.c.follower == person, follows.c.active)
    query = sa.select(merged_authors.c.author).join(follows, follows.c.followee == merged_authors.c.author)
    return await _ids(tx, query.where(followed).order_by(merged_authors.c.author))


async def merged(tx: AsyncConnection, authors: Collection[UUID]) -> set[UUID]:
    """Those of these authors whose posts are merged at reading."""
    query = sa.select(merged_authors.c.author).where(merged_authors.c.author.in_(authors))
    return set((await tx.execute(query)).scalars())


async def follower_counts(tx: AsyncConnection, authors: Collection[UUID]) -> dict[UUID, int]:
    """How many follow each of these authors; nobody is left out as 0."""
    query = sa.select(follows.c.followee, sa.func.count().label("followers")).where(
        follows.c.followee.in_(authors), follows.c.active
    )
    rows = await tx.execute(query.group_by(follows.c.followee))
    return {row.followee: row.followers for row in rows}


async def perhaps_merged(tx: AsyncConnection, threshold: int) -> list[UUID]:
    """Everybody whose posts are merged at reading, or have so many followers that they should be."""
    many = sa.select(follows.c.followee).where(follows.c.active).group_by(follows.c.followee)
    both = sa.union(sa.select(merged_authors.c.author), many.having(sa.func.count() >= threshold)).subquery("both")
    return await _ids(tx, sa.select(both.c.author))


async def begin_merging(tx: AsyncConnection, author: UUID) -> None:
    """From now on the author's posts are not pushed."""
    await tx.execute(insert(merged_authors).values(author=author).on_conflict_do_nothing())


async def end_merging(tx: AsyncConnection, author: UUID) -> None:
    """From now on the author's posts are pushed again."""
    await tx.execute(sa.delete(merged_authors).where(merged_authors.c.author == author))


async def _ids(tx: AsyncConnection, query: "sa.Select[Any]") -> list[UUID]:
    return [row[0] for row in await tx.execute(query)]


def _roots(*conditions: sa.ColumnElement[bool]) -> "sa.Select[Any]":
    return sa.select(posts.c.id).where(_SHOWS, *conditions)


def _announced(window: Window) -> "sa.Select[Any]":
    return window.of(posts.c.id, _roots(posts.c.announcement))


def _of_authors(person: UUID, window: Window, *, channels: bool) -> "sa.Select[Any]":
    followed = sa.select(follows.c.followee.label("author")).where(follows.c.follower == person, follows.c.active)
    if not channels:
        followed = followed.where(follows.c.followee.not_in(sa.select(merged_authors.c.author)))
    authors = followed.union_all(sa.select(sa.literal(person, sa.Uuid))).subquery("authors")
    return _newest_of_each(authors, window, _roots(posts.c.author == authors.c.author))


def _of_tags(person: UUID, window: Window) -> "sa.Select[Any]":
    tags = _followed(tag_follows, person)
    tagged = sa.and_(post_tags.c.post == posts.c.id, post_tags.c.tag == tags.c.target)
    return _newest_of_each(tags, window, _roots().join(post_tags, tagged))


def _of_groups(person: UUID, window: Window) -> "sa.Select[Any]":
    groups = _followed(group_follows, person)
    return _newest_of_each(groups, window, _roots(posts.c.group_id == groups.c.target))


def _followed(table: sa.Table, person: UUID) -> sa.Subquery:
    return sa.select(table.c.target).where(table.c.person == person, table.c.active).subquery("followed")


def _newest_of_each(sources: sa.Subquery, window: Window, found: "sa.Select[Any]") -> "sa.Select[Any]":
    """The ids that come next of all sources together.

    Of each source some first ones tell up to where to look; otherwise a thousand sources would each be asked for as
    many as are wanted in all. `found` refers to a row of `sources`.
    """
    first = window._replace(limit=FIRST_OF_EACH).of(posts.c.id, found).lateral("first")
    firsts = sa.select(first.c.id).select_from(sources.join(first, sa.true())).subquery("firsts")
    last = window.of(firsts.c.id, sa.select(firsts.c.id)).limit(1).offset(window.limit - 1).scalar_subquery()
    if window.after is None:
        near = found.where(posts.c.id >= sa.func.coalesce(last, sa.literal(UUID(int=0), sa.Uuid)))
    else:
        near = found.where(posts.c.id <= sa.func.coalesce(last, sa.literal(UUID(int=2**128 - 1), sa.Uuid)))
    newest = window.of(posts.c.id, near).lateral("newest")
    return sa.select(newest.c.id).select_from(sources.join(newest, sa.true()))
