"""Writing people's inboxes: what is new goes in, what was taken back goes out, each exactly once.

Whoever changes an inbox holds its row, and many of them in the order of their recipients; so positions rise in the
order of the commits, and who has read up to one has missed nothing.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.ids import new_id
from services.feed.domain.notifications import Entry
from services.feed.tables import posts as posts_table
from services.feed.tables.notifications import notification_entries, notification_settings

Row = sa.Row[Any]

_BEGIN = sa.text("""
    INSERT INTO inboxes (recipient) SELECT unnest(CAST(:recipients AS uuid[])) ON CONFLICT DO NOTHING""")
_LOCK = sa.text("""
    SELECT 1 FROM inboxes WHERE recipient = ANY(CAST(:recipients AS uuid[])) ORDER BY recipient FOR UPDATE""")
# In one statement: what is not known yet joins the unread notification of its kind and subject, or begins one, which
# takes the next place in the inbox.
_ADD = sa.text("""
    WITH wanted AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:recipients AS uuid[]), CAST(:kinds AS smallint[]), CAST(:causes AS uuid[]),
            CAST(:subjects AS text[]), CAST(:moments AS timestamptz[]), CAST(:actors AS uuid[]),
            CAST(:posts AS uuid[]), CAST(:articles AS uuid[]), CAST(:groups AS uuid[]), CAST(:things AS text[])
        ) AS w (id, recipient, kind, cause, subject, moment, actor, post, article, group_id, thing)
    ), fresh AS (
        SELECT * FROM wanted WHERE NOT EXISTS (
            SELECT 1 FROM notification_entries known
            WHERE known.recipient = wanted.recipient AND known.cause = wanted.cause
        )
    ), touched AS (
        SELECT (array_agg(id))[1] AS id, recipient, kind, subject,
            row_number() OVER (PARTITION BY recipient ORDER BY max(moment), kind, subject) AS place
        FROM fresh GROUP BY recipient, kind, subject
    ), counted AS (
        SELECT recipient, count(*) AS places FROM touched GROUP BY recipient
    ), moved AS (
        UPDATE inboxes SET changed = changed + places, newest = changed + places FROM counted
        WHERE inboxes.recipient = counted.recipient
        RETURNING inboxes.recipient, changed - places AS before
    ), open AS (
        INSERT INTO notifications (id, recipient, kind, subject, position)
        SELECT id, recipient, kind, subject, before + place FROM touched JOIN moved USING (recipient)
        ON CONFLICT (recipient, kind, subject) WHERE NOT read DO UPDATE SET position = excluded.position
        RETURNING id AS notification, recipient, kind, subject, position
    )
    INSERT INTO notification_entries
        (recipient, cause, notification, kind, position, moment, actor, post, article, group_id, thing)
    SELECT recipient, cause, notification, kind, position, moment, actor, post, article, group_id, thing
    FROM fresh JOIN open USING (recipient, kind, subject)""")
_TAKE_BACK = sa.text("""
    WITH gone AS (
        DELETE FROM notification_entries entry
        USING unnest(CAST(:recipients AS uuid[]), CAST(:causes AS uuid[])) AS key (recipient, cause)
        WHERE entry.recipient = key.recipient AND entry.cause = key.cause
        RETURNING entry.recipient, entry.notification
    ), moved AS (
        UPDATE inboxes SET changed = changed + 1 WHERE recipient IN (SELECT recipient FROM gone)
    )
    SELECT DISTINCT notification FROM gone""")
_DROP_EMPTY = sa.text("""
    DELETE FROM notifications WHERE id = ANY(CAST(:ids AS uuid[]))
        AND NOT EXISTS (SELECT 1 FROM notification_entries WHERE notification = notifications.id)""")
_STEP_BACK = sa.text("""
    UPDATE notifications SET position = rest.position FROM (
        SELECT notification, max(position) AS position FROM notification_entries
        WHERE notification = ANY(CAST(:ids AS uuid[])) GROUP BY notification
    ) AS rest WHERE id = rest.notification AND notifications.position <> rest.position""")

_TOUCH = sa.text("""
    UPDATE inboxes SET changed = changed + 1 WHERE recipient = ANY(CAST(:recipients AS uuid[]))""")


async def settle(
    tx: AsyncConnection,
    wanted: Sequence[Entry],
    gone: Sequence[tuple[UUID, UUID]] = (),
    touched: Collection[UUID] = (),
) -> None:
    """Takes back what is `gone`, (recipient, cause) each, and adds what is wanted and not there yet.

    `wanted` has at most one entry for each recipient and cause; `touched` are people who see more or less than before.
    """
    recipients = sorted({entry.recipient for entry in wanted} | {recipient for recipient, _ in gone} | set(touched))
    if not recipients:
        return
    await tx.execute(_BEGIN, {"recipients": recipients})
    await tx.execute(_LOCK, {"recipients": recipients})
    if touched:
        await tx.execute(_TOUCH, {"recipients": list(touched)})
    if gone:
        await _take_back(tx, gone)
    if wanted:
        await tx.execute(_ADD, _columns(wanted))


async def _take_back(tx: AsyncConnection, gone: Sequence[tuple[UUID, UUID]]) -> None:
    recipients, causes = zip(*gone, strict=True)
    found = await tx.execute(_TAKE_BACK, {"recipients": list(recipients), "causes": list(causes)})
    ids = list(found.scalars())
    if ids:
        await tx.execute(_DROP_EMPTY, {"ids": ids})
        await tx.execute(_STEP_BACK, {"ids": ids})


async def told_of(
    tx: AsyncConnection, *, causes: Sequence[UUID] = (), posts: Sequence[UUID] = (), articles: Sequence[UUID] = ()
) -> list[Row]:
    """Rows (recipient, cause, kind, post, article) of the entries with these causes, or about these things."""
    entries = notification_entries.c
    query = sa.select(entries.recipient, entries.cause, entries.kind, entries.post, entries.article)
    about = [(entries.cause, causes), (entries.post, posts), (entries.article, articles)]
    some = [column == sa.any_(sa.literal(list(ids), ARRAY(sa.Uuid))) for column, ids in about if ids]
    return list(await tx.execute(query.where(sa.or_(*some)))) if some else []


async def recipients_of(tx: AsyncConnection, post: UUID) -> list[UUID]:
    """Who was told of a post, of what stands under it, or of those who passed it on."""
    columns = posts_table.c
    # Each in the words of its index.
    under = sa.select(columns.id).where(columns.root == post, columns.reply_to.is_not(None))
    passing_on = sa.select(columns.id).where(columns.reshare_of == post, columns.delete_time.is_(None))
    concerned = sa.union_all(sa.select(sa.literal(post, sa.Uuid)), under, passing_on)
    query = sa.select(notification_entries.c.recipient).where(notification_entries.c.post.in_(concerned)).distinct()
    return list((await tx.execute(query)).scalars())


async def muted_kinds(tx: AsyncConnection, people: Sequence[UUID]) -> set[tuple[UUID, int]]:
    """What these people muted, as pairs of a person and a kind."""
    settings = notification_settings.c
    mine = settings.person == sa.any_(sa.literal(list(people), ARRAY(sa.Uuid)))
    query = sa.select(settings.person, sa.func.unnest(settings.muted_kinds)).where(mine)
    return {(person, kind) for person, kind in await tx.execute(query)}


def _columns(entries: Sequence[Entry]) -> dict[str, list[Any]]:
    return {
        "ids": [new_id() for _ in entries],
        "recipients": [entry.recipient for entry in entries],
        "kinds": [int(entry.kind) for entry in entries],
        "causes": [entry.cause for entry in entries],
        "subjects": [entry.subject for entry in entries],
        "moments": [entry.moment for entry in entries],
        "actors": [entry.actor for entry in entries],
        "posts": [entry.post for entry in entries],
        "articles": [entry.article for entry in entries],
        "groups": [entry.group for entry in entries],
        "things": [entry.thing for entry in entries],
    }
