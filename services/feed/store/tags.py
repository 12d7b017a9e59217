"""Tags of posts, as somebody may know of them: those in posts for everyone whose authors the viewer may meet."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.feed.domain.spans import OLDEST, first_id
from services.feed.domain.trends import DAYS_BEFORE, LEAST_PEOPLE, Usage
from services.feed.store.posts import roots
from services.feed.tables import post_tags, posts

DAY = timedelta(days=1)
_LAST = chr(0x10FFFF)


async def usages(tx: AsyncConnection, sight: Sight, now: datetime) -> list[Usage]:
    """Who used each tag in the last 24 hours and in the 14 days before, of those that enough people used lately.

    It is the same for all from whom the same segments are kept apart: nobody's own posts are treated otherwise.
    """
    everyone = Sight(OLDEST, sight.person, sight.blocked, frozenset(), {}, None)
    tagged = sa.func.unnest(posts.c.tags).table_valued(sa.column("tag", sa.Text), name="tagged").render_derived()
    recent = posts.c.id >= first_id(now - DAY)
    days_ago = sa.func.floor(sa.extract("epoch", now - posts.c.create_time) / DAY.total_seconds())
    people = sa.func.count(posts.c.author.distinct()).filter(recent)
    query = (
        sa.select(
            tagged.c.tag,
            people.label("people"),
            sa.func.count().filter(recent).label("posts"),
            sa.func.count(sa.tuple_(posts.c.author, days_ago).distinct()).filter(~recent).label("people_before"),
        )
        .select_from(posts.join(tagged, sa.true()))
        .where(posts.c.id >= first_id(now - (DAYS_BEFORE + 1) * DAY), posts.c.reply_to.is_(None))
        .where(*_for_everyone(posts), posts.c.delete_time.is_(None), meetable_clause(everyone, posts.c.author))
        .group_by(tagged.c.tag)
        .having(people >= LEAST_PEOPLE)
    )
    return [Usage(row.tag, row.people, row.posts, row.people_before) for row in await tx.execute(query)]


async def visible_beginning(tx: AsyncConnection, sight: Sight, prefix: str, after: str, limit: int) -> list[str]:
    """Tags that begin so, in the order of their code points, after one of them. It steps from tag to tag."""
    known = sa.collate(post_tags.c.tag, "C")
    step = sa.select(known.label("tag")).where(known >= prefix, known < prefix + _LAST).order_by(known).limit(1)
    begun = (step.where(known > after) if after else step).subquery("begun")
    tags = sa.select(begun.c.tag).cte("tags", recursive=True)
    following = step.where(known > tags.c.tag).scalar_subquery()
    tags = tags.union_all(sa.select(following).where(tags.c.tag.is_not(None)))
    query = sa.select(tags.c.tag).where(tags.c.tag.is_not(None), _is_seen(sight, tags.c.tag)).limit(limit)
    return list((await tx.execute(query)).scalars())


def _is_seen(sight: Sight, tag: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a post or reply for everyone has it, of somebody whom the viewer may meet."""
    tagged = post_tags.join(posts, posts.c.id == post_tags.c.post).join(roots, roots.c.id == posts.c.root)
    query = sa.select(sa.literal(1)).select_from(tagged)
    query = query.where(post_tags.c.tag == tag, *_for_everyone(roots), posts.c.delete_time.is_(None))
    query = query.where(~posts.c.hidden, ~posts.c.removed)
    return query.where(meetable_clause(sight, roots.c.author), meetable_clause(sight, posts.c.author)).exists()


def _for_everyone(root: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """Roots that are open to all and in their place; a tombstone has no tags, but the replies under it do."""
    columns = root.c
    return [sa.func.cardinality(columns.kinds) == 0, columns.group_id.is_(None), ~columns.hidden, ~columns.removed]
