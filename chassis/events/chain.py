"""The chain that makes a log's whole past comparable in 32 bytes."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from plein.chassis.v1.event_log_pb2 import Event

from chassis.problems import WrongState


class Cursor(NamedTuple):
    """A place in a log: the position of the last event dealt with, and its chain, which stands for all before it."""

    position: int
    chain: bytes


BEGINNING = Cursor(0, sha256(b"genesis").digest())


def continued(cursor: Cursor, events: Iterable[Event]) -> Cursor:
    """The cursor after `events`. WrongState (LOG_DIVERGED) when they are not what was written after `cursor`."""
    for event in events:
        if event.position != cursor.position + 1:
            raise _diverged("Events are missing", cursor.position + 1)
        if event.payload and sha256(event.payload).digest() != event.payload_hash:
            raise _diverged("The payload was changed", event.position)
        link = event.position.to_bytes(8, "big") + UUID(event.event_id).bytes + event.payload_hash
        if sha256(cursor.chain + link).digest() != event.chain:
            raise _diverged("The chain is broken", event.position)
        cursor = Cursor(event.position, event.chain)
    return cursor


def erased(event: Event) -> bool:
    """Whether the event once had a payload that was taken out of the log."""
    return not event.payload and event.payload_hash != sha256(b"").digest()


def _diverged(what: str, position: int) -> WrongState:
    return WrongState("LOG_DIVERGED", "{what} at position {position}.", what=what, position=position)
