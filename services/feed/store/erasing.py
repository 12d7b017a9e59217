"""Erasing what feed keeps of a person, beside what stands in posts (`erasing_posts`).

Each step erases at most AT_ONCE of one sort in its transaction and answers what that was; nothing when nothing is left.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from google.protobuf.message import Message
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed import wire
from services.feed.domain.deliveries import Channel
from services.feed.domain.erasures import Erasure
from services.feed.domain.posts import Post
from services.feed.store import inbox, mutes
from services.feed.tables import follows, merged_authors
from services.feed.tables.cards import card_followers
from services.feed.tables.delivery import deliveries, digests, push_subscriptions, webhooks
from services.feed.tables.media import images
from services.feed.tables.notifications import (
    articles,
    inboxes,
    notification_entries,
    notification_settings,
    notifications,
)
from services.feed.tables.relations import (
    blocks,
    dismissals,
    group_follows,
    group_keepers,
    group_mutes,
    people_facts,
    person_mutes,
    tag_follows,
    tag_mutes,
    thread_mutes,
)

AT_ONCE = 200


class Erased(NamedTuple):
    """What a step erased: how much, the posts that changed with it, and what the log is to tell."""

    rows: int
    posts: Sequence[Post] = ()
    events: Sequence[tuple[str, int, Message]] = ()


Step = Callable[[AsyncConnection, Erasure], Awaitable[Erased]]
NOTHING_LEFT = Erased(0)


def _table(name: str, *columns: str) -> sa.TableClause:
    """A table of the chassis."""
    schema, _, table = name.partition(".")
    return sa.table(table, *(sa.column(column, sa.Uuid) for column in columns), schema=schema)


_ACCESS_BLOCKS = _table("access.blocks", "person", "other")
# Every other place in which a person may stand; what is found there goes.
_PLACES: list[tuple[sa.FromClause, str]] = [
    (notifications, "recipient"),
    (inboxes, "recipient"),
    (notification_settings, "person"),
    (digests, "person"),
    (push_subscriptions, "person"),
    (tag_follows, "person"),
    (group_follows, "person"),
    (person_mutes, "person"),
    (tag_mutes, "person"),
    (thread_mutes, "person"),
    (group_mutes, "person"),
    (group_keepers, "person"),
    (dismissals, "person"),
    (dismissals, "target"),
    (card_followers, "person"),
    (people_facts, "person"),
    (merged_authors, "author"),
    (_ACCESS_BLOCKS, "person"),
    (_ACCESS_BLOCKS, "other"),
    (_table("access.memberships", "person"), "person"),
    (_table("access.mutes", "person"), "person"),
    (_table("access.people", "person"), "person"),
]
# Where somebody has to stand, the stand-in does.
_HELD: list[tuple[sa.FromClause, str]] = [
    (articles, "author"),
    (webhooks, "creator"),
    (_table("access.accounts", "owner"), "owner"),
]
_FORGET_ANSWERS = sa.text("""
    DELETE FROM once.requests WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM once.requests WHERE caller = :caller LIMIT :limit))""")


async def end_follows(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """Follows of the person and by the person."""
    row, person = follows.c, erasure.person
    for mine in (row.follower == person, (row.followee == person) & row.active, row.followee == person):
        pairs = sa.select(row.follower, row.followee).where(mine).limit(AT_ONCE)
        gone = sa.delete(follows).where(sa.tuple_(row.follower, row.followee).in_(pairs)).returning(follows)
        if found := list(await tx.execute(gone)):
            told = [(one.follower, one.followee, one.version + 1) for one in found if one.active]
            return Erased(
                len(found), events=[(wire.follow_name(a, b), version, wire.unfollowed(a, b)) for a, b, version in told]
            )
    return NOTHING_LEFT


async def end_blocks(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """Blocks of the person and by the person, both of a pair together."""
    row, person = blocks.c, erasure.person
    by = sa.select(row.target.label("other"), row.version).where(row.person == person)
    of = sa.select(row.person.label("other"), row.version).where(row.target == person)
    both = sa.union_all(by, of).subquery("both")
    query = sa.select(both.c.other, sa.func.sum(both.c.version).label("version")).group_by(both.c.other)
    found = list(await tx.execute(query.order_by(both.c.other).limit(AT_ONCE // 2)))
    others = [one.other for one in found]
    pairs = [pair for other in others for pair in ((person, other), (other, person))]
    await tx.execute(sa.delete(blocks).where(sa.tuple_(row.person, row.target).in_(pairs)))
    told = [(wire.meeting_changed(person, one.other, apart=False), int(one.version) + 1) for one in found]
    events = [(f"{event.person}/meeting/{event.other_person}", version, event) for event, version in told]
    return Erased(len(found), events=events)


async def end_mutes_of(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """That others muted the person."""
    mine = sa.select(person_mutes.c.person).where(person_mutes.c.target == erasure.person).limit(AT_ONCE)
    gone = sa.delete(person_mutes).where(person_mutes.c.target == erasure.person, person_mutes.c.person.in_(mine))
    muting = list((await tx.execute(gone.returning(person_mutes.c.person))).scalars())
    await mutes.touch(tx, muting)
    return Erased(len(muting))


async def hand_over_muter(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """The row that tells when the person muted last: its number must not be given again."""
    return Erased(await mutes.hand_over(tx, erasure.person, erasure.stand_in))


async def take_back_notifications(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What others were told that the person did."""
    entries = notification_entries.c
    query = sa.select(entries.recipient, entries.cause).where(entries.actor == erasure.person).limit(AT_ONCE)
    found = [(row.recipient, row.cause) for row in await tx.execute(query)]
    await inbox.settle(tx, [], found)
    return Erased(len(found))


async def forget_entries(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What the person was told."""
    entries = notification_entries.c
    mine = sa.select(entries.cause, entries.recipient)
    mine = mine.join(notifications, notifications.c.id == entries.notification)
    mine = mine.where(notifications.c.recipient == erasure.person).limit(AT_ONCE)
    gone = sa.delete(notification_entries).where(sa.tuple_(entries.cause, entries.recipient).in_(mine))
    return Erased((await tx.execute(gone)).rowcount)


async def forget_deliveries(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """Mail and pushes to the person, and what webhooks told of the person. What they are still to tell, they tell."""
    row = deliveries.c
    devices = sa.select(push_subscriptions.c.id).where(push_subscriptions.c.person == erasure.person)
    mailed = (row.channel == Channel.MAIL) & (row.recipient == erasure.person)
    pushed = (row.channel == Channel.PUSH) & row.recipient.in_(devices)
    told = row.end_time.is_not(None) & _tells_of(erasure.person)
    mine = sa.select(row.id).where(sa.or_(mailed, pushed, told)).limit(AT_ONCE)
    return Erased((await tx.execute(sa.delete(deliveries).where(row.id.in_(mine)))).rowcount)


async def is_still_told(tx: AsyncConnection, erasure: Erasure) -> bool:
    """Whether a webhook has still to tell something of the person, such as that a post was deleted."""
    waiting = sa.select(deliveries.c.id).where(deliveries.c.end_time.is_(None), _tells_of(erasure.person))
    return bool((await tx.execute(sa.select(waiting.exists()))).scalar_one())


def _tells_of(person: UUID) -> sa.ColumnElement[bool]:
    return (deliveries.c.channel == Channel.WEBHOOK) & deliveries.c.content.contains(str(person))


async def hand_over_images(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """Images of posts that stay are nobody's, and all others are removed."""
    mine = sa.select(images.c.id).where(images.c.owner == erasure.person).limit(AT_ONCE)
    due = sa.case((images.c.post.is_(None), sa.func.now()), else_=None)
    held = sa.update(images).where(images.c.id.in_(mine)).values(owner=erasure.stand_in, remove_time=due)
    return Erased((await tx.execute(held)).rowcount)


async def forget_answers(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What is kept for the person's repeated requests."""
    asked = {"caller": f"people/{erasure.person}", "limit": AT_ONCE}
    return Erased((await tx.execute(_FORGET_ANSWERS, asked)).rowcount)


def _emptying(table: sa.FromClause, name: str) -> Step:
    """Empties one of the other places of the person."""

    async def empty(tx: AsyncConnection, erasure: Erasure) -> Erased:
        rows: Any = sa.literal_column("ctid")
        mine = sa.select(rows).select_from(table).where(table.c[name] == erasure.person).limit(AT_ONCE)
        gone = sa.delete(table).where(rows == sa.any_(sa.func.array(mine.scalar_subquery())))  # type: ignore[arg-type]
        return Erased((await tx.execute(gone)).rowcount)

    return empty


def _handing_over(table: sa.FromClause, name: str) -> Step:
    """Lets the stand-in take one of the person's places."""

    async def hand_over(tx: AsyncConnection, erasure: Erasure) -> Erased:
        rows: Any = sa.literal_column("ctid")
        mine = sa.select(rows).select_from(table).where(table.c[name] == erasure.person).limit(AT_ONCE)
        held = sa.update(table).where(rows == sa.any_(sa.func.array(mine.scalar_subquery())))  # type: ignore[arg-type]
        return Erased((await tx.execute(held.values({name: erasure.stand_in}))).rowcount)

    return hand_over


# Sort → step. What others need to find their way to the person's rows goes after these; who the person was goes last.
STEPS: list[tuple[str, Step]] = [
    ("follows", end_follows),
    ("blocks", end_blocks),
    ("mutes", end_mutes_of),
    ("mutes", hand_over_muter),
    ("notifications", take_back_notifications),
    ("notifications", forget_entries),
    ("deliveries", forget_deliveries),
    ("images", hand_over_images),
    ("answers", forget_answers),
    *(("others", _handing_over(table, name)) for table, name in _HELD),
    *(("others", _emptying(table, name)) for table, name in _PLACES),
]
