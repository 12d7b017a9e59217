"""The mail with what is new, in PostgreSQL: for which day it was planned, and what each person was told by it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.deliveries import TRIED_FOR, Channel
from services.feed.domain.notifications import Digest, Notification, NotificationSettings, cause_of
from services.feed.tables import posts
from services.feed.tables.delivery import digest_plan, digests
from services.feed.tables.notifications import articles
from services.feed.tables.notifications import notification_entries as entries

_PLAN = sa.text("""
    INSERT INTO deliveries (id, channel, recipient, subject, place, due_time, give_up_time, create_time)
    SELECT gen_random_uuid(), :channel, inboxes.recipient, :subject, :place, :moment, :give_up_time, :moment
    FROM inboxes
    LEFT JOIN notification_settings AS wanted ON wanted.person = inboxes.recipient
    LEFT JOIN digests ON digests.person = inboxes.recipient
    WHERE inboxes.newest > coalesce(digests.position, 0)
        AND coalesce(wanted.digest, :usual) = ANY(CAST(:due AS smallint[]))
    ON CONFLICT DO NOTHING""")


async def planned_day(tx: AsyncConnection, day: date) -> date | None:
    """Up to which day the mail was planned, locked; `day` when it never was. None when another process is planning."""
    await tx.execute(insert(digest_plan).values(one=True, day=day).on_conflict_do_nothing())
    query = sa.select(digest_plan.c.day).with_for_update(skip_locked=True)
    return (await tx.execute(query)).scalar()


async def plan(tx: AsyncConnection, day: date, due: Sequence[Digest], moment: datetime) -> None:
    """Makes a delivery for everybody who wants one of these mails and was told something since the last one."""
    await tx.execute(sa.update(digest_plan).values(day=day))
    facts = {"subject": cause_of("digests", day.isoformat()), "place": day.toordinal(), "moment": moment}
    facts |= {"give_up_time": moment + TRIED_FOR[Channel.MAIL], "channel": Channel.MAIL}
    usual = NotificationSettings.__dataclass_fields__["digest"].default
    await tx.execute(_PLAN, facts | {"due": list(due), "usual": usual})


async def position(tx: AsyncConnection, person: UUID) -> int:
    """Up to where in the inbox somebody was told by mail."""
    return (await tx.execute(sa.select(digests.c.position).where(digests.c.person == person))).scalar() or 0


async def keep_position(tx: AsyncConnection, person: UUID, told: int) -> None:
    """Keeps up to where in the inbox somebody was told by mail."""
    statement = insert(digests).values(person=person, position=told)
    newer = {"position": sa.func.greatest(digests.c.position, told)}
    await tx.execute(statement.on_conflict_do_update(index_elements=["person"], set_=newer))


async def inside_groups(tx: AsyncConnection, found: Sequence[Notification]) -> set[UUID]:
    """Which of these notifications tell of something in a group: its posts, its articles, its members."""
    root, original = posts.alias("root"), posts.alias("original")
    told = (
        entries.outerjoin(posts, posts.c.id == entries.c.post)
        .outerjoin(root, root.c.id == posts.c.root)
        .outerjoin(original, original.c.id == posts.c.reshare_of)
        .outerjoin(articles, articles.c.id == entries.c.article)
    )
    group = sa.func.coalesce(entries.c.group_id, root.c.group_id, original.c.group_id, articles.c.group_id)
    mine = entries.c.notification == sa.any_(sa.literal([known.id for known in found], ARRAY(sa.Uuid)))
    query = sa.select(entries.c.notification).select_from(told).where(mine, group.is_not(None)).distinct()
    inside = set((await tx.execute(query)).scalars())
    return inside | {known.id for known in found if known.subject.startswith("groups/")}
