"""Whom people may want to follow: one statement, which gathers the reasons and adds them up.

A reason is never what its reader may not know: people in between are those whom the reader meets, groups the reader's
own, tags those with which somebody wrote what the reader may see. Which tags others follow is told to nobody.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import active_clause, fellow_members, meetable_clause
from services.feed.domain.posts import id_at
from services.feed.domain.relations import Silence
from services.feed.domain.suggestions import (
    DEPARTMENT_WEIGHT,
    FOLLOWED_BY_WEIGHT,
    GROUP_WEIGHT,
    MOST_FOLLOWS,
    MOST_FRIENDS,
    MOST_MEMBERS,
    MOST_TAGS,
    MOST_USES,
    SHOWN_REASONS,
    TAG_WEIGHT,
    Suggestion,
)
from services.feed.store.posts import visible_post_clause
from services.feed.tables import follows, post_tags, posts
from services.feed.tables.relations import dismissals, people_facts, tag_follows

_NO_ID, _NO_TAG, _NO_TIME = sa.null().cast(sa.Uuid), sa.null().cast(sa.Text), sa.null().cast(sa.DateTime(timezone=True))


async def strongest(
    tx: AsyncConnection,
    sight: Sight,
    silence: Silence,
    since: datetime,
    after: tuple[int, UUID] | None,
    limit: int,
) -> list[Suggestion]:
    """The suggestions that come `after` one of a strength and person, strongest first; `since` bounds interests."""
    parts = [_followed_by(sight), _in_groups(sight), _in_department(sight), _with_interests(sight, since)]
    evidence = sa.union_all(*parts).cte("evidence")
    strength = sa.func.sum(evidence.c.weight).label("strength")
    added = sa.select(evidence.c.person, strength).group_by(evidence.c.person).subquery("added")
    chosen = sa.select(added).where(*_suggestable(sight, silence, added.c.person))
    if after is not None:
        chosen = chosen.where(sa.tuple_(-added.c.strength, added.c.person) > (-after[0], after[1]))
    ranked = chosen.order_by(added.c.strength.desc(), added.c.person).limit(limit).cte("ranked")
    query = sa.select(ranked.c.person, ranked.c.strength, *_reasons(evidence))
    query = query.join(evidence, evidence.c.person == ranked.c.person).group_by(ranked.c.person, ranked.c.strength)
    rows = await tx.execute(query.order_by(ranked.c.strength.desc(), ranked.c.person))
    return [_suggestion(row) for row in rows]


def _followed_by(sight: Sight) -> "sa.Select[Any]":
    """People whom those follow whom the viewer follows."""
    mine = follows.alias("mine")
    friends = sa.select(mine.c.followee.label("friend")).where(mine.c.follower == sight.viewer, mine.c.active)
    friends = friends.where(meetable_clause(sight, mine.c.followee)).order_by(mine.c.create_time.desc())
    known = friends.limit(MOST_FRIENDS).subquery("friends")
    theirs = sa.select(follows.c.followee, follows.c.create_time)
    theirs = theirs.where(follows.c.follower == known.c.friend, follows.c.active)
    newest = theirs.order_by(follows.c.create_time.desc()).limit(MOST_FOLLOWS).lateral("theirs")
    query = _evidence(newest.c.followee, FOLLOWED_BY_WEIGHT, friend=known.c.friend, moment=newest.c.create_time)
    return query.select_from(known.join(newest, sa.true()))


def _in_groups(sight: Sight) -> "sa.Select[Any]":
    fellows = fellow_members(sight, MOST_MEMBERS).subquery("fellows")
    return _evidence(fellows.c.person, GROUP_WEIGHT, group=fellows.c.group_id)


def _in_department(sight: Sight) -> "sa.Select[Any]":
    own = people_facts.alias("own")
    department = sa.select(own.c.department).where(own.c.person == sight.viewer).scalar_subquery()
    query = _evidence(people_facts.c.person, DEPARTMENT_WEIGHT, department=sa.true())
    return query.where(people_facts.c.department != "", people_facts.c.department == department)


def _with_interests(sight: Sight, since: datetime) -> "sa.Select[Any]":
    """People who lately used the tags that the viewer follows or lately used, in what the viewer may see."""
    oldest = id_at(since, "")
    own = posts.alias("own_posts")
    used = sa.select(sa.func.unnest(own.c.tags).label("tag"), own.c.create_time.label("moment"))
    used = used.where(own.c.author == sight.viewer, own.c.id >= oldest, own.c.delete_time.is_(None), ~own.c.removed)
    followed = sa.select(tag_follows.c.target, tag_follows.c.create_time)
    followed = followed.where(tag_follows.c.person == sight.viewer, tag_follows.c.active)
    both = sa.union_all(used, followed).subquery("both")
    tags = sa.select(both.c.tag).group_by(both.c.tag).order_by(sa.func.max(both.c.moment).desc(), both.c.tag)
    interests = tags.limit(MOST_TAGS).subquery("interests")
    uses = sa.select(post_tags.c.post).where(post_tags.c.tag == interests.c.tag, post_tags.c.post >= oldest)
    newest = uses.order_by(post_tags.c.post.desc()).limit(MOST_USES).lateral("uses")
    writers = sa.select(posts.c.author, interests.c.tag).distinct()
    writers = writers.select_from(interests.join(newest, sa.true()).join(posts, posts.c.id == newest.c.post))
    shared = writers.where(visible_post_clause(sight, newest.c.post)).subquery("shared")
    return _evidence(shared.c.author, TAG_WEIGHT, tag=shared.c.tag)


def _evidence(
    person: sa.ColumnElement[UUID],
    weight: int,
    *,
    friend: sa.ColumnElement[Any] = _NO_ID,
    moment: sa.ColumnElement[Any] = _NO_TIME,
    group: sa.ColumnElement[Any] = _NO_ID,
    tag: sa.ColumnElement[Any] = _NO_TAG,
    department: sa.ColumnElement[bool] | None = None,
) -> "sa.Select[Any]":
    """Rows of one reason each: whom it suggests, how strongly, and which of the sorts it is."""
    columns: dict[str, sa.ColumnElement[Any]] = {
        "person": person,
        "weight": sa.literal(weight),
        "friend": friend,
        "moment": moment,
        "group_id": group,
    }
    columns |= {"tag": tag, "department": sa.false() if department is None else department}
    return sa.select(*(column.label(name) for name, column in columns.items()))


def _suggestable(sight: Sight, silence: Silence, person: sa.ColumnElement[UUID]) -> list[sa.ColumnElement[bool]]:
    followed = sa.select(follows.c.followee).where(follows.c.follower == sight.viewer, follows.c.active)
    dismissed = sa.select(dismissals.c.target).where(dismissals.c.person == sight.viewer, dismissals.c.active)
    muted = [UUID(int=number) for number in sorted(silence.people)]
    return [
        person != sight.viewer,
        person.not_in(followed),
        person.not_in(dismissed),
        person != sa.all_(sa.literal(muted, ARRAY(sa.Uuid))),
        active_clause(person),
        meetable_clause(sight, person),
    ]


def _reasons(evidence: sa.CTE) -> list[sa.ColumnElement[Any]]:
    columns = evidence.c
    return [
        sa.func.count(columns.friend).label("followed_by_count"),
        _some(columns.friend, columns.moment.desc(), columns.friend).label("followed_by"),
        _some(columns.group_id, columns.group_id).label("shared_groups"),
        _some(columns.tag, columns.tag).label("shared_tags"),
        sa.func.bool_or(columns.department).label("same_department"),
    ]


def _some(column: sa.ColumnElement[Any], *order: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The first of the reasons of one sort."""
    found = sa.func.array_agg(aggregate_order_by(column, *order)).filter(column.is_not(None))
    too_many = sa.func.greatest(sa.func.cardinality(found) - SHOWN_REASONS, 0)
    return sa.func.coalesce(sa.func.trim_array(found, too_many), sa.literal_column("'{}'"))


def _suggestion(row: sa.Row[Any]) -> Suggestion:
    return Suggestion(
        person=row.person,
        strength=row.strength,
        followed_by_count=row.followed_by_count,
        followed_by=tuple(row.followed_by),
        shared_groups=tuple(row.shared_groups),
        shared_tags=tuple(row.shared_tags),
        same_department=row.same_department,
    )
