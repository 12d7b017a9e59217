"""A home that is read again is not fetched again, and is right nevertheless whatever changed in between."""

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

import pytest
import redis
from sqlalchemy import text

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.chassis.own_valkey import OwnValkey
from tests.conftest import Start
from tests.feed.caller import Caller, Meet
from tests.feed.relating import block, bookmark, mute_tag, unblock
from tests.feed.writing import edit, reshare


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, own_valkey: OwnValkey) -> World:
    return await start(SERVICE, answers, redis_url=own_valkey.url)


def fetched(server: OwnValkey) -> int:
    """How often lists were read from the cache."""
    with redis.Redis(port=server.port) as asking:
        return int(asking.info("commandstats").get("cmdstat_lrange", {"calls": 0})["calls"])


async def warm(reader: Caller) -> list[str]:
    """Reads until nothing is fetched any more, if nothing changes."""
    for _ in range(4):
        names = await reader.home_names()
    return names


async def test_who_reads_again_has_nothing_fetched(meet: Meet, world: World, own_valkey: OwnValkey) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    names = [(await author.post()).name for author in (ada, bob)]
    await reshare(bob, names[0], "Look")
    await world.caught_up()
    expected = await warm(ada)
    assert expected[1:] == list(reversed(names))
    before = fetched(own_valkey)
    assert [await ada.home_names() for _ in range(5)] == [expected] * 5
    # The cache may have been silent for so long once that it is asked.
    assert fetched(own_valkey) <= before + 2
    await bob.post()
    await world.caught_up()
    assert len(await ada.home_names()) == 4
    assert fetched(own_valkey) > before


Look = tuple[str, str, bool, int]  # text, the original's, bookmarked, reactions
Change = tuple[Callable[[], Awaitable[object]], str, Look | None]


async def looks(reader: Caller) -> dict[str, Look]:
    """A home as it looks, by the names of the posts."""
    found: dict[str, Look] = {}
    for post in await reader.home():
        reactions = sum(count.count for count in post.reaction_counts)
        found[post.name] = (post.text, post.original.text, post.viewer.bookmarked, reactions)
    return found


async def test_whatever_changes_shows_at_once(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob)
    first, second = [(await bob.post(text)).name for text in ("First #tea", "Second")]
    passed_on = (await reshare(bob, (await cleo.post("Third")).name, "Look")).name
    await world.caught_up()
    changes: list[Change] = [
        (partial(edit, bob, second, "text", text="2nd"), second, ("2nd", "", False, 0)),
        (partial(bookmark, ada, first), first, ("First #tea", "", True, 0)),
        (partial(bob.react, first), first, ("First #tea", "", True, 1)),
        (partial(block, cleo, ada), passed_on, ("Look", "", False, 0)),
        (partial(unblock, cleo, ada), passed_on, ("Look", "Third", False, 0)),
        (partial(mute_tag, ada, "tea"), first, None),
        (partial(bob.delete, second), second, None),
    ]
    for change, name, expected in changes:
        await warm(ada)
        await change()
        await world.caught_up()
        assert (await looks(ada)).get(name) == expected, change
    await warm(ada)
    await ada.unfollow(bob)
    assert await looks(ada) == {}


async def test_what_another_process_writes_shows_too(meet: Meet, world: World, own_valkey: OwnValkey) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    names = [(await bob.post()).name for _ in range(3)]
    await world.caught_up()
    assert await warm(ada) == list(reversed(names))
    before = world.server.resources.cache.changes.count
    with redis.Redis(port=own_valkey.port) as other:
        other.delete(b"h" + ada.id.bytes)
        other.rpush(b"h" + ada.id.bytes, bytes.fromhex(names[0].removeprefix("posts/").replace("-", "")), bytes(16))
    while world.server.resources.cache.changes.count == before:
        await world.server.resources.cache.call(b"PING")
    assert await ada.home_names() == names[:1]


async def test_an_original_that_the_full_cache_does_not_hold_is_not_kept(
    meet: Meet, world: World, own_valkey: OwnValkey
) -> None:
    """Of its changes the cache could not tell."""
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob)
    original = await cleo.post("Before")
    passed_on = (await reshare(bob, original.name, "Look")).name
    await world.caught_up()
    await warm(ada)
    id_ = UUID(original.name.removeprefix("posts/"))
    with redis.Redis(port=own_valkey.port) as server:
        server.config_set("maxmemory-policy", "noeviction")
        server.config_set("maxmemory", 1)
        server.delete(b"p2" + id_.bytes)
    try:
        await warm(ada)
        async with world.server.resources.database.transaction() as tx:
            await tx.execute(text("UPDATE posts SET text = 'After' WHERE id = :id"), {"id": id_})
        assert (await looks(ada))[passed_on] == ("Look", "After", False, 0)
    finally:
        with redis.Redis(port=own_valkey.port) as server:
            server.config_set("maxmemory", 0)
