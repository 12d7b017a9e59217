"""What a home consists of, the same whether it comes from the cache or from PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.cached import forget, queries
from tests.feed.caller import Caller, Meet
from tests.feed.relating import follow_group, follow_tag, join, leave, mute, mute_tag, mute_thread, unfollow_tag
from tests.feed.writing import reshare, write

MANY = 3


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    return await start(SERVICE, answers, merge_at_read_followers=MANY)


async def homes(world: World, reader: Caller) -> list[str]:
    """The reader's home, which is the same three times: as it is kept, built anew, and by PostgreSQL alone."""
    await world.caught_up()
    kept = await reader.home_names()
    await forget(world, reader)
    assert await reader.home_names() == kept
    async with without_cache(world):
        assert await reader.home_names() == kept
    return kept


@asynccontextmanager
async def without_cache(world: World) -> AsyncIterator[None]:
    """Inside the block nothing is read from the cache."""
    reader = world.server.service.apis[0].servicer(world.server.resources).reader
    cached, reader._homes._failed_at = reader._homes._failed_at, float("inf")  # noqa: SLF001
    yield
    reader._homes._failed_at = cached  # noqa: SLF001


async def test_a_followed_tag_comes_home(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    before = await bob.post("#soep of the day")
    assert await homes(world, ada) == []
    await follow_tag(ada, "soep")
    after = await bob.post("More #Soep")
    reply = await bob.post("#soep too", reply_to=after.name)
    assert await homes(world, ada) == [after.name, before.name]
    assert reply.name not in await homes(world, ada)
    await unfollow_tag(ada, "soep")
    assert await homes(world, ada) == []


async def test_a_followed_group_comes_home_for_as_long_as_one_is_a_member(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group = uuid4()
    await join(world, group, ada, bob)
    await follow_group(ada, group)
    post = await write(bob, "In the group", group=f"groups/{group}")
    assert await homes(world, ada) == [post.name]
    await leave(world, group, ada)
    assert await homes(world, ada) == []


async def test_an_announcement_comes_home_to_everyone(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    (editor,) = await meet("editor", roles=["editor"])
    own = await ada.post()
    assert await homes(world, ada) == [own.name]
    announced = await write(editor, "The canteen moves", announcement=True)
    later = await ada.post()
    assert (await homes(world, ada))[:3] == [later.name, announced.name, own.name]
    await editor.delete(announced.name)
    assert announced.name not in await homes(world, ada)


async def test_who_has_very_many_followers_is_merged_in_when_homes_are_read(meet: Meet, world: World) -> None:
    star, ada, *others = await meet("star", "ada", *(f"other{number}" for number in range(MANY)))
    friend = others[0]
    await ada.follow(star, friend)
    first = await star.post("First")
    assert await homes(world, ada) == [first.name]
    for other in others:
        await other.follow(star)
    await world.caught_up()
    second, hers = await star.post("Second"), await friend.post()
    await world.caught_up()
    cache = world.server.resources.cache
    assert await ada.home_names() == [hers.name, second.name, first.name]
    assert second.name.encode() not in await cache.call(b"LRANGE", b"h" + ada.id.bytes, 0, -1)
    assert len(await cache.call(b"LRANGE", b"c" + star.id.bytes, 0, -1)) == 3
    with queries(world) as found:
        assert await ada.home_names() == [hers.name, second.name, first.name]
    assert found == []
    assert await homes(world, ada) == [hers.name, second.name, first.name]
    await ada.react(second.name)
    assert (await ada.home())[1].viewer.reaction == 1


async def test_who_loses_followers_is_pushed_again(meet: Meet, world: World) -> None:
    star, *readers = await meet("star", *(f"reader{number}" for number in range(MANY)))
    for reader in readers:
        await reader.follow(star)
    first = await star.post()
    assert [await homes(world, reader) for reader in readers] == [[first.name]] * MANY
    await readers[0].unfollow(star)
    second = await star.post()
    assert [await homes(world, reader) for reader in readers] == [[], *[[second.name, first.name]] * (MANY - 1)]


async def test_a_post_stands_in_a_home_once_where_it_came_last(meet: Meet, world: World) -> None:
    ada, bob, cleo, dirk = await meet("ada", "bob", "cleo", "dirk")
    await ada.follow(bob, cleo, dirk)
    post, other = await bob.post("Look"), await bob.post("Other")
    assert await homes(world, ada) == [other.name, post.name]
    first = await reshare(cleo, post.name)
    assert await homes(world, ada) == [first.name, other.name]
    comment = await reshare(dirk, post.name, "I agree")
    second = await reshare(dirk, post.name)
    assert await homes(world, ada) == [second.name, comment.name, other.name]
    shown = await ada.home()
    assert [one.original.text for one in shown] == ["Look", "Look", ""]
    await dirk.delete(second.name)
    assert await homes(world, ada) == [comment.name, first.name, other.name]
    await cleo.delete(first.name)
    assert await homes(world, ada) == [comment.name, other.name, post.name]


async def test_what_is_for_some_or_passes_on_itself_stands_in_a_home_once_too(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    meant, other = await bob.post("Look", kinds=["EMPLOYEE"]), await cleo.post("Other")
    comment = await reshare(bob, other.name, "I agree")
    assert await homes(world, ada) == [comment.name, other.name, meant.name]
    plain = await reshare(cleo, meant.name, kinds=["EMPLOYEE"])
    again = await reshare(cleo, comment.name)
    assert await homes(world, ada) == [again.name, plain.name, other.name]


async def test_what_repeats_is_left_out_on_a_later_page_too(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    posts = [await bob.post(str(number)) for number in range(6)]
    passed_on = [await reshare(cleo, post.name) for post in posts[:4]]
    expected = [*(post.name for post in reversed(passed_on)), posts[5].name, posts[4].name]
    assert await homes(world, ada) == expected
    for size in (1, 2, 3):
        assert [post.name for post in await ada.home(size)] == expected
    await forget(world, ada)
    assert [post.name for post in await ada.home(2)] == expected


async def test_a_reshare_of_what_one_may_not_see_is_not_there(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    (nina,) = await meet("nina", segments=["network"])
    (rob,) = await meet("rob", segments=["retail"])
    await ada.follow(bob)
    await rob.follow(bob)
    post = await nina.post("Of the network")
    plain, comment = await reshare(bob, post.name), await reshare(bob, post.name, "Interesting")
    assert await homes(world, rob) == [comment.name, plain.name]
    await world.bar(("network", "retail"))
    assert await homes(world, rob) == [comment.name]
    assert not (await rob.home())[0].HasField("original")
    assert await homes(world, ada) == [comment.name, plain.name]
    await world.bar()
    await nina.delete(post.name)
    assert await homes(world, rob) == [comment.name]


async def test_a_reshared_reply_is_decided_on_its_root(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    (nina,) = await meet("nina", segments=["network"])
    (rob,) = await meet("rob", segments=["retail"])
    await rob.follow(bob)
    root = await nina.post("On top")
    reply = await ada.post("Below", reply_to=root.name)
    plain = await reshare(bob, reply.name)
    assert await homes(world, rob) == [plain.name]
    await world.bar(("network", "retail"))
    assert await homes(world, rob) == []
    await world.bar()


async def test_what_is_muted_stays_out_of_home(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    tagged, thread, plain = await bob.post("#koffie"), await bob.post("Long"), await bob.post("Plain")
    own, passed_on = await ada.post("#koffie"), await reshare(cleo, tagged.name, "See")
    assert await homes(world, ada) == [passed_on.name, own.name, plain.name, thread.name, tagged.name]
    await mute_tag(ada, "koffie")
    assert await homes(world, ada) == [own.name, plain.name, thread.name]
    await mute_thread(ada, thread.name)
    assert await homes(world, ada) == [own.name, plain.name]
    await mute(ada, bob)
    assert await homes(world, ada) == [own.name]


async def test_a_comment_on_what_was_muted_stays_out_though_that_is_gone(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(cleo)
    post = await bob.post("Look")
    comment = await reshare(cleo, post.name, "I agree")
    assert await homes(world, ada) == [comment.name]
    await mute(ada, bob)
    assert await homes(world, ada) == []
    await bob.delete(post.name)
    assert await homes(world, ada) == []
    assert comment.name not in await ada.everyone()


async def test_a_muted_thread_does_not_come_home_reshared(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(cleo)
    thread = await bob.post("Long")
    reply = await bob.post("Longer", reply_to=thread.name)
    both = [await reshare(cleo, name) for name in (thread.name, reply.name)]
    assert await homes(world, ada) == [both[1].name, both[0].name]
    await mute_thread(ada, thread.name)
    assert await homes(world, ada) == []


async def test_marks_on_originals_are_the_readers_own(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob)
    post = await cleo.post("Look")
    await reshare(bob, post.name)
    await ada.react(post.name, "HEART")
    await homes(world, ada)
    (shown,) = await ada.home()
    assert (shown.original.name, shown.original.viewer.reaction) == (post.name, 2)
    assert not shown.viewer.reaction
