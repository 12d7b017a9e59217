"""Which groups somebody may like: one statement, which gathers the reasons and adds them up.

A reason is never what its reader may not know: people are members of open groups, whom everybody sees there, and
those whom the reader meets; tags are those of the reader's own groups.
"""

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import active_clause, meetable_clause
from services.groups.domain.discovery import (
    COLLEAGUE_WEIGHT,
    FELLOW_WEIGHT,
    MOST_COLLEAGUES,
    MOST_FELLOWS,
    MOST_MEMBERS,
    SHOWN_REASONS,
    TAG_WEIGHT,
    Reasons,
)
from services.groups.domain.groups import Visibility
from services.groups.store.discovery import LISTED
from services.groups.store.visible import Seen, seen, seen_groups
from services.groups.tables import groups
from services.groups.tables.contents import group_pages
from services.groups.tables.discovery import dismissals
from services.groups.tables.members import bans, invitations, members, requests
from services.groups.tables.people import people_facts

_NO_ID, _NO_TAG = sa.null().cast(sa.Uuid), sa.null().cast(sa.Text)
_access_people = sa.table(
    "people", sa.column("person", sa.Uuid), sa.column("segments", ARRAY(sa.Text)), schema="access"
).alias("access_member")


class Suggestion(NamedTuple):
    """A group and why."""

    seen: Seen
    reasons: Reasons


async def strongest(tx: AsyncConnection, sight: Sight, after: tuple[int, UUID] | None, limit: int) -> list[Suggestion]:
    """The suggestions that come `after` one of a strength and group, strongest first."""
    if sight.person is None:
        return []
    parts = [_of_fellows(sight), _of_colleagues(sight), _of_tags(sight)]
    evidence = sa.union_all(*parts).cte("evidence")
    added = sa.select(evidence.c.group_id, *_reasons(evidence)).group_by(evidence.c.group_id).cte("added")
    # Else it is added up anew for each group.
    added = added.prefix_with("MATERIALIZED")
    reasons = [column for column in added.c if column.name != "group_id"]
    query = seen_groups(sight).add_columns(*reasons).where(added.c.group_id == groups.c.id, *_suggestable(sight))
    if after is not None:
        query = query.where(sa.tuple_(added.c.strength, groups.c.id) < sa.tuple_(*after))
    rows = await tx.execute(query.order_by(added.c.strength.desc(), groups.c.id.desc()).limit(limit))
    return [_suggestion(row) for row in rows]


def _of_fellows(sight: Sight) -> "sa.Select[Any]":
    """Open groups of people who are in other groups with the viewer."""
    theirs, own = members.alias("theirs"), _own_groups(sight)
    small = sa.select(groups.c.id).where(groups.c.id.in_(own), groups.c.member_count <= MOST_MEMBERS)
    known = sa.select(theirs.c.person).distinct().where(theirs.c.group_id.in_(small), ~theirs.c.suspended)
    known = known.where(theirs.c.person != sight.viewer, *_seen_people(sight, theirs.c.person))
    fellows = known.order_by(theirs.c.person).limit(MOST_FELLOWS).subquery("fellows")
    return _open_groups(fellows.c.person, FELLOW_WEIGHT, fellow=True)


def _of_colleagues(sight: Sight) -> "sa.Select[Any]":
    """Open groups of people in the viewer's department."""
    others = people_facts.alias("others")
    known = sa.select(others.c.person).where(others.c.department != "", others.c.department == _department(sight))
    known = known.where(others.c.person != sight.viewer, *_seen_people(sight, others.c.person))
    colleagues = known.order_by(others.c.person).limit(MOST_COLLEAGUES).subquery("colleagues")
    return _open_groups(colleagues.c.person, COLLEAGUE_WEIGHT, fellow=False)


def _of_tags(sight: Sight) -> "sa.Select[Any]":
    """Groups that have tags in common with the viewer's own."""
    mine, theirs = group_pages.alias("my_pages"), group_pages.alias("their_pages")
    tags = sa.select(sa.func.unnest(mine.c.tags).label("tag")).where(mine.c.group_id.in_(_own_groups(sight)))
    own = tags.distinct().subquery("own_tags")
    shared = theirs.c.tags.contains(array([own.c.tag]))
    return _evidence(theirs.c.group_id, TAG_WEIGHT, tag=own.c.tag).select_from(theirs.join(own, shared))


def _open_groups(person: sa.ColumnElement[UUID], weight: int, *, fellow: bool) -> "sa.Select[Any]":
    """The open groups of people in a column, who are the reason."""
    theirs, place = members.alias("their_memberships"), groups.alias("their_groups")
    joined = theirs.join(place, place.c.id == theirs.c.group_id)
    who = {"fellow": person} if fellow else {"colleague": person}
    query = _evidence(theirs.c.group_id, weight, **who).select_from(joined)
    return query.where(theirs.c.person == person, ~theirs.c.suspended, place.c.visibility == Visibility.OPEN.value)


def _evidence(
    group: sa.ColumnElement[UUID],
    weight: int,
    *,
    fellow: sa.ColumnElement[Any] = _NO_ID,
    colleague: sa.ColumnElement[Any] = _NO_ID,
    tag: sa.ColumnElement[Any] = _NO_TAG,
) -> "sa.Select[Any]":
    """Rows of one reason each: which group it suggests, how strongly, and which of the sorts it is."""
    columns: dict[str, sa.ColumnElement[Any]] = {"group_id": group, "weight": sa.literal(weight)}
    columns |= {"fellow": fellow, "colleague": colleague, "tag": tag}
    return sa.select(*(column.label(name) for name, column in columns.items()))


def _suggestable(sight: Sight) -> list[sa.ColumnElement[bool]]:
    """Groups that may be joined or asked, to which the viewer stands in no relation yet."""
    assert sight.person is not None  # noqa: S101 # `strongest` has asked
    dismissed = sa.select(dismissals.c.group_id).where(dismissals.c.person == sight.viewer)
    kind = sa.literal(sight.person.kind, sa.SmallInteger)
    segments = sa.literal(list(sight.person.segments), ARRAY(sa.Text))
    none = sa.func.cardinality
    return [
        LISTED,  # type: ignore[list-item] # a text is a clause
        *(table.c.person.is_(None) for table in (members, requests, invitations, bans)),
        groups.c.id.not_in(dismissed),
        sa.or_(none(groups.c.kinds) == 0, kind == sa.any_(groups.c.kinds)),
        sa.or_(none(groups.c.departments) == 0, _department(sight) == sa.any_(groups.c.departments)),
        sa.or_(none(groups.c.segments) == 0, groups.c.segments.overlap(segments)),
        *_without_barriers(sight),
    ]


def _without_barriers(sight: Sight) -> list[sa.ColumnElement[bool]]:
    """That nobody is in a group whom law keeps apart from the viewer, who could not come in."""
    if not sight.blocked:
        return []
    inside, blocked = members.alias("inside"), sa.literal(sorted(sight.blocked), ARRAY(sa.Text))
    joined = inside.join(_access_people, _access_people.c.person == inside.c.person)
    apart = sa.select(sa.literal(1)).select_from(joined).where(inside.c.group_id == groups.c.id)
    return [~apart.where(_access_people.c.segments.overlap(blocked)).correlate(groups).exists()]


def _reasons(evidence: sa.CTE) -> list[sa.ColumnElement[Any]]:
    columns = evidence.c
    return [
        sa.func.sum(columns.weight).label("strength"),
        sa.func.count(columns.fellow).label("fellow_count"),
        _some(columns.fellow).label("fellows"),
        _some(columns.tag).label("shared_tags"),
        sa.func.count(columns.colleague).label("colleague_count"),
    ]


def _some(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The first of the reasons of one sort."""
    found = sa.func.array_agg(aggregate_order_by(column, column)).filter(column.is_not(None))
    too_many = sa.func.greatest(sa.func.cardinality(found) - SHOWN_REASONS, 0)
    return sa.func.coalesce(sa.func.trim_array(found, too_many), sa.literal_column("'{}'"))


def _own_groups(sight: Sight) -> "sa.Select[tuple[UUID]]":
    own = members.alias("own_memberships")
    return sa.select(own.c.group_id).where(own.c.person == sight.viewer, ~own.c.suspended)


def _department(sight: Sight) -> sa.ScalarSelect[Any]:
    own = people_facts.alias("own_facts")
    return sa.select(own.c.department).where(own.c.person == sight.viewer).scalar_subquery()


def _seen_people(sight: Sight, person: sa.ColumnElement[UUID]) -> list[sa.ColumnElement[bool]]:
    return [active_clause(person), meetable_clause(sight, person)]


def _suggestion(row: sa.Row[Any]) -> Suggestion:
    reasons = Reasons(
        strength=row.strength,
        fellow_count=row.fellow_count,
        fellows=tuple(row.fellows),
        shared_tags=tuple(row.shared_tags),
        colleague_count=row.colleague_count,
    )
    return Suggestion(seen(row), reasons)
