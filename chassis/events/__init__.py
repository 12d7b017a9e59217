"""The event log: what a service tells in the transaction of a change, and how others react to it exactly once.

A writer appends to the outbox; after the commit one pen gives dense positions and a hash chain (`EventLog`); a follower
reads over gRPC and moves its cursor, in its own database, in the transaction of its reaction (`Follower`).
"""

from chassis.events.chain import BEGINNING, Cursor
from chassis.events.cursors import reset_cursor
from chassis.events.follower import Follower
from chassis.events.log import EventLog
from chassis.events.outbox import Entry, append, append_many, appending
from chassis.events.reactions import Reactions, on
from chassis.events.sources import LocalSource, RemoteSource, Source
from chassis.events.tail import Reader, Tail

__all__ = [
    "BEGINNING",
    "Cursor",
    "Entry",
    "EventLog",
    "Follower",
    "LocalSource",
    "Reactions",
    "Reader",
    "RemoteSource",
    "Source",
    "Tail",
    "append",
    "append_many",
    "appending",
    "on",
    "reset_cursor",
]
