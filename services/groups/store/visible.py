"""Who may know of a group, as SQL, and how the viewer stands to it."""

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import unblocked_clause
from services.groups.domain.groups import Group, History, JoinRule, Visibility
from services.groups.domain.members import Role, Standing
from services.groups.tables import groups, handles
from services.groups.tables.members import bans, invitations, members, requests

Row = sa.Row[Any]


class Seen(NamedTuple):
    """A group, and how somebody stands to it who may know of it."""

    group: Group
    standing: Standing


def seen_groups(sight: Sight) -> "sa.Select[Any]":
    """The groups that the viewer may know of, for `seen` to read. The caller adds which of them, and in what order."""
    return _groups_of(sight.viewer, unblocked_clause(sight, invitations.c.inviter)).where(_known(sight))


def _groups_of(person: UUID, invited: sa.ColumnElement[bool]) -> "sa.Select[Any]":
    """All groups, and how somebody stands to each; an invitation counts where it is `invited`."""
    mine = [
        (table, sa.and_(table.c.group_id == groups.c.id, table.c.person == person, rule))
        for table, rule in ((members, sa.true()), (requests, sa.true()), (invitations, invited), (bans, sa.true()))
    ]
    joined: sa.FromClause = groups
    for table, own in mine:
        joined = joined.outerjoin(table, own)
    standing = [
        members.c.role,
        sa.func.coalesce(members.c.suspended, False).label("suspended"),
        requests.c.person.is_not(None).label("requested"),
        invitations.c.inviter.label("invited_by"),
        bans.c.person.is_not(None).label("banned"),
    ]
    return sa.select(groups, *standing).select_from(joined)


def _known(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer may know of a group that is joined with what concerns the viewer."""
    if not sight.active:
        return sa.false()
    member = sa.and_(members.c.person.is_not(None), ~members.c.suspended)
    found = groups.c.visibility != Visibility.SECRET.value
    if sight.blocked:
        blocked = sa.literal(sorted(sight.blocked), ARRAY(sa.Text))
        found = sa.and_(found, ~groups.c.segments.overlap(blocked))
    withdrawn = sa.or_(groups.c.hidden, groups.c.delete_time.is_not(None))
    known = sa.or_(member, found, invitations.c.person.is_not(None))
    owner = sa.and_(member, members.c.role == Role.OWNER.value)
    return sa.and_(~groups.c.removed, sa.or_(owner, sa.and_(known, ~withdrawn)))


async def visible_group(tx: AsyncConnection, sight: Sight, group: Any) -> Seen | None:
    """The group of this id, or of this handle, which it may have had before."""
    id_ = group
    if isinstance(group, str):
        id_ = sa.select(handles.c.group_id).where(handles.c.handle == group).scalar_subquery()
    found = (await tx.execute(seen_groups(sight).where(groups.c.id == id_))).first()
    return seen(found) if found else None


async def visible_groups(tx: AsyncConnection, sight: Sight, ids: Any) -> dict[Any, Seen]:
    """Those of these groups that the viewer may know of, by id."""
    found = await tx.execute(seen_groups(sight).where(groups.c.id.in_(ids)))
    return {row.id: seen(row) for row in found}


async def group_with(tx: AsyncConnection, sight: Sight, id_: UUID) -> Seen | None:
    """A group, and how the viewer stands to it, whoever may know of it."""
    invited = unblocked_clause(sight, invitations.c.inviter)
    found = (await tx.execute(_groups_of(sight.viewer, invited).where(groups.c.id == id_))).first()
    return seen(found) if found else None


def seen(row: Row) -> Seen:
    """A row of `seen_groups`."""
    role = Role(row.role) if row.role else None
    return Seen(group_of(row), Standing(role, row.suspended, row.requested, row.invited_by, row.banned))


def group_of(row: Row) -> Group:
    """A row of the table `groups`."""
    return Group(
        row.id,
        row.title,
        row.handle,
        Visibility(row.visibility),
        History(row.history),
        JoinRule(tuple(row.kinds), tuple(row.departments), tuple(row.segments)),
        row.founder,
        row.create_time,
        row.update_time,
        row.member_count,
        row.archive_time,
        row.delete_time,
        row.purge_time,
        row.hidden,
        row.removed,
        row.revision,
        row.version,
    )
