"""Homes and ready-made posts in the cache: what makes reading a home one or two round trips and no SQL.

Keys: `h` + person, the ids of a home; `c` + channel, ids that many homes share (announcements, and what somebody with
very many followers wrote); `p2` + post, its serialized message behind what decides who sees it; `m` + person, the
person's own marks. Each can be missing at any time and is then read from PostgreSQL. Nothing here is a fact, and
nothing is filtered for somebody: that is done when reading.

Whoever reads the same home again soon gets what was fetched before, for as long as the cache tells of no change in it.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeGuard, TypeVar
from uuid import UUID

from chassis.cache import Cache, Command, Prepared, watched
from chassis.resources import Resources
from services.feed.domain.marks import Mark
from services.feed.domain.posts import Post
from services.feed.store import scripts
from services.feed.store.scripts import FLOOR
from services.feed.store.sieve import Material
from services.feed.store.values import LEADS_TO, NOTHING, packed, value

KEPT_IDS = 440
KEPT_MARKS = 1000
KEPT_SECONDS = 14 * 24 * 3600
BUILD_MILLISECONDS = 10_000
HOMES_PER_PUSH = 500
MOST_GUESSES = 2048
MOST_ANSWERS = 256
# What was fetched before is not used again when the cache was silent for so long: it may be unable to tell of a change.
SILENT_SECONDS = 0.5
# How the keys begin, and how long they are.
OWN_KEYS = {b"h": 17, b"c": 17, b"m": 17, b"p": 18}
# The channel of what stands in everyone's home. Others are called after the person who writes there.
ANNOUNCEMENTS = UUID(int=1)
_ANNOUNCED = b"c" + ANNOUNCEMENTS.bytes

# Nothing is known yet.
NONE: Mapping[bytes, bytes | None] = {}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Stretch:
    """The beginning of a home: ids newest first, and the id down to which none is missing; FLOOR is the end."""

    ids: list[bytes]
    reach: bytes


@dataclass(slots=True)
class Contents:
    """The values of posts, None where one is missing, and the owner's marks, None when they are not in the cache.

    `beside` are the values and marks of some of the posts to which they lead, and `material` is what was made of all.
    """

    values: list[bytes | None]
    marks: list[bytes | None] | None
    beside: Mapping[bytes, tuple[bytes | None, bytes | None]] = field(default_factory=dict)
    material: Material | None = None


@dataclass(slots=True)
class Guess:
    """What a home began with when it was last read, and the commands that ask for all of it in one round trip.

    `answer` is what they answered, if the guess was right, and `as_of` the count of the cache's changes at that time.
    """

    person: bytes
    ids: tuple[bytes, ...]
    beside: tuple[bytes, ...]
    commands: Prepared
    answer: tuple[Stretch, Contents] | None = None
    as_of: int = 0

    def rests_on(self, key: bytes) -> bool:
        """Whether its answer may be another one when this key changes."""
        if len(key) == OWN_KEYS[b"p"]:
            return key[2:] in self.ids or key[2:] in self.beside
        return key[1:] == self.person or key == _ANNOUNCED


class Homes:
    """The cache of one feed process. Methods raise `CacheUnavailable` when it cannot be used for now."""

    def __init__(self, cache: Cache, caught_up_at: Callable[[], float]) -> None:
        self._cache = cache
        self._caught_up_at = caught_up_at
        self._failed_at = float("-inf")
        self._guesses: dict[tuple[UUID, int], Guess] = {}
        self._answered: deque[Guess] = deque()
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

    def kept(self, person: UUID, count: int) -> tuple[Stretch, Contents] | None:
        """What `newest` answered before, if it would answer the same now."""
        guess = self._guesses.get((person, count))
        return guess.answer if guess is not None and guess.answer is not None and self._still_holds(guess) else None

    async def newest(self, person: UUID, count: int) -> tuple[Stretch, Contents] | None:
        """The beginning of a home and what it consists of, or None when some of the lists are not in the cache.

        It asks at once for the posts with which the home began last time, and for those to which they lead: one round
        trip is enough when it still does.
        """
        guess = self._guesses.get((person, count)) or _guess(person, count, (), ())
        as_of = self._cache.changes.count
        _, own, _, tail, _, announced, _, (reach, channels, *marks), *values = await self._cache.run(guess.commands)
        if not _is_built(tail) or not _is_built(reach):
            return None
        stretch = await self._stretched([own, announced], channels, count - 1)
        if stretch is None:
            return None
        asked, found = guess.ids + guess.beside, values[1] if values else []
        if tuple(stretch.ids) == guess.ids:
            contents = _split(guess, found, marks, reach)
        else:
            contents = await self.contents(person, stretch.ids, dict(zip(asked, found, strict=True)))
        beside = led_to(contents.values)
        if (tuple(stretch.ids), beside) != (guess.ids, guess.beside):
            self._keep_guess(person, count, stretch.ids, beside)
        elif not channels and contents.marks is not None and None not in contents.values:
            self._keep_answer(guess, (stretch, contents), as_of)
        return stretch, contents

    def _keep_answer(self, guess: Guess, answer: tuple[Stretch, Contents], as_of: int) -> None:
        if len(self._answered) >= MOST_ANSWERS:
            self._answered.popleft().answer = None
        self._answered.append(guess)
        guess.answer, guess.as_of = answer, as_of

    def _still_holds(self, guess: Guess) -> bool:
        """Whether what was answered before would be answered now; what would not is forgotten."""
        changes = self._cache.changes
        changed = changes.since(guess.as_of)
        if changed is None or any(guess.rests_on(key) for key in changed):
            guess.answer = None
            return False
        guess.as_of = changes.count
        return time.monotonic() - self._cache.heard_at < SILENT_SECONDS

    async def whole(self, person: UUID) -> Stretch | None:
        """All of a home that is in the cache, or None when some of the lists are not."""
        own, announced, (reach, channels) = await self._cache.pipeline(
            [(b"LRANGE", b"h" + person.bytes, 0, -1), (b"LRANGE", _ANNOUNCED, 0, -1), _marks(person)]
        )
        return await self._stretched([own, announced], channels, -1) if _is_built(reach) else None

    async def contents(
        self, person: UUID, ids: Sequence[bytes], known: Mapping[bytes, bytes | None] = NONE
    ) -> Contents:
        """What lies in the cache of posts and of the person's marks on them; `known` values are not asked for."""
        if not ids:
            return Contents([], [])
        missing = [id_ for id_ in ids if known.get(id_) is None]
        commands = [_marks(person, ids), (b"MGET", *(b"p2" + id_ for id_ in missing))]
        (reach, _, *marks), *values = await self._cache.pipeline(commands[: 2 if missing else 1])
        found = {**known, **dict(zip(missing, *values, strict=True))} if missing else known
        return Contents([found[id_] for id_ in ids], marks if _is_built(reach) and _covers(reach, ids) else None)

    async def _stretched(self, lists: list[list[bytes]], channels: bytes | None, last: int) -> Stretch | None:
        if channels:
            keys = (b"c" + channels[start : start + 16] for start in range(0, len(channels), 16))
            lists += await self._cache.pipeline([(b"LRANGE", key, 0, last) for key in keys])
        return _merged(lists) if all(ids and _is_built(ids[-1]) for ids in lists) else None

    def _keep_guess(self, person: UUID, count: int, ids: Sequence[bytes], beside: tuple[bytes, ...]) -> None:
        self._guesses.pop((person, count), None)
        if len(self._guesses) >= MOST_GUESSES:
            del self._guesses[next(iter(self._guesses))]
        self._guesses[person, count] = _guess(person, count, tuple(ids), beside)

    async def begin(self, person: UUID) -> bytes:
        """Marks a home as being built, before PostgreSQL is asked, and returns the nonce to complete it with."""
        nonce = _nonce()
        await self._begin([b"h" + person.bytes, b"m" + person.bytes], nonce, BUILD_MILLISECONDS)
        return nonce

    async def complete(
        self,
        person: UUID,
        nonce: bytes,
        ids: Sequence[UUID],
        marks: Sequence[tuple[UUID, Mark, int]],
        channels: Iterable[UUID] = (),
    ) -> None:
        """Fills a home with what PostgreSQL held after `begin`; without effect if it was forgotten meanwhile.

        `ids` are the newest KEPT_IDS + 1, newest first, if there are so many, without those in the `channels` that are
        to be merged in; `marks` (post, mark, version) the person's newest KEPT_MARKS + 1, likewise.
        """
        await self._complete([b"h" + person.bytes], nonce, KEPT_SECONDS, *_kept(ids))
        reach = marks[-1][0].bytes if len(marks) > KEPT_MARKS else FLOOR
        pairs = [part for post, mark, version in marks for part in (post.bytes, packed(mark, version))]
        joined = b"".join(channel.bytes for channel in channels)
        await self._put_marks([b"m" + person.bytes], nonce, reach, KEPT_SECONDS, joined, *pairs)

    async def begin_channel(self, channel: UUID) -> bytes:
        """As `begin`, of a channel."""
        nonce = _nonce()
        await self._begin([b"c" + channel.bytes], nonce, BUILD_MILLISECONDS)
        return nonce

    async def complete_channel(self, channel: UUID, nonce: bytes, ids: Sequence[UUID]) -> None:
        """As `complete`, of a channel."""
        await self._complete([b"c" + channel.bytes], nonce, KEPT_SECONDS, *_kept(ids))

    async def put_posts(self, posts: Sequence[Post]) -> None:
        """Keeps posts ready-made; an older version never replaces a newer one."""
        await self.put_values([(post.id, value(post)) for post in posts])

    async def put_values(self, values: Sequence[tuple[UUID, bytes]]) -> None:
        """The same for posts whose values are at hand."""
        for some in _chunks(values):
            await self._put_posts([b"p2" + id_.bytes for id_, _ in some], KEPT_SECONDS, *(one for _, one in some))

    async def put_mark(self, person: UUID, post: UUID, mark: Mark, version: int) -> None:
        """Keeps what one person did with one post."""
        pair = (post.bytes, packed(mark, version))
        await self._put_marks([b"m" + person.bytes], b"", b"", KEPT_SECONDS, b"", *pair)

    async def push(self, post: UUID, people: Sequence[bytes]) -> None:
        """Puts a post into the homes of people (16 bytes each) that are in the cache. Twice, or late, does the same."""
        for some in _chunks(people):
            await self._push([b"h" + person for person in some], KEPT_IDS, post.bytes)

    async def push_all(self, posts: Sequence[tuple[UUID, Sequence[bytes]]]) -> None:
        """The same for posts that may come to different homes, older ones first; each home is looked at once."""
        if posts and all(people is posts[0][1] for _, people in posts):
            joined = b"".join(post.bytes for post, _ in posts)
            for some in _chunks(posts[0][1]):
                await self._push([b"h" + person for person in some], KEPT_IDS, joined)
            return
        ids: dict[bytes, bytes] = {}
        for post, people in posts:
            for person in people:
                ids[person] = ids.get(person, b"") + post.bytes
        for some in _chunks(list(ids)):
            await self._push([b"h" + person for person in some], KEPT_IDS, *map(ids.__getitem__, some))

    async def push_to_channels(self, post: UUID, channels: Sequence[UUID]) -> None:
        """The same for channels."""
        if channels:
            await self._push([b"c" + channel.bytes for channel in channels], KEPT_IDS, post.bytes)

    async def forget(self, people: Sequence[bytes]) -> None:
        """Drops homes (of people by 16 bytes each), to be built anew when they are next read."""
        for some in _chunks(people):
            await self._cache.call(b"DEL", *(kind + person for person in some for kind in (b"h", b"m")))

    async def forget_person(self, person: UUID) -> None:
        """Drops all that is kept for a person, and the person's channel."""
        await self._cache.call(b"DEL", *(kind + person.bytes for kind in (b"h", b"m", b"c")))

    async def forget_everything(self) -> None:
        """Drops all that feed keeps in the cache, to be built anew when it is next read."""
        cursor: bytes = b"0"
        while True:
            cursor, keys = await self._cache.call(b"SCAN", cursor, b"COUNT", HOMES_PER_PUSH)
            own = [key for key in keys if len(key) == OWN_KEYS.get(key[:1])]
            if own:
                await self._cache.call(b"UNLINK", *own)
            if cursor == b"0":
                return


def homes_of(resources: Resources) -> Homes:
    """The one of the process: all who write to the cache know of what another of them could not write."""
    return Homes(resources.cache, partial(resources.heard_at, resources.name))


def led_to(values: Sequence[bytes | None]) -> tuple[bytes, ...]:
    """The originals of reshares, and the roots of replies."""
    return tuple(dict.fromkeys(one[LEADS_TO] for one in values if one and one[LEADS_TO] != NOTHING))


def _split(guess: Guess, values: list[bytes | None], marks: list[bytes | None], reach: bytes) -> Contents:
    """What was asked for with a guess that was right."""
    size = len(guess.ids)
    beside: Mapping[bytes, tuple[bytes | None, bytes | None]] = {}
    if guess.beside and reach <= min(guess.beside):
        beside = dict(zip(guess.beside, zip(values[size:], marks[size:], strict=True), strict=True))
    return Contents(values[:size], marks[:size] if _covers(reach, guess.ids) else None, beside)


def _guess(person: UUID, count: int, ids: tuple[bytes, ...], beside: tuple[bytes, ...]) -> Guess:
    key = b"h" + person.bytes
    commands: list[Command] = [
        (b"LRANGE", key, 0, count - 1),
        (b"LINDEX", key, -1),
        (b"LRANGE", _ANNOUNCED, 0, count - 1),
        _marks(person, ids + beside),
    ]
    if ids:
        commands.append((b"MGET", *(b"p2" + id_ for id_ in ids + beside)))
    return Guess(person.bytes, ids, beside, watched(commands))


def _marks(person: UUID, ids: Sequence[bytes] = ()) -> Command:
    """Asks how far a person's marks reach, which channels belong to the home, and what the marks on these posts are."""
    return (b"HMGET", b"m" + person.bytes, b"", b"c", *ids)


def _merged(lists: Sequence[list[bytes]]) -> Stretch:
    """Several lists as one. It reaches as far as all of them do."""
    own, *others = lists
    if all(ids[0] == FLOOR for ids in others):
        return Stretch(own[:-1], FLOOR) if own[-1] == FLOOR else Stretch(own, own[-1])
    reach = max(ids[-1] for ids in lists)
    return Stretch(sorted({id_ for ids in lists for id_ in ids if id_ >= reach and id_ != FLOOR}, reverse=True), reach)


def _is_built(tail: bytes | None) -> TypeGuard[bytes]:
    """Whether it tells how far something reaches: a nonce, which begins like FLOOR, says that it is being built."""
    return tail is not None and (tail == FLOOR or tail[:6] != FLOOR[:6])


def _covers(reach: bytes, ids: Sequence[bytes]) -> bool:
    return not ids or reach <= ids[-1]


def _kept(ids: Sequence[UUID]) -> list[bytes]:
    """What is kept of a list, and the FLOOR if that is all of it."""
    return [id_.bytes for id_ in ids[:KEPT_IDS]] + ([] if len(ids) > KEPT_IDS else [FLOOR])


def _nonce() -> bytes:
    return bytes(6) + os.urandom(10)


def _chunks(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[start : start + HOMES_PER_PUSH] for start in range(0, len(items), HOMES_PER_PUSH))
