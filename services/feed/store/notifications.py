"""Reading inboxes. What takes a `sight` returns only what its viewer may see, decided in the same statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import RootColumns, Truth, visible_clause
from services.feed.domain.notifications import Kind, Notification
from services.feed.store.posts import seen_clause
from services.feed.tables import posts
from services.feed.tables.notifications import articles, hidden_subjects, inboxes, notifications
from services.feed.tables.notifications import notification_entries as entries

SHOWN_PEOPLE = 3
_NO_KINDS = sa.cast(sa.literal([], ARRAY(sa.SmallInteger)), ARRAY(sa.SmallInteger))
# An entry is decided like a root that the actor wrote; where nobody in particular did it, like one of the recipient's.
_ENTRY = RootColumns(
    sa.func.coalesce(entries.c.actor, entries.c.recipient), _NO_KINDS, entries.c.moment, entries.c.group_id
)


def _hidden(subjects: Sequence[sa.ColumnElement[UUID]], *rules: Truth) -> Truth:
    """Whether moderators hid or removed a comment, or an article or its blog."""
    return sa.select(sa.literal(1)).where(hidden_subjects.c.id.in_(subjects), *rules).exists()


_ARTICLE = RootColumns(
    articles.c.author,
    articles.c.kinds,
    articles.c.create_time,
    articles.c.group_id,
    _hidden([articles.c.id, articles.c.blog]),
    _hidden([articles.c.id, articles.c.blog], hidden_subjects.c.removed),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies: the notifications below a position, or, when `newer`, those above it."""

    position: int
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Unpushed:
    """An inbox in which something came after `pushed`; `newest` is the position of the last."""

    recipient: UUID
    pushed: int
    newest: int


async def visible_page(
    tx: AsyncConnection,
    sight: Sight,
    place: Place | None,
    limit: int,
    *,
    kinds: Sequence[int] = (),
    unread_only: bool = False,
) -> list[Notification]:
    """The viewer's notifications at a place, the nearest to it; newest first."""
    newer = place is not None and place.newer
    position = notifications.c.position
    query = _shown(sight).order_by(position if newer else position.desc()).limit(limit)
    if place is not None:
        query = query.where(position > place.position if newer else position < place.position)
    if kinds:
        query = query.where(notifications.c.kind.in_(kinds))
    if unread_only:
        query = query.where(~notifications.c.read)
    found = [_notification(row) for row in await tx.execute(query)]
    return found[::-1] if newer else found


async def unread_count(tx: AsyncConnection, sight: Sight) -> int:
    """How many notifications of the viewer's are unread, of those that the viewer sees now."""
    visible = _visible(sight, seen_clause(sight, entries.c.post))
    seen = sa.select(sa.literal(1)).where(entries.c.notification == notifications.c.id, visible)
    mine = (notifications.c.recipient == sight.viewer) & ~notifications.c.read
    query = sa.select(sa.func.count()).select_from(notifications).where(mine, seen.exists())
    return int((await tx.execute(query)).scalar_one())


async def since(
    tx: AsyncConnection, sight: Sight, position: int, limit: int, *, kinds: Sequence[int] = ()
) -> list[Notification]:
    """The viewer's unread notifications, newest first, each with only what came after a position: for mail and push."""
    query = _shown(sight, entries.c.position > position)
    query = query.where(~notifications.c.read, notifications.c.position > position)
    if kinds:
        query = query.where(notifications.c.kind.in_(kinds))
    query = query.order_by(notifications.c.position.desc()).limit(limit)
    return [_notification(row) for row in await tx.execute(query)]


async def changed(tx: AsyncConnection, recipients: Sequence[UUID]) -> dict[UUID, int]:
    """How often these people's inboxes changed so far; who was never told anything is left out.

    It only rises: who polls it learns what other processes did, and asks for the rest when it moved.
    """
    mine = inboxes.c.recipient == sa.any_(sa.literal(list(recipients), ARRAY(sa.Uuid)))
    return {row.recipient: row.changed for row in await tx.execute(sa.select(inboxes).where(mine))}


async def unsent_for_push(tx: AsyncConnection, limit: int) -> list[Unpushed]:
    """Inboxes with something that was not pushed yet, locked; what another process has locked is left to it.

    Read what is new with `since`, store what is to be sent, and `keep_pushed`, all in one short transaction: as long as
    it is open nothing new comes into these inboxes.
    """
    query = sa.select(inboxes).where(inboxes.c.pushed < inboxes.c.newest)
    query = query.order_by(inboxes.c.recipient).limit(limit).with_for_update(skip_locked=True)
    return [Unpushed(row.recipient, row.pushed, row.newest) for row in await tx.execute(query)]


async def keep_pushed(tx: AsyncConnection, recipients: Sequence[UUID]) -> None:
    """Keeps that all that came into these inboxes was dealt with for push."""
    mine = inboxes.c.recipient == sa.any_(sa.literal(list(recipients), ARRAY(sa.Uuid)))
    await tx.execute(sa.update(inboxes).where(mine).values(pushed=inboxes.c.newest))


async def newest_position(tx: AsyncConnection, recipient: UUID) -> int:
    """The position of what came last into somebody's inbox; 0 before anything did."""
    query = sa.select(inboxes.c.newest).where(inboxes.c.recipient == recipient)
    return (await tx.execute(query)).scalar() or 0


async def mark_read(tx: AsyncConnection, recipient: UUID, up_to: int, ids: Sequence[UUID]) -> None:
    """Marks somebody's notifications as read: those up to a position, and those with these ids."""
    mine = inboxes.c.recipient == recipient
    await tx.execute(sa.select(inboxes.c.changed).where(mine).with_for_update())
    meant = sa.or_(notifications.c.position <= up_to, notifications.c.id.in_(ids))
    unread = (notifications.c.recipient == recipient) & ~notifications.c.read
    read = sa.update(notifications).where(unread, meant).values(read=True)
    if (await tx.execute(read)).rowcount:
        await tx.execute(sa.update(inboxes).where(mine).values(changed=inboxes.c.changed + 1))


def _visible(sight: Sight, post_seen: Truth) -> Truth:
    """Whether the viewer may see what an entry tells of, and who did it; `post_seen` is whether its post."""
    entry, original = entries.c, posts.alias("originals")
    reshares = sa.select(sa.literal(1)).select_from(posts.join(original, original.c.id == posts.c.reshare_of))
    # As in `seen_clause`: one entry is looked up, never all posts.
    there = sa.and_(original.c.delete_time.is_(None), ~original.c.removed)
    stands = reshares.where(posts.c.id == entry.post, there).offset(0).exists()
    article = sa.select(sa.literal(1)).where(articles.c.id == entry.article, visible_clause(sight, _ARTICLE)).offset(0)
    return sa.and_(
        visible_clause(sight, _ENTRY),
        ~_hidden([entry.cause]),
        sa.or_(entry.post.is_(None), post_seen),
        sa.or_(entry.kind != Kind.RESHARE, stands),
        sa.or_(entry.article.is_(None), article.exists()),
    )


def _shown(sight: Sight, only: Truth | None = None) -> "sa.Select[Any]":
    """The viewer's notifications with what the viewer sees of each; those of which that is nothing are left out."""
    entry, seen_post = entries.c, _seen_posts(sight)
    newest = [entry.position.desc(), entry.moment.desc()]
    by_person = (
        sa.select(
            entry.actor,
            sa.func.count().label("times"),
            sa.func.max(entry.moment).label("moment"),
            _first(entry.post, newest).label("post"),
            _first(entry.thing, newest).label("thing"),
        )
        .select_from(entries.outerjoin(seen_post, seen_post.c.post == entry.post))
        .where(entry.notification == notifications.c.id, _visible(sight, seen_post.c.post.is_not(None)))
        .group_by(entry.actor)
    )
    if only is not None:
        by_person = by_person.where(only)
    person = by_person.correlate(notifications).subquery("by_person").c
    people = sa.func.array_agg(aggregate_order_by(person.actor, person.moment.desc()), type_=ARRAY(sa.Uuid))
    seen = sa.select(
        sa.func.sum(person.times).label("entry_count"),
        sa.func.count(person.actor).label("person_count"),
        people.filter(person.actor.is_not(None)).label("people"),
        sa.func.max(person.moment).label("update_time"),
        _first(person.post, [person.moment.desc()]).label("post"),
        _first(person.thing, [person.moment.desc()]).label("thing"),
    ).lateral("seen")
    query = sa.select(notifications, seen).select_from(notifications.join(seen, seen.c.entry_count > 0))
    return query.where(notifications.c.recipient == sight.viewer)


def _seen_posts(sight: Sight) -> sa.Subquery:
    """The posts of which a notification tells and that the viewer sees: a thousand reactions are to one of them."""
    told = entries.alias("told")
    different = sa.select(told.c.post).where(told.c.notification == notifications.c.id).distinct()
    post = different.correlate(notifications).subquery("different").c.post
    return sa.select(post).where(seen_clause(sight, post)).subquery("seen_posts")


def _first(column: sa.ColumnElement[Any], order: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    return sa.func.array_agg(aggregate_order_by(column, *order), type_=ARRAY(column.type))[1]


def _notification(row: "sa.Row[Any]") -> Notification:
    return Notification(
        id=row.id,
        kind=Kind(row.kind),
        subject=row.subject,
        position=row.position,
        read=row.read,
        update_time=row.update_time,
        entry_count=int(row.entry_count),
        person_count=row.person_count,
        people=tuple((row.people or ())[:SHOWN_PEOPLE]),
        post=row.post,
        thing=row.thing,
    )
