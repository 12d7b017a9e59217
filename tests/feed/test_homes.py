"""Homes in the cache: warm, cold, deep, and while everything happens at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from services.feed.store.homes import KEPT_IDS
from tests.feed.cached import forget, queries, until_from_the_cache
from tests.feed.caller import Meet, pages
from tests.feed.importing import bring_in_posts, imported

PAST = datetime(2025, 3, 2, 12, tzinfo=UTC)


async def test_a_warm_home_is_read_without_a_query(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    for _ in range(30):
        await bob.post()
    await world.caught_up()
    first = await ada.home(size=10)
    await ada.react(first[0].name)
    await until_from_the_cache(world, ada)
    with queries(world) as found:
        assert len(await ada.home(size=10)) == 30
    assert found == []


async def test_an_own_post_is_at_home_at_once(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    written: list[str] = []
    for number in range(50):
        if number % 10 == 0:
            await forget(world, ada)
        written.insert(0, (await ada.post(str(number))).name)
        assert await ada.home_names() == written


async def test_what_others_write_comes_home_without_asking_them(meet: Meet, world: World) -> None:
    author, *readers = await meet("author", *(f"reader{number}" for number in range(4)))
    for reader in readers:
        await reader.follow(author)
    await world.caught_up()
    for reader in readers:
        await until_from_the_cache(world, reader)
    post = await author.post()
    await world.caught_up()
    with queries(world) as found:
        assert [await reader.home_names() for reader in readers] == [[post.name]] * 4
    assert found == []


async def test_a_post_reaches_homes_though_nobody_pushed_it_after_the_commit(meet: Meet, world: World) -> None:
    """Importing leaves everything to the log, as a crash right after a commit does."""
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    assert (await ada.home_names(), await bob.home_names()) == ([], [])
    await bring_in_posts(world, [imported(ada, str(uuid4()), datetime.now(UTC))])
    await world.caught_up()
    (name,) = await ada.written_by(ada)
    assert (await ada.home_names(), await bob.home_names()) == ([name], [name])


async def test_an_older_post_takes_its_place_in_a_warm_home(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    await bring_in_posts(world, [imported(ada, str(uuid4()), PAST + timedelta(hours=hour)) for hour in (1, 3, 5)])
    await world.caught_up()
    await until_from_the_cache(world, bob)
    assert len(await bob.home()) == 3
    late = [imported(ada, str(uuid4()), PAST + timedelta(hours=hour)) for hour in (4, 0, 6, 2)]
    await bring_in_posts(world, late)
    await world.caught_up()
    for reader in (ada, bob):
        with queries(world) as found:
            home = await reader.home(size=2)
        assert [post.create_time.ToDatetime(UTC).hour for post in home] == [18, 17, 16, 15, 14, 13, 12]
        assert reader is ada or found == []


@pytest.mark.parametrize("warm", [True, False])
async def test_a_home_goes_on_beyond_what_the_cache_keeps(meet: Meet, world: World, warm: bool) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    many = KEPT_IDS + 60
    await world.caught_up()
    if warm:
        assert await ada.home_names() == []
    authors = (bob, cleo, ada)
    posts = [imported(authors[n % 3], str(uuid4()), PAST + timedelta(minutes=n), str(n)) for n in range(many)]
    for start in range(0, many, 100):
        await bring_in_posts(world, posts[start : start + 100])
    await world.caught_up()
    expected = [str(number) for number in reversed(range(many))]
    for size in (100, 73):
        assert [post.text for post in await ada.home(size)] == expected
    walked = [post.name for post in await ada.home()]
    for name in (walked[0], walked[KEPT_IDS - 1], walked[KEPT_IDS], walked[-1]):
        await ada.react(name, "HEART")
    own = {post.name for post in await ada.home() if post.viewer.reaction == feed_pb2.REACTION_HEART}
    assert own == {walked[0], walked[KEPT_IDS - 1], walked[KEPT_IDS], walked[-1]}
    await forget(world, ada)
    for _ in ("cold", "warm"):
        assert {post.name for post in await ada.home(50) if post.viewer.reaction} == own


async def test_a_page_that_ends_with_the_home_has_no_next_page(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    for _ in range(6):
        await ada.post()
    for _ in range(2):
        found = [len(page) async for page in pages(ada.api.ListHomePosts, feed_pb2.ListHomePostsRequest(page_size=3))]
        assert found == [3, 3]
        await forget(world, ada)


async def test_cold_homes_that_are_read_while_posts_arrive_miss_nothing(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    written: set[str] = set()
    for _ in range(6):
        await forget(world, ada)
        reads = [ada.home_names() for _ in range(4)]
        posts = [author.post() for author in (bob, cleo, ada)]
        answers = await asyncio.gather(*reads[:2], *posts, *reads[2:])
        written |= {answer.name for answer in answers if isinstance(answer, feed_pb2.Post)}
        await world.caught_up()
        home = await ada.home_names()
        assert set(home) == written
        assert home == sorted(written, reverse=True)


async def test_reading_while_following_and_unfollowing_never_leaves_an_old_home(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await bob.post()
    for _ in range(6):
        await forget(world, ada)
        reading = [asyncio.ensure_future(ada.home_names()) for _ in range(3)]
        await ada.follow(bob)
        assert await ada.home_names() == [post.name]
        await asyncio.gather(*reading)
        assert await ada.home_names() == [post.name]
        await forget(world, ada)
        reading = [asyncio.ensure_future(ada.home_names()) for _ in range(3)]
        await ada.unfollow(bob)
        assert await ada.home_names() == []
        await asyncio.gather(*reading)
        assert await ada.home_names() == []


async def test_posts_of_somebody_just_unfollowed_do_not_stay(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    for _ in range(6):
        await ada.follow(bob)
        assert set(await ada.home_names()) >= set()
        await asyncio.gather(bob.post(), ada.unfollow(bob), ada.home_names())
        await world.caught_up()
        assert await ada.home_names() == []


async def test_reactions_while_a_home_is_built_are_right_afterwards(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reactions = ["LIKE", "SAD", "HEART"]
    for number in range(9):
        await forget(world, ada)
        reaction = reactions[number % 3]
        await asyncio.gather(ada.home(), ada.react(post.name, reaction), bob.react(post.name, reaction), ada.home())
        (found,) = await ada.home()
        assert found.viewer.reaction == feed_pb2.Reaction.Value(f"REACTION_{reaction}")
        assert [(count.reaction, count.count) for count in found.reaction_counts] == [(found.viewer.reaction, 2)]
