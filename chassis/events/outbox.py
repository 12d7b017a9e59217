"""Telling what happened, in the transaction in which it happens."""

from collections.abc import Sequence

from google.protobuf.message import Message
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

MOST_IN_A_TRANSACTION = 500

_APPEND = text(
    "INSERT INTO eventlog.outbox (aggregate, version, type, payload) "
    "SELECT * FROM unnest(CAST(:aggregates AS text[]), CAST(:versions AS bigint[]), CAST(:types AS text[]), "
    "CAST(:payloads AS bytea[]))"
)


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
    aggregates, versions, messages = zip(*entries, strict=True)
    columns = {
        "aggregates": list(aggregates),
        "versions": list(versions),
        "types": [message.DESCRIPTOR.full_name for message in messages],
        "payloads": [message.SerializeToString() for message in messages],
    }
    await tx.execute(_APPEND, columns)
