"""Telling what happened, in the transaction in which it happens."""

from collections.abc import Sequence

import orjson
from google.protobuf.message import Message
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import driver

MOST_IN_A_TRANSACTION = 500

_APPEND = (
    "INSERT INTO eventlog.outbox (aggregate, version, type, payload) SELECT * FROM json_to_recordset(%s) "
    "AS told (aggregate text, version bigint, type text, payload bytea)"
)

# What an event is about, the version of that, and what happened.
Entry = tuple[str, int, Message]


async def append(tx: AsyncConnection, aggregate: str, version: int, *messages: Message) -> None:
    """Tells what happened to one resource, such as `people/0199…`; `version` is the resource's after this change.

    Comes last in the transaction, which holds the resource's row lock: so events are in the order of the changes.
    """
    await append_many(tx, [(aggregate, version, message) for message in messages])


async def append_many(tx: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Tells what happened to several resources, in order, as (aggregate, version, message); at most 500."""
    if entries:
        statement, rows = appending(entries)
        await driver(tx).execute(statement, [rows], prepare=True)


def appending(entries: Sequence[Entry]) -> tuple[str, str]:
    """The statement that does so, and its argument: for a change that is one statement together with it."""
    if len(entries) > MOST_IN_A_TRANSACTION:
        raise ValueError(f"A transaction tells at most {MOST_IN_A_TRANSACTION} events, and this one has {len(entries)}")
    rows = [
        {
            "aggregate": aggregate,
            "version": version,
            "type": message.DESCRIPTOR.full_name,
            "payload": f"\\x{message.SerializeToString().hex()}",
        }
        for aggregate, version, message in entries
    ]
    return _APPEND, orjson.dumps(rows).decode()
