"""Homes and ready-made posts in the cache: what makes reading a home two round trips and no SQL.

Three kinds of keys: `h` + person, the ids of a home; `p2` + post, its serialized message behind a header that decides
who sees it; `m` + person, the person's own marks. Each can be missing at any time, alone or with the others, and
is then read from PostgreSQL. Nothing here is a fact, and nothing is filtered for somebody: that is done when reading.
"""

import os
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeGuard, TypeVar
from uuid import UUID

from chassis.cache import Cache
from services.feed import wire
from services.feed.domain.marks import Mark
from services.feed.domain.posts import Post
from services.feed.store import scripts
from services.feed.store.scripts import FLOOR

KEPT_IDS = 440
KEPT_SECONDS = 14 * 24 * 3600
BUILD_MILLISECONDS = 10_000
HOMES_PER_PUSH = 500
HEADER = struct.Struct(">Q16sBB16s16s")
MARK = struct.Struct(">Q3s")
HIDDEN, DELETED, PLAIN, REPLY = 1, 2, 4, 8
# In the place of a group, or of what a post leads to: the original of a reshare, the root of a reply.
NOTHING = bytes(16)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Ids:
    """A piece of a home: ids newest first, and whether nothing older exists."""

    ids: list[bytes]
    ended: bool


class Homes:
    """The cache of one feed process. Methods raise `CacheUnavailable` when it cannot be used for now."""

    def __init__(self, cache: Cache, caught_up_at: Callable[[], float]) -> None:
        self._cache = cache
        self._caught_up_at = caught_up_at
        self._failed_at = float("-inf")
        self._push = cache.script(scripts.PUSH)
        self._begin = cache.script(scripts.BEGIN)
        self._complete = cache.script(scripts.COMPLETE)
        self._put_posts = cache.script(scripts.PUT_POSTS)
        self._put_marks = cache.script(scripts.PUT_MARKS)

    @property
    def trusted(self) -> bool:
        """Whether every write that this process or one before it failed to make was made up for by the log."""
        return self._caught_up_at() > self._failed_at + 1.0

    def failed(self) -> None:
        """Remembers that a write did not reach the cache: what it holds may be old until the log is caught up."""
        self._failed_at = time.monotonic()

    async def newest(self, person: UUID, count: int) -> Ids | None:
        """The beginning of a home, or None when it or the person's marks are not in the cache."""
        key = b"h" + person.bytes
        ids, tail, reach = await self._cache.pipeline(
            [(b"LRANGE", key, 0, count - 1), (b"LINDEX", key, -1), (b"HGET", b"m" + person.bytes, b"")]
        )
        return _reached(ids, tail) if _is_built(tail) and _is_built(reach) else None

    async def older(self, person: UUID, before: bytes, count: int) -> Ids | None:
        """What comes after `before`, or None when it is not in the cache, or the cache does not reach that far."""
        ids = await self._cache.call(b"LRANGE", b"h" + person.bytes, 0, -1)
        tail = ids[-1] if ids else None
        if not _is_built(tail) or (tail != FLOOR and tail >= before):
            return None
        return _reached([id_ for id_ in ids if id_ < before][:count], tail)

    async def posts_and_marks(
        self, person: UUID, ids: Sequence[bytes]
    ) -> tuple[list[bytes | None], list[bytes | None] | None]:
        """The values of posts, None where one is missing, and of the own marks, None when they reach less far."""
        posts, (reach, *marks) = await self._cache.pipeline(
            [(b"MGET", *(b"p2" + id_ for id_ in ids)), (b"HMGET", b"m" + person.bytes, b"", *ids)]
        )
        return posts, marks if _is_built(reach) and reach <= ids[-1] else None

    async def begin(self, person: UUID) -> bytes:
        """Marks a home as being built, before PostgreSQL is asked, and returns the nonce to complete it with."""
        nonce = bytes(6) + os.urandom(10)
        await self._begin([b"h" + person.bytes, b"m" + person.bytes], nonce, BUILD_MILLISECONDS)
        return nonce

    async def complete(
        self, person: UUID, nonce: bytes, ids: Sequence[UUID], marks: Iterable[tuple[UUID, Mark, int]]
    ) -> None:
        """Fills a home with what PostgreSQL held after `begin`; without effect if it was forgotten meanwhile.

        `ids` are the newest KEPT_IDS + 1, newest first, if there are so many; `marks` (post, mark, version) are
        the person's to these.
        """
        reach = ids[-1].bytes if len(ids) > KEPT_IDS else FLOOR
        kept = [id_.bytes for id_ in ids[:KEPT_IDS]] + ([FLOOR] if reach == FLOOR else [])
        await self._complete([b"h" + person.bytes], nonce, KEPT_SECONDS, *kept)
        pairs = [part for post, mark, version in marks for part in _mark(post, mark, version)]
        await self._put_marks([b"m" + person.bytes], nonce, reach, KEPT_SECONDS, *pairs)

    async def put_posts(self, posts: Sequence[Post]) -> None:
        """Keeps posts ready-made; an older version never replaces a newer one."""
        for some in _chunks(posts):
            values = [value(post) for post in some]
            await self._put_posts([b"p2" + post.id.bytes for post in some], KEPT_SECONDS, *values)

    async def put_mark(self, person: UUID, post: UUID, mark: Mark, version: int) -> None:
        """Keeps what one person did with one post."""
        await self._put_marks([b"m" + person.bytes], b"", b"", KEPT_SECONDS, *_mark(post, mark, version))

    async def push(self, post: UUID, people: Sequence[bytes]) -> None:
        """Puts a post into the homes of people (16 bytes each) that are in the cache. Twice, or late, does the same."""
        for some in _chunks(people):
            await self._push([b"h" + person for person in some], post.bytes, KEPT_IDS)

    async def forget(self, people: Sequence[UUID]) -> None:
        """Drops homes, to be built anew when they are next read."""
        for some in _chunks(people):
            await self._cache.call(b"DEL", *(kind + person.bytes for person in some for kind in (b"h", b"m")))


def value(post: Post) -> bytes:
    """A post as the cache holds it: what decides who sees it, then the message without its reader."""
    mask = sum(1 << kind for kind in post.audience.kinds)
    states = [(HIDDEN, post.hidden), (DELETED, post.delete_time is not None), (PLAIN, post.is_plain_reshare)]
    flags = sum(flag for flag, is_so in [*states, (REPLY, not post.is_root)] if is_so)
    group = post.audience.group.bytes if post.audience.group else NOTHING
    leads_to = post.reshare_of or (None if post.is_root else post.root)
    header = HEADER.pack(post.version, post.author.bytes, mask, flags, group, leads_to.bytes if leads_to else NOTHING)
    return header + wire.stored_post(post).SerializeToString()


def _reached(ids: list[bytes], tail: bytes) -> Ids:
    ended = tail == FLOOR and (not ids or ids[-1] == FLOOR)
    return Ids(ids[:-1] if ids and ids[-1] == FLOOR else ids, ended)


def _is_built(tail: bytes | None) -> TypeGuard[bytes]:
    """Whether it tells how far something reaches: a nonce, which begins like FLOOR, says that it is being built."""
    return tail is not None and (tail == FLOOR or tail[:6] != FLOOR[:6])


def _mark(post: UUID, mark: Mark, version: int) -> tuple[bytes, bytes]:
    return post.bytes, MARK.pack(version, mark.packed)


def _chunks(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[start : start + HOMES_PER_PUSH] for start in range(0, len(items), HOMES_PER_PUSH))
