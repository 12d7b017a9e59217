"""Events of groups in PostgreSQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.groups.domain.gatherings import COUNTS, Attendance, Gathering, State
from services.groups.domain.presentations import Text
from services.groups.store.contents import columns_of, visible_content
from services.groups.tables.contents import attendances, gatherings
from services.groups.tables.members import members

Row = sa.Row[Any]
Position = tuple[datetime, UUID]

_LOCK_ORGANISER = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


class Seen(NamedTuple):
    """An event, and what came of the viewer's answer."""

    gathering: Gathering
    own: Attendance | None


async def add(tx: AsyncConnection, gathering: Gathering) -> None:
    values: dict[str, Any] = {"id": gathering.id, "group_id": gathering.group}
    values["remind_time"] = gathering.remind_time(gathering.create_time)
    judged = {"hidden": gathering.hidden, "removed": gathering.removed}
    await tx.execute(sa.insert(gatherings).values(**values, **judged, **_columns(gathering)))


async def planned_since(tx: AsyncConnection, person: UUID, moment: datetime) -> int:
    """How many events somebody planned since then, one after the other."""
    await tx.execute(_LOCK_ORGANISER, {"key": f"organiser {person}"})
    mine = sa.and_(gatherings.c.organiser == person, gatherings.c.create_time > moment)
    return (await tx.execute(sa.select(sa.func.count()).select_from(gatherings).where(mine))).scalar_one()


async def save(tx: AsyncConnection, gathering: Gathering, *, remind: bool) -> None:
    """Keeps all of an event that is locked; with `remind` people are reminded of it at its time, also once more."""
    reminded = {"remind_time": gathering.remind_time(gathering.update_time)} if remind else {}
    changed = sa.update(gatherings).where(gatherings.c.id == gathering.id)
    await tx.execute(changed.values(**_columns(gathering), **reminded))


async def save_counts(tx: AsyncConnection, changed: Sequence[Gathering]) -> None:
    """Keeps how many come to events that are locked."""
    counts: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in COUNTS.values()}
    statement = sa.update(gatherings).where(gatherings.c.id == sa.bindparam("changed")).values(counts)
    rows = [
        {"changed": gathering.id, **{f"new_{name}": getattr(gathering, name) for name in COUNTS.values()}}
        for gathering in changed
    ]
    await tx.execute(statement, rows)


async def any_gathering(tx: AsyncConnection, id_: UUID) -> Gathering | None:
    """An event as it stands, for moderation."""
    found = (await tx.execute(sa.select(gatherings).where(gatherings.c.id == id_))).first()
    return gathering_of(found) if found else None


async def locked(tx: AsyncConnection, id_: UUID) -> Gathering | None:
    """An event, which nobody else changes or answers until the transaction ends."""
    query = sa.select(gatherings).where(gatherings.c.id == id_).with_for_update()
    found = (await tx.execute(query)).first()
    return gathering_of(found) if found else None


async def visible_gathering(tx: AsyncConnection, sight: Sight, group: UUID, id_: UUID) -> Seen | None:
    """An event of a group that the viewer may see."""
    query = seen_gatherings(sight).where(gatherings.c.id == id_, gatherings.c.group_id == group)
    found = (await tx.execute(query)).first()
    return seen(found) if found else None


async def visible_upcoming(
    tx: AsyncConnection, sight: Sight, group: UUID, now: datetime, after: Position | None, limit: int
) -> list[Seen]:
    """The events of a group that did not end yet, the next one first."""
    query = seen_gatherings(sight).where(gatherings.c.group_id == group)
    return await _next(tx, query, now, after, limit)


async def visible_past(
    tx: AsyncConnection, sight: Sight, group: UUID, now: datetime, after: Position | None, limit: int
) -> list[Seen]:
    """The events of a group that have ended, the latest first."""
    query = seen_gatherings(sight).where(gatherings.c.group_id == group, gatherings.c.end_time <= now)
    place = sa.tuple_(gatherings.c.start_time, gatherings.c.id)
    if after is not None:
        query = query.where(place < sa.tuple_(*after))
    rows = await tx.execute(query.order_by(gatherings.c.start_time.desc(), gatherings.c.id.desc()).limit(limit))
    return [seen(row) for row in rows]


async def visible_of_all_groups(
    tx: AsyncConnection, sight: Sight, now: datetime, after: Position | None, limit: int
) -> list[Seen]:
    """The events of all the viewer's groups that did not end yet, the next one first."""
    return await _next(
        tx, seen_gatherings(sight).where(gatherings.c.group_id.in_(_own_groups(sight))), now, after, limit
    )


async def visible_undeclined(tx: AsyncConnection, sight: Sight, since: datetime, limit: int) -> list[Seen]:
    """What stands in the viewer's calendar: the events of all their groups since then that they did not decline."""
    query = seen_gatherings(sight).where(gatherings.c.group_id.in_(_own_groups(sight)), gatherings.c.end_time > since)
    declined = attendances.c.attendance.is_not_distinct_from(Attendance.DECLINED.value)
    rows = await tx.execute(query.where(~declined).order_by(gatherings.c.start_time, gatherings.c.id).limit(limit))
    return [seen(row) for row in rows]


async def due_reminders(tx: AsyncConnection, now: datetime, limit: int) -> list[Gathering]:
    """Events of which people are to be reminded, locked."""
    query = sa.select(gatherings).where(gatherings.c.remind_time <= now).order_by(gatherings.c.remind_time).limit(limit)
    return [gathering_of(row) for row in await tx.execute(query.with_for_update(skip_locked=True))]


async def reminded(tx: AsyncConnection, ids: Iterable[UUID]) -> None:
    """Notes that people were reminded."""
    await tx.execute(sa.update(gatherings).where(gatherings.c.id.in_(list(ids))).values(remind_time=None))


async def _next(
    tx: AsyncConnection, query: "sa.Select[Any]", now: datetime, after: Position | None, limit: int
) -> list[Seen]:
    query = query.where(gatherings.c.end_time > now)
    if after is not None:
        query = query.where(sa.tuple_(gatherings.c.start_time, gatherings.c.id) > sa.tuple_(*after))
    rows = await tx.execute(query.order_by(gatherings.c.start_time, gatherings.c.id).limit(limit))
    return [seen(row) for row in rows]


def _own_groups(sight: Sight) -> "sa.Select[tuple[UUID]]":
    return sa.select(members.c.group_id).where(members.c.person == sight.viewer, ~members.c.suspended)


def seen_gatherings(sight: Sight) -> "sa.Select[Any]":
    """The events that the viewer may see, with what came of the viewer's answer, for `seen` to read."""
    own = sa.and_(attendances.c.gathering == gatherings.c.id, attendances.c.person == sight.viewer)
    query = sa.select(gatherings, attendances.c.attendance).select_from(gatherings.outerjoin(attendances, own))
    return query.where(visible_content(sight, columns_of(gatherings, "organiser")))


def _columns(gathering: Gathering) -> dict[str, Any]:
    return {
        "organiser": gathering.organiser,
        "title": gathering.title,
        "description": gathering.description.markdown,
        "description_html": gathering.description.html,
        "description_plain": gathering.description.plain,
        "start_time": gathering.start_time,
        "end_time": gathering.end_time,
        "time_zone": gathering.time_zone,
        "place": gathering.place,
        "link": gathering.link,
        "most_people": gathering.limit,
        "reminder": gathering.reminder,
        "create_time": gathering.create_time,
        "update_time": gathering.update_time,
        "state": gathering.state.value,
        "going_count": gathering.going_count,
        "waiting_count": gathering.waiting_count,
        "maybe_count": gathering.maybe_count,
        "revision": gathering.revision,
    }


def seen(row: Row) -> Seen:
    """A row of an event with the viewer's answer."""
    return Seen(gathering_of(row), Attendance(row.attendance) if row.attendance else None)


def gathering_of(row: Row) -> Gathering:
    """A row of the table `gatherings`."""
    return Gathering(
        id=row.id,
        group=row.group_id,
        organiser=row.organiser,
        title=row.title,
        description=Text(row.description, row.description_html, row.description_plain),
        start_time=row.start_time,
        end_time=row.end_time,
        time_zone=row.time_zone,
        place=row.place,
        link=row.link,
        limit=row.most_people,
        reminder=row.reminder,
        create_time=row.create_time,
        update_time=row.update_time,
        state=State(row.state),
        going_count=row.going_count,
        waiting_count=row.waiting_count,
        maybe_count=row.maybe_count,
        revision=row.revision,
        hidden=row.hidden,
        removed=row.removed,
    )
