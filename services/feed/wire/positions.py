"""Where a timeline goes on, in either direction, as page tokens hold it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

OLDER, NEWER = b"o", b"n"
ID_BYTES = 16
# An id is made before its post is committed: what is asked for as newer may be older by as much.
LATE_MILLISECONDS = 3000
MOST_SEEN = 40


@dataclass(frozen=True, slots=True)
class Position:
    """Below `edge` in a timeline whose reading began at `top`; or, `newer`, above `edge` but for what was `seen`."""

    newer: bool
    edge: bytes
    top: bytes = b""
    seen: frozenset[bytes] = frozenset()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Position":
        ids = [packed[start : start + ID_BYTES] for start in range(1, len(packed), ID_BYTES)]
        if packed[:1] == NEWER:
            return cls(True, ids[0], seen=frozenset(ids[1:]))
        return cls(False, ids[0], top=ids[1])

    @property
    def bound(self) -> bytes:
        """Above which id to look for what is newer: some seconds before the edge, for those that come late."""
        return id_of_moment(max(0, int.from_bytes(self.edge[:6], "big") - LATE_MILLISECONDS))


def older_than(edge: bytes, top: bytes) -> bytes:
    """The packed position of what comes after `edge`."""
    return OLDER + edge + top


def newer_than(edge: bytes, shown: Iterable[bytes]) -> bytes:
    """The packed position of what is newer than `edge`, once `shown` was shown; newest first."""
    bound = Position(True, edge).bound
    late: Sequence[bytes] = [id_ for id_ in shown if id_ > bound][:MOST_SEEN]
    return NEWER + edge + b"".join(late)


def id_of_moment(milliseconds: int) -> bytes:
    """The lowest UUIDv7 of a moment."""
    return milliseconds.to_bytes(6, "big") + bytes(10)


def as_uuid(id_: bytes) -> UUID:
    return UUID(bytes=id_)
