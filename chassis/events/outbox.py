"""Telling what happened, in the transaction in which it happens."""

from collections.abc import Sequence

from google.protobuf.message import Message
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import driver

MOST_IN_A_TRANSACTION = 500

_APPEND = "INSERT INTO eventlog.outbox (aggregate, version, type, payload) "
_APPEND_ONE = _APPEND + "VALUES (%s, %s, %s, %b)"
_APPEND_MANY = _APPEND + "SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %b::bytea[])"


async def append(tx: AsyncConnection, aggregate: str, version: int, *messages: Message) -> None:
    """Tells what happened to one resource, such as `people/0199…`; `version` is the resource's after this change.

    Comes last in the transaction, which holds the resource's row lock: so events are in the order of the changes.
    """
    await append_many(tx, [(aggregate, version, message) for message in messages])


async def append_many(tx: AsyncConnection, entries: Sequence[tuple[str, int, Message]]) -> None:
    """Tells what happened to several resources, in order, as (aggregate, version, message); at most 500."""
    if len(entries) > MOST_IN_A_TRANSACTION:
        raise ValueError(f"A transaction tells at most {MOST_IN_A_TRANSACTION} events, and this one has {len(entries)}")
    if not entries:
        return
    rows = [
        (aggregate, version, message.DESCRIPTOR.full_name, message.SerializeToString())
        for aggregate, version, message in entries
    ]
    connection = driver(tx)
    if len(rows) == 1:
        await connection.execute(_APPEND_ONE, rows[0], prepare=True)
    else:
        await connection.execute(_APPEND_MANY, [list(column) for column in zip(*rows, strict=True)], prepare=True)
