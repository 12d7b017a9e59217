"""Where a timeline goes on, in either direction, as page tokens hold it."""

from collections.abc import Sequence
from dataclasses import dataclass

OLDER, NEWER = b"o", b"n"
ID_BYTES = 16
# An id is made before its post is committed: what is asked for as newer may be older by as much.
LATE_MILLISECONDS = 3000
MOST_SEEN = 40


@dataclass(frozen=True, slots=True)
class Position:
    """Below `edge` in a timeline whose reading began at `top`; or, `newer`, above `edge`.

    What is committed late stands above `floor` and not above `edge`: what of that was `seen` is not new.
    """

    newer: bool
    edge: bytes
    top: bytes = b""
    floor: bytes = b""
    seen: frozenset[bytes] = frozenset()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Position":
        ids = [packed[start : start + ID_BYTES] for start in range(1, len(packed), ID_BYTES)]
        if packed[:1] == NEWER:
            return cls(True, ids[0], floor=ids[1], seen=frozenset(ids[2:]))
        return cls(False, ids[0], top=ids[1])


def older_than(edge: bytes, top: bytes) -> bytes:
    """The packed position of what comes after `edge`."""
    return OLDER + edge + top


def newer_than(edge: bytes, shown: Sequence[bytes], lowest: bytes) -> bytes:
    """The packed position of what is newer than `edge`, once `shown` was shown, newest first.

    Below `lowest` nothing is new: that is for older pages.
    """
    floor = max(lowest, id_of_moment(max(0, int.from_bytes(edge[:6], "big") - LATE_MILLISECONDS)))
    late = [id_ for id_ in shown if id_ >= floor]
    if len(late) > MOST_SEEN:
        late = late[:MOST_SEEN]
        floor = late[-1]
    return NEWER + edge + floor + b"".join(late)


def id_of_moment(milliseconds: int) -> bytes:
    """The lowest UUIDv7 of a moment."""
    return milliseconds.to_bytes(6, "big") + bytes(10)
