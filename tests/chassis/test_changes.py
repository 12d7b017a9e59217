"""What a cache tells of changes in it, through its socket."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from chassis.cache import Cache, watched
from tests.chassis.own_valkey import OwnValkey
from tests.chassis.test_cache import connected, eventually


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnValkey]:
    with OwnValkey(tmp_path) as server:
        yield server


@pytest.fixture
async def cache(server: OwnValkey) -> AsyncIterator[Cache]:
    async with connected(server.url) as cache:
        yield cache


def told(cache: Cache, count: int) -> list[bytes]:
    """What changed since then, when that is known."""
    changed = cache.changes.since(count)
    assert changed is not None
    return list(changed)


async def test_of_what_was_watched_each_change_is_told_once(server: OwnValkey, cache: Cache) -> None:
    await cache.pipeline([(b"SET", "one", 1), (b"RPUSH", "two", 1), (b"SET", "three", 1)])
    count = cache.changes.count
    reading = watched([(b"GET", "one"), (b"LRANGE", "two", 0, -1), (b"GET", "nothing yet")])
    assert (await cache.run(reading))[1::2] == [b"1", [b"1"], None]
    assert await cache.call(b"GET", "three") == b"1"
    assert told(cache, count) == []
    async with connected(server.url) as other:
        for _ in range(2):
            await other.pipeline([(b"RPUSH", "two", 2), (b"SET", "three", 2), (b"SET", "nothing yet", 2)])
    await eventually(lambda: cache.changes.count == count + 2)
    assert set(told(cache, count)) == {b"two", b"nothing yet"}
    assert told(cache, count + 1) == [b"nothing yet"]


async def test_what_one_changes_oneself_is_known_when_it_is_done(cache: Cache) -> None:
    for number in range(200):
        await cache.run(watched([(b"GET", "name")]))
        count = cache.changes.count
        await cache.call(b"SET", "name", number)
        assert told(cache, count) == [b"name"]


async def test_when_it_cannot_be_known_what_changed_all_counts_as_changed(server: OwnValkey, cache: Cache) -> None:
    count = cache.changes.count
    assert cache.changes.since(count) is not None
    await cache.call(b"FLUSHALL")
    assert cache.changes.since(count) is None
    count = cache.changes.count
    keys = [f"key {number}" for number in range(300)]
    await cache.run(watched([(b"GET", key) for key in keys]))
    await cache.pipeline([(b"SET", key, 1) for key in keys])
    assert cache.changes.since(count) is None
    assert len(told(cache, count + 299)) == 1
    count = cache.changes.count
    server.kill()
    await eventually(lambda: cache.changes.since(count) is None)
