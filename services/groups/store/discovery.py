"""Finding groups. Each list is one statement, which leaves out what the viewer may not know where it looks: in the
index of words by marks, in those of size and age since secret groups are not in them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.groups.domain.groups import Visibility
from services.groups.store.visible import Seen, seen, seen_groups
from services.groups.tables import groups
from services.groups.tables.discovery import dismissals, group_texts
from services.groups.tables.members import invitations, members

# The mark of all groups but secret ones, and the sign before the ids of those (migration 0002).
FOUND, SECRET = "'!found'", "%"
# Of ts_rank: what is found in a short text is found better than what is found in a long one.
_BY_LENGTH = 1
# As the indexes have it, so that they are used.
LISTED = sa.text(
    "groups.visibility <> 3 AND groups.archive_time IS NULL AND groups.delete_time IS NULL "
    "AND NOT groups.hidden AND NOT groups.removed"
)


class Found(NamedTuple):
    """A group, and where a list goes on after it."""

    seen: Seen
    place: Any


async def visible_matching(
    tx: AsyncConnection, sight: Sight, words: Sequence[str], after: tuple[float, UUID] | None, limit: int
) -> list[Found]:
    """The groups that have all the words, best first, with their ranks; of equals the newest."""
    text = sa.func.search_query(sa.literal(list(words), ARRAY(sa.Text)))
    marks = [FOUND, *(f"'{SECRET}{id_}'" for id_ in await _own_secrets(tx, sight))]
    sought = text.op("&&")(sa.cast(sa.literal(" | ".join(marks)), TSQUERY))
    rank = sa.cast(sa.func.ts_rank(group_texts.c.vector, text, _BY_LENGTH), sa.REAL)
    query = seen_groups(sight).add_columns(rank.label("place")).where(group_texts.c.group_id == groups.c.id)
    query = query.where(group_texts.c.vector.op("@@")(sought))
    if after is not None:
        last = sa.tuple_(sa.cast(after[0], sa.REAL), sa.literal(after[1], sa.Uuid))
        query = query.where(sa.tuple_(rank, groups.c.id) < last)
    return await _found(tx, query.order_by(rank.desc(), groups.c.id.desc()).limit(limit))


async def own(tx: AsyncConnection, sight: Sight, after: tuple[str, UUID] | None, limit: int) -> list[Found]:
    """The groups of which the viewer is a member, by title."""
    title = sa.func.lower(groups.c.title)
    query = seen_groups(sight).add_columns(title.label("place"))
    query = query.where(members.c.person == sight.viewer, ~members.c.suspended)
    if after is not None:
        query = query.where(sa.tuple_(title, groups.c.id) > sa.tuple_(*after))
    return await _found(tx, query.order_by(title, groups.c.id).limit(limit))


async def visible_popular(tx: AsyncConnection, sight: Sight, after: tuple[int, UUID] | None, limit: int) -> list[Found]:
    """Open and closed groups, the largest first."""
    query = seen_groups(sight).add_columns(groups.c.member_count.label("place")).where(LISTED)
    if after is not None:
        query = query.where(sa.tuple_(groups.c.member_count, groups.c.id) < sa.tuple_(*after))
    return await _found(tx, query.order_by(groups.c.member_count.desc(), groups.c.id.desc()).limit(limit))


async def visible_new(tx: AsyncConnection, sight: Sight, after: UUID | None, limit: int) -> list[Found]:
    """Open and closed groups, the one that was founded last first."""
    query = seen_groups(sight).add_columns(sa.null().label("place")).where(LISTED)
    if after is not None:
        query = query.where(groups.c.id < after)
    return await _found(tx, query.order_by(groups.c.id.desc()).limit(limit))


async def dismiss(tx: AsyncConnection, person: UUID, group: UUID) -> None:
    """Keeps that somebody does not want a group suggested."""
    await tx.execute(insert(dismissals).values(person=person, group_id=group).on_conflict_do_nothing())


async def _own_secrets(tx: AsyncConnection, sight: Sight) -> list[UUID]:
    """The secret groups of which the viewer knows."""
    known = [
        sa.select(table.c.group_id).where(table.c.person == sight.viewer).subquery() for table in (members, invitations)
    ]
    query = sa.select(groups.c.id).where(groups.c.visibility == Visibility.SECRET.value)
    query = query.where(sa.or_(*(groups.c.id.in_(sa.select(table.c.group_id)) for table in known)))
    return list((await tx.execute(query)).scalars())


async def _found(tx: AsyncConnection, query: "sa.Select[Any]") -> list[Found]:
    return [Found(seen(row), row.place) for row in await tx.execute(query)]
