"""Who may see what is in a group, as SQL: decided on the group, in the statement that reads."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.groups.domain.groups import History
from services.groups.domain.members import Role
from services.groups.tables import groups
from services.groups.tables.contents import files, gatherings
from services.groups.tables.members import members
from services.groups.wire import contents as wire
from services.groups.wire import id_in
from services.groups.wire.events import Told

# The group first, as those who take people out do.
_HOLD = sa.text("""
    SELECT FROM members JOIN groups ON groups.id = members.group_id
    WHERE members.group_id = :group AND members.person = :person
    FOR KEY SHARE OF groups FOR SHARE OF members""")
_TABLES = {"files": files, "events": gatherings}
Truth = sa.ColumnElement[bool]


@dataclass(frozen=True)
class ContentColumns:
    """The columns that decide about something in a group. `author` is empty where nobody is the author any more."""

    group: sa.ColumnElement[UUID]
    author: sa.ColumnElement[Any]
    create_time: sa.ColumnElement[Any]
    hidden: Truth
    removed: Truth


def columns_of(table: sa.Table, author: str) -> ContentColumns:
    """Those of a table in which they are called as in the others."""
    column = table.c
    return ContentColumns(column.group_id, column[author], column.create_time, column.hidden, column.removed)


def visible_content(sight: Sight, content: ContentColumns) -> Truth:
    """Whether the viewer may see something in a group.

    Members may, but not what is older than their membership where the group shows no past; of a group that is withdrawn
    its owners alone. What is hidden its author sees, what is removed nobody. A block keeps nothing from keepers.
    """
    if sight.person is None or not sight.active:
        return sa.false()
    own = content.author.is_not_distinct_from(sight.viewer)
    met = sa.or_(content.author.is_(None), meetable_clause(sight, content.author))
    if sight.apart:
        keeper = _member(sight.viewer, content, Role.KEEPER)
        met = sa.or_(met, sa.and_(keeper, meetable_clause(sight.despite_blocks(), content.author)))
    return sa.and_(sa.or_(~content.hidden, own), ~content.removed, met, _member(sight.viewer, content))


def _member(viewer: UUID, content: ContentColumns, least: Role = Role.MEMBER) -> Truth:
    stands = sa.and_(~groups.c.hidden, groups.c.delete_time.is_(None))
    past = sa.or_(groups.c.history == History.ALL.value, content.create_time >= members.c.join_time)
    query = sa.select(sa.literal(1)).select_from(members.join(groups, groups.c.id == members.c.group_id))
    query = query.where(members.c.person == viewer, members.c.group_id == content.group, ~members.c.suspended)
    query = query.where(members.c.role >= least.value)
    owner = members.c.role == Role.OWNER.value
    return query.where(~groups.c.removed, sa.or_(owner, stands), past).correlate_except(members, groups).exists()


async def judge(tx: AsyncConnection, name: str, *, hidden: bool, removed: bool) -> list[Told]:
    """Keeps what moderation decided about a file or an event; nothing is told when that changes nothing."""
    table = _TABLES.get(name.split("/")[2])
    if table is None:
        return []
    as_before = sa.and_(table.c.hidden == hidden, table.c.removed == removed)
    judged = sa.update(table).where(table.c.id == id_in(name), ~as_before).values(hidden=hidden, removed=removed)
    found = (await tx.execute(judged.returning(table.c.revision))).first()
    return [wire.judged(name, found.revision, hidden=hidden or removed)] if found else []


async def hold_membership(tx: AsyncConnection, group: UUID, person: UUID) -> None:
    """Lets nobody take the membership away, if there is one, until the transaction ends. Nobody else waits for it."""
    await tx.execute(_HOLD, {"group": group, "person": person})
