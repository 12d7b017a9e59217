"""Who may see what, as SQL: the rules of `chassis.access` as clauses, and the replica's tables kept up to date.

Clauses decide in the statement that reads, so that nothing is fetched first and checked later. They always look the
author up in `access.people`, by its key: an author of whom identity has not told yet may be behind any barrier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from plein.chassis.v1.audience_pb2 import BarriersChanged, PersonAccessChanged, ServiceAccountAccessChanged
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.events import Reactions, on
from chassis.resources import Resources
from chassis.viewer import ACCOUNTS

_people = sa.table(
    "people",
    sa.column("person", sa.Uuid),
    sa.column("segments", ARRAY(sa.Text)),
    sa.column("active", sa.Boolean),
    schema="access",
).alias("access_people")
_memberships = sa.table(
    "memberships",
    sa.column("group_id", sa.Uuid),
    sa.column("person", sa.Uuid),
    sa.column("since", sa.DateTime(timezone=True)),
    sa.column("active", sa.Boolean),
    schema="access",
).alias("access_memberships")

Truth = sa.ColumnElement[bool]


@dataclass(frozen=True)
class RootColumns:
    """The columns that decide about a root: uuid, smallint[], timestamptz, and if there are any, uuid and booleans."""

    author: sa.ColumnElement[UUID]
    kinds: sa.ColumnElement[Sequence[int]]
    create_time: sa.ColumnElement[datetime]
    group: sa.ColumnElement[UUID] | None = None
    hidden: sa.ColumnElement[bool] | None = None
    removed: sa.ColumnElement[bool] | None = None


def visible_clause(sight: Sight, root: RootColumns) -> Truth:
    """Whether the viewer may see a root: `Sight.sees` in SQL."""
    if sight.person is None or not sight.active:
        return sa.false()
    own = root.author == sight.viewer
    kind = sa.literal(sight.person.kind, sa.SmallInteger)
    meant = sa.or_(sa.func.cardinality(root.kinds) == 0, kind == sa.any_(root.kinds), own)
    rules = [meetable_clause(sight, root.author), meant]
    if root.hidden is not None:
        rules.append(sa.or_(~root.hidden, own))
    if root.removed is not None:
        rules.append(~root.removed)
    if root.group is not None:
        member = _member(sight.viewer, root.group, root.create_time) if sight.hears_groups else sa.false()
        rules.append(sa.or_(root.group.is_(None), member))
    return sa.and_(*rules)


def visible_under_clause(
    sight: Sight,
    root: RootColumns,
    author: sa.ColumnElement[UUID],
    hidden: Truth | None = None,
    removed: Truth | None = None,
) -> Truth:
    """Whether the viewer may see what `author` added under a root: `Sight.sees_under` in SQL."""
    rules = [visible_clause(sight, root), meetable_clause(sight, author)]
    if hidden is not None:
        rules.append(sa.or_(~hidden, author == sight.viewer))
    if removed is not None:
        rules.append(~removed)
    return sa.and_(*rules)


def meetable_clause(sight: Sight, person: sa.ColumnElement[UUID]) -> Truth:
    """Whether no barrier and no block stands between the viewer and the person in a column: `Sight.meets` in SQL."""
    if sight.person is None:
        return sa.false()
    known = sa.select(sa.literal(1)).where(_people.c.person == person)
    if sight.blocked:
        blocked = sa.literal(sorted(sight.blocked), ARRAY(sa.Text))
        known = known.where(sa.or_(~_people.c.segments.overlap(blocked), _people.c.person == sight.viewer))
    return known.where(unblocked_clause(sight, _people.c.person)).exists()


def unblocked_clause(sight: Sight, person: sa.ColumnElement[UUID]) -> Truth:
    """Whether no block stands between the viewer and the person in a column, whatever barriers do."""
    if not sight.apart:
        return sa.true()
    return person != sa.all_(sa.literal([UUID(int=number) for number in sorted(sight.apart)], ARRAY(sa.Uuid)))


def active_clause(person: sa.ColumnElement[UUID]) -> Truth:
    """Whether the person in a column is one who may come in."""
    return sa.select(sa.literal(1)).where(_people.c.person == person, _people.c.active).exists()


def fellow_members(sight: Sight, most_members: int) -> "sa.Select[tuple[UUID, UUID]]":
    """(person, group_id) of the others in the viewer's groups of no more members than that."""
    viewer = sight.viewer
    mine, others, all_of_them = (_memberships.alias(name) for name in ("mine", "others", "all_of_them"))
    members = sa.select(sa.func.count()).where(all_of_them.c.group_id == mine.c.group_id, all_of_them.c.active)
    chosen = sa.select(mine.c.group_id).where(mine.c.person == viewer, mine.c.active)
    chosen = chosen.where(members.scalar_subquery() <= most_members)
    query = sa.select(others.c.person, others.c.group_id).where(others.c.group_id.in_(chosen), others.c.active)
    return query.where(others.c.person != viewer, sa.true() if sight.hears_groups else sa.false())


def member_clause(person: sa.ColumnElement[UUID], group: sa.ColumnElement[UUID]) -> Truth:
    """Whether the person in one column is a member of the group in another: `Sight.belongs` in SQL."""
    membership = _memberships.c
    mine = sa.select(sa.literal(1)).where(membership.person == person, membership.group_id == group, membership.active)
    return mine.exists()


def _member(viewer: UUID, group: sa.ColumnElement[UUID], create_time: sa.ColumnElement[datetime]) -> Truth:
    membership = _memberships.c
    since = sa.or_(membership.since.is_(None), create_time >= membership.since)
    mine = sa.select(sa.literal(1)).where(membership.person == viewer, membership.group_id == group)
    return mine.where(membership.active, since).exists()


# Each table has a clock, whose row is locked until the writer commits. So rows become visible in the order of
# `changed`, and who has read up to a number has missed nothing.
def _tick(clock: str) -> str:
    return f"WITH clock AS (UPDATE access.clocks SET ticks = ticks + 1 WHERE name = '{clock}' RETURNING ticks)"


_KEEP_PERSON = sa.text(f"""
    {_tick("people")}
    INSERT INTO access.people (person, kind, segments, active, epoch, changed)
    VALUES (:person, :kind, :segments, :active, :epoch, (SELECT ticks FROM clock))
    ON CONFLICT (person) DO UPDATE SET kind = excluded.kind, segments = excluded.segments, active = excluded.active,
        epoch = excluded.epoch, changed = excluded.changed""")
_KEEP_ACCOUNT = sa.text(f"""
    {_tick("accounts")}
    INSERT INTO access.accounts (account, owner, scopes, active, epoch, changed)
    VALUES (:account, :owner, :scopes, :active, :epoch, (SELECT ticks FROM clock))
    ON CONFLICT (account) DO UPDATE SET owner = excluded.owner, scopes = excluded.scopes, active = excluded.active,
        epoch = excluded.epoch, changed = excluded.changed""")
_KEEP_MEMBERSHIP = sa.text(f"""
    {_tick("memberships")}
    INSERT INTO access.memberships (group_id, person, since, active, changed)
    VALUES (:group, :person, :since, :active, (SELECT ticks FROM clock))
    ON CONFLICT (person, group_id) DO UPDATE
        SET since = excluded.since, active = excluded.active, changed = excluded.changed""")
_KEEP_BLOCK = sa.text(f"""
    {_tick("blocks")}
    INSERT INTO access.blocks (person, other, active, changed)
    VALUES (:person, :other, :active, (SELECT ticks FROM clock))
    ON CONFLICT (person, other) DO UPDATE SET active = excluded.active, changed = excluded.changed""")
_KEEP_MUTE = sa.text(f"""
    {_tick("mutes")}
    INSERT INTO access.mutes (person, until, changed) VALUES (:person, :until, (SELECT ticks FROM clock))
    ON CONFLICT (person) DO UPDATE SET until = excluded.until, changed = excluded.changed""")
_DROP_GROUP = sa.text(f"""
    {_tick("memberships")}
    UPDATE access.memberships SET active = false, since = NULL, changed = (SELECT ticks FROM clock)
    WHERE group_id = :group AND active""")
_MEMBERS = sa.text("SELECT person FROM access.memberships WHERE group_id = :group AND active")
_DROP_BARRIERS = sa.text(f"{_tick('barriers')} DELETE FROM access.barriers")
_KEEP_BARRIERS = sa.text("""
    INSERT INTO access.barriers (segment, other_segment)
    SELECT * FROM unnest(CAST(:segments AS text[]), CAST(:others AS text[]))""")


async def keep_person(tx: AsyncConnection, event: PersonAccessChanged) -> None:
    """Keeps what decides about a person. Telling it again changes nothing."""
    person: dict[str, Any] = {"person": UUID(event.person.removeprefix("people/")), "kind": event.kind}
    person |= {"segments": sorted(event.segments), "active": event.active, "epoch": event.epoch}
    await tx.execute(_KEEP_PERSON, person)


async def keep_account(tx: AsyncConnection, event: ServiceAccountAccessChanged) -> None:
    """Keeps what decides about a service account. Telling it again changes nothing."""
    account: dict[str, Any] = {"account": UUID(event.account.removeprefix(ACCOUNTS))}
    account |= {"owner": UUID(event.owner.removeprefix("people/")), "scopes": sorted(event.scopes)}
    await tx.execute(_KEEP_ACCOUNT, account | {"active": event.active, "epoch": event.epoch})


async def keep_barriers(tx: AsyncConnection, event: BarriersChanged) -> None:
    """Puts the policy that was told in the place of the old one, each pair in both directions."""
    told = [(barrier.segment, barrier.other_segment) for barrier in event.barriers]
    pairs = sorted({*told, *((other, segment) for segment, other in told)})
    await tx.execute(_DROP_BARRIERS)
    values = {"segments": [segment for segment, _ in pairs], "others": [other for _, other in pairs]}
    await tx.execute(_KEEP_BARRIERS, values)


async def keep_membership(tx: AsyncConnection, group: UUID, person: UUID, since: datetime | None = None) -> None:
    """Keeps that somebody is a member; with `since`, one who sees only what was written from then on."""
    membership = {"group": group, "person": person, "since": since, "active": True}
    await tx.execute(_KEEP_MEMBERSHIP, membership)


async def drop_membership(tx: AsyncConnection, group: UUID, person: UUID) -> None:
    """Keeps that somebody is no member. The row stays, to tell it to the other processes."""
    await tx.execute(_KEEP_MEMBERSHIP, {"group": group, "person": person, "since": None, "active": False})


async def keep_block(tx: AsyncConnection, person: UUID, other: UUID) -> None:
    """Keeps that a person blocks another one, so that the two do not meet, in either direction."""
    await tx.execute(_KEEP_BLOCK, {"person": person, "other": other, "active": True})


async def drop_block(tx: AsyncConnection, person: UUID, other: UUID) -> None:
    """Keeps that a person blocks another one no more. They may still be apart, for the other's block or a barrier."""
    await tx.execute(_KEEP_BLOCK, {"person": person, "other": other, "active": False})


async def keep_mute(tx: AsyncConnection, person: UUID, until: datetime) -> None:
    """Keeps that somebody may not speak before a moment, in place of what was told before."""
    await tx.execute(_KEEP_MUTE, {"person": person, "until": until})


async def drop_mute(tx: AsyncConnection, person: UUID) -> None:
    """Keeps that somebody may speak. The row stays, to tell it to the other processes."""
    await tx.execute(_KEEP_MUTE, {"person": person, "until": None})


async def drop_group(tx: AsyncConnection, group: UUID) -> None:
    """Keeps that nobody is a member of a group any more."""
    await tx.execute(_DROP_GROUP, {"group": group})


async def members(tx: AsyncConnection, group: UUID) -> list[UUID]:
    """The members of a group, as far as it was told in this transaction or before."""
    return list((await tx.execute(_MEMBERS, {"group": group})).scalars())


class AccessReactions(Reactions):
    """Follows what identity tells about access. A service that follows more of identity adds to this class."""

    source = "identity"

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    @on(PersonAccessChanged)
    async def person_access_changed(self, tx: AsyncConnection, event: PersonAccessChanged) -> None:
        """Somebody came, changed kind or segments, or left."""
        await keep_person(tx, event)

    @on(ServiceAccountAccessChanged)
    async def service_account_access_changed(self, tx: AsyncConnection, event: ServiceAccountAccessChanged) -> None:
        """A service account was made, changed, or may not come in any more."""
        await keep_account(tx, event)

    @on(BarriersChanged)
    async def barriers_changed(self, tx: AsyncConnection, event: BarriersChanged) -> None:
        """Law keeps other segments apart than before."""
        await keep_barriers(tx, event)

    async def after_commit(self, events: Sequence[Any]) -> None:
        """Lets this process decide on it at once; others take it in with their next poll."""
        await self.resources.access.refresh(self.resources.database)
