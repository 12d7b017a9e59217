"""How far this service has followed each log, and which events it could not digest. In its own database."""

from typing import NamedTuple

from plein.chassis.v1.event_log_pb2 import Event
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.events.chain import BEGINNING, Cursor

_BEGIN = text(
    "INSERT INTO eventlog.cursor (source, position, chain) VALUES (:source, :position, :chain) ON CONFLICT DO NOTHING"
)
_READ = (
    "SELECT position, chain, ARRAY(SELECT DISTINCT aggregate FROM eventlog.parked "
    "WHERE parked.source = cursor.source AND resolved_at IS NULL) FROM eventlog.cursor WHERE source = %s"
)
_LOCK = text(
    "SELECT position, chain, ARRAY(SELECT DISTINCT aggregate FROM eventlog.parked WHERE source = :source "
    "AND resolved_at IS NULL) AS parked "
    "FROM eventlog.cursor WHERE source = :source FOR UPDATE SKIP LOCKED"
)
_MOVE = text(
    "UPDATE eventlog.cursor SET position = :position, chain = :chain, moved_at = now() "
    "WHERE source = :source AND position = :old_position AND chain = :old_chain"
)
_PASS_BY = (
    "UPDATE eventlog.cursor SET position = %s, chain = %s, moved_at = now() "
    "WHERE source = %s AND position = %s AND chain = %s RETURNING true"
)
_PARK = text(
    "INSERT INTO eventlog.parked (source, position, aggregate, type, event, error) "
    "VALUES (:source, :position, :aggregate, :type, :event, :error)"
)
_PARKED_EVENTS = text(
    "SELECT event FROM eventlog.parked WHERE source = :source AND resolved_at IS NULL ORDER BY position"
)
_RESOLVE = text(
    "UPDATE eventlog.parked SET resolved_at = now() "
    "WHERE source = :source AND position = :position AND resolved_at IS NULL"
)
_RESET = text(
    "INSERT INTO eventlog.cursor (source, position, chain) VALUES (:source, :position, :chain) "
    "ON CONFLICT (source) DO UPDATE SET position = :position, chain = :chain, moved_at = now()"
)
_FORGET_PARKED = text("DELETE FROM eventlog.parked WHERE source = :source AND position > :position")


class Overtaken(Exception):
    """Another process of this service is dealing with the same events, or has; or an operator moved the cursor."""


class Standing(NamedTuple):
    """Where a follower stands, and the aggregates whose events wait for a parked one."""

    cursor: Cursor
    parked: frozenset[str]


async def standing(database: Database, source: str) -> Standing:
    """Where this service stands in a log; at the beginning the first time."""
    while (found := await database.peek(_READ, source)) is None:
        async with database.quiet_transaction() as tx:
            await tx.execute(_BEGIN, {"source": source, **BEGINNING._asdict()})
    position, chain, parked = found
    return Standing(Cursor(position, chain), frozenset(parked))


async def lock(tx: AsyncConnection, source: str, cursor: Cursor) -> frozenset[str]:
    """Keeps other processes off until the end of the transaction; answers which aggregates have a parked event.

    Overtaken when another process has the lock, or the cursor is no longer where we think it is.
    """
    found = (await tx.execute(_LOCK, {"source": source})).one_or_none()
    if found is None or (found.position, found.chain) != cursor:
        raise Overtaken
    return frozenset(found.parked)


async def move(tx: AsyncConnection, source: str, old: Cursor, new: Cursor) -> None:
    """Moves the cursor on, in the transaction of the reactions."""
    places = {"position": new.position, "chain": new.chain, "old_position": old.position, "old_chain": old.chain}
    if (await tx.execute(_MOVE, {"source": source, **places})).rowcount != 1:
        raise Overtaken


async def pass_by(database: Database, source: str, old: Cursor, new: Cursor) -> None:
    """Moves the cursor on past events with which there is nothing to do; Overtaken as in `move`."""
    if await database.peek(_PASS_BY, *new, source, *old) is None:
        raise Overtaken


async def park(tx: AsyncConnection, source: str, event: Event, error: str) -> None:
    """Keeps an event for later, instead of reacting to it."""
    row = {"source": source, "position": event.position, "aggregate": event.aggregate, "type": event.type}
    await tx.execute(_PARK, row | {"event": event.SerializeToString(), "error": error})


async def parked_events(database: Database, source: str) -> list[Event]:
    """The events that still wait, in the order of their positions."""
    async with database.snapshot() as tx:
        return [Event.FromString(event) for event in (await tx.execute(_PARKED_EVENTS, {"source": source})).scalars()]


async def resolve(tx: AsyncConnection, source: str, event: Event) -> None:
    """Marks a parked event as dealt with; Overtaken when another process did."""
    if (await tx.execute(_RESOLVE, {"source": source, "position": event.position})).rowcount != 1:
        raise Overtaken


async def reset_cursor(database: Database, source: str, cursor: Cursor = BEGINNING) -> None:
    """An operator's way out of LOG_DIVERGED and LOG_TRUNCATED: from here on the events after `cursor` are dealt with.

    First undo what the events after `cursor` did here; from the beginning that means: empty what they filled.
    """
    async with database.transaction() as tx:
        await tx.execute(_RESET, {"source": source, **cursor._asdict()})
        await tx.execute(_FORGET_PARKED, {"source": source, "position": cursor.position})
