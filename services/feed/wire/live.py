"""What streams tell, as messages, and their cursors."""

import struct
from collections.abc import Iterable
from uuid import UUID

from plein.feed.v1 import live_pb2

from services.feed.domain.live import End, News

_PLACE = struct.Struct(">Q8s")
_NUMBER = struct.Struct(">Q")


def packed_place(position: int, chain: bytes) -> bytes:
    """A place in the log as a cursor holds it."""
    return _PLACE.pack(position, chain)


def place(packed: bytes) -> tuple[int, bytes]:
    """The inverse of `packed_place`."""
    position, chain = _PLACE.unpack(packed)
    return position, chain


def packed_number(number: int) -> bytes:
    """How often an inbox changed, as a cursor holds it."""
    return _NUMBER.pack(number)


def number(packed: bytes) -> int:
    """The inverse of `packed_number`."""
    found: int = _NUMBER.unpack(packed)[0]
    return found


def home_message(
    cursor: str, news: News, changed: Iterable[UUID], *, read_anew: bool, end: End | None
) -> live_pb2.WatchHomeResponse:
    """What there is to tell of a home."""
    return live_pb2.WatchHomeResponse(
        cursor=cursor,
        new_post_count=news.count,
        newest_post=f"posts/{news.newest}" if news.newest else "",
        changed_posts=[f"posts/{post}" for post in changed],
        read_anew=read_anew,
        end=live_pb2.StreamEnd.ValueType(end or 0),
    )


def inbox_message(
    cursor: str, unread: int, *, changed: bool, read_anew: bool, end: End | None
) -> live_pb2.WatchNotificationsResponse:
    """What there is to tell of an inbox."""
    return live_pb2.WatchNotificationsResponse(
        cursor=cursor,
        unread_count=unread,
        changed=changed,
        read_anew=read_anew,
        end=live_pb2.StreamEnd.ValueType(end or 0),
    )
