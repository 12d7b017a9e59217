"""Posts and marks as the cache holds them: what decides who sees a post stands before its message, in fixed places."""

import struct

from plein.feed.v1 import feed_pb2

from services.feed import wire
from services.feed.domain.marks import Mark
from services.feed.domain.posts import Post

# Version, author, kinds, flags, group, what it leads to: the original of a reshare, the root of a reply.
HEADER = struct.Struct(">Q16sBB16s16s")
MARK = struct.Struct(">Q3s")
HIDDEN, DELETED, PLAIN, REPLY, REMOVED = 1, 2, 4, 8, 16
# In the place of a group, or of what a post leads to.
NOTHING = bytes(16)

# Where a value tells what, for those who look at many.
AUTHOR, FLAGS, LEADS_TO, MESSAGE = slice(8, 24), 25, slice(42, 58), slice(58, None)
# Everything that could keep a post from somebody who meets its author, or make it lead elsewhere.
CONDITIONS = slice(24, 58)
UNCONDITIONAL = bytes(34)


def value(post: Post, message: feed_pb2.Post | None = None) -> bytes:
    """A post as the cache holds it; `message` is the post as `wire.stored_post` has it, if that is at hand."""
    mask = sum(1 << kind for kind in post.audience.kinds)
    states = [(HIDDEN, post.hidden), (DELETED, post.delete_time is not None), (PLAIN, post.is_plain_reshare)]
    states += [(REPLY, not post.is_root), (REMOVED, post.removed)]
    flags = sum(flag for flag, is_so in states if is_so)
    group = post.audience.group.bytes if post.audience.group else NOTHING
    leads_to = post.reshare_of or (None if post.is_root else post.root)
    header = HEADER.pack(post.version, post.author.bytes, mask, flags, group, leads_to.bytes if leads_to else NOTHING)
    return header + (message or wire.stored_post(post)).SerializeToString()


def packed(mark: Mark, version: int = 0) -> bytes:
    """A mark as the cache holds it."""
    return MARK.pack(version, mark.packed)


def milliseconds(id_: bytes) -> int:
    """When something was made, from its UUIDv7."""
    return int.from_bytes(id_[:6], "big")
