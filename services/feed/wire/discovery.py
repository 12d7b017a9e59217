"""What was found, as messages, and where it goes on."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from plein.feed.v1 import discovery_pb2, feed_pb2

from services.feed.domain.trends import Usage

_BEST = struct.Struct(">f16s16s")


@dataclass(frozen=True, slots=True)
class BestPlace:
    """Where a list of the best goes on: after this rank and id, among those that were there when it began."""

    rank: float
    id: UUID
    newest: UUID

    @property
    def packed(self) -> bytes:
        return _BEST.pack(self.rank, self.id.bytes, self.newest.bytes)


def best_place(packed: bytes | None) -> BestPlace | None:
    """The inverse of `packed`."""
    if packed is None:
        return None
    rank, id_, newest = _BEST.unpack(packed)
    return BestPlace(rank, UUID(bytes=id_), UUID(bytes=newest))


def found_post(post: feed_pb2.Post, highlights: Sequence[tuple[int, int]]) -> discovery_pb2.FoundPost:
    """A post with the places of what was asked."""
    ranges = [discovery_pb2.TextRange(start=start, end=end) for start, end in highlights]
    return discovery_pb2.FoundPost(post=post, highlights=ranges)


def trending_tag(usage: Usage) -> discovery_pb2.TrendingTag:
    """A tag that rises."""
    return discovery_pb2.TrendingTag(name=f"tags/{usage.tag}", person_count=usage.people, post_count=usage.posts)
