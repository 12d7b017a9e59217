"""Bookmarks: for oneself alone, newest first."""

import asyncio
from functools import partial

import pytest
from plein.feed.v1 import relations_pb2

from chassis.testing import World
from tests.feed.cached import queries
from tests.feed.caller import UNKNOWN_POST, Caller, Meet, patiently, refused
from tests.feed.relating import block, bookmark, bookmarked, relations, remove_bookmark, unblock
from tests.feed.writing import as_if_untold, reshare


async def at_home(reader: Caller, name: str) -> bool:
    """Whether a post in the reader's home shows as bookmarked."""
    return next(post for post in await reader.home() if post.name == name).viewer.bookmarked


async def test_a_bookmark_shows_everywhere_at_once_and_to_nobody_else(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    post = await bob.post()
    await world.caught_up()
    assert not await at_home(ada, post.name)
    assert (await bookmark(ada, post.name)).viewer.bookmarked
    assert await ada.read(post.name) == await bookmark(ada, post.name), "twice changes nothing"
    assert await at_home(ada, post.name)
    assert (await bookmarked(ada), await bookmarked(bob)) == ([post.name], [])
    assert await bob.read(post.name) == post
    assert not await at_home(bob, post.name)
    assert not (await remove_bookmark(ada, post.name)).viewer.bookmarked
    assert await remove_bookmark(ada, post.name) == post
    assert not await at_home(ada, post.name)
    assert await bookmarked(ada) == []


async def test_a_bookmark_and_a_reaction_stand_beside_each_other(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await bob.post()
    await asyncio.gather(ada.react(post.name, "HEART"), bookmark(ada, post.name))
    found = await ada.take_back(post.name)
    assert (found.viewer.reaction, found.viewer.bookmarked) == (0, True)
    await ada.react(post.name)
    assert (await remove_bookmark(ada, post.name)).viewer.reaction == 1


async def test_bookmarks_come_newest_first_in_pages_also_of_replies(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    posts = [(await bob.post(f"{number}")).name for number in range(6)]
    posts.append((await bob.post("Reply", reply_to=posts[0])).name)
    order = [posts[place] for place in (3, 6, 0, 5, 1, 4, 2)]
    for name in order:
        await bookmark(ada, name)
    await bookmark(ada, order[0])
    for size in (1, 2, 3, 7):
        assert await bookmarked(ada, size) == order[::-1]
    await remove_bookmark(ada, order[0])
    await bookmark(ada, order[0])
    assert await bookmarked(ada) == [order[0], *order[:0:-1]]


async def test_what_was_bookmarked_meanwhile_is_asked_for_from_the_page_above(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    posts = [(await bob.post(f"{number}")).name for number in range(6)]
    first = await page(ada, "")
    assert not first.posts
    for name in posts[:2]:
        await bookmark(ada, name)
    newer = await page(ada, first.previous_page_token)
    assert [post.name for post in newer.posts] == posts[1::-1]
    assert not (await page(ada, newer.previous_page_token)).posts
    for name in posts[2:]:
        await bookmark(ada, name)
    first = await page(ada, newer.previous_page_token)
    assert [post.name for post in first.posts] == posts[3:1:-1], "without a gap"
    second = await page(ada, first.previous_page_token)
    assert [post.name for post in second.posts] == posts[:3:-1]
    assert [post.name for post in (await page(ada, second.next_page_token)).posts] == posts[3:1:-1]


async def page(reader: Caller, token: str) -> relations_pb2.ListBookmarkedPostsResponse:
    request = relations_pb2.ListBookmarkedPostsRequest(page_size=2, page_token=token)
    return await relations(reader).ListBookmarkedPosts(request)


async def test_a_plain_reshare_goes_with_what_it_passes_on(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    passed_on = await reshare(bob, (await cleo.post()).name)
    await bookmark(ada, passed_on.name)
    assert await bookmarked(ada) == [passed_on.name]
    await block(cleo, ada)
    assert await bookmarked(ada) == []


async def test_what_is_gone_or_hidden_is_left_out_and_the_page_is_filled_up(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    kept = [(await bob.post()).name for _ in range(3)]
    deleted, hidden = await bob.post(), await cleo.post()
    reply = await bob.post("Under it", reply_to=hidden.name)
    for name in (kept[0], deleted.name, kept[1], hidden.name, reply.name, kept[2]):
        await bookmark(ada, name)
    await bob.delete(deleted.name)
    await block(cleo, ada)
    for size in (1, 2, 3):
        assert await bookmarked(ada, size) == kept[::-1]
    await unblock(cleo, ada)
    assert len(await bookmarked(ada)) == 5


async def test_what_one_may_not_see_is_not_bookmarked(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await bob.post()
    await block(bob, ada)
    for change in (bookmark, remove_bookmark):
        expected = (await refused(change(ada, UNKNOWN_POST))).without(UNKNOWN_POST)
        assert (expected.code, expected.reason) == ("NOT_FOUND", "POST_NOT_FOUND")
        assert (await refused(change(ada, post.name))).without(post.name) == expected


async def test_a_deleted_post_is_not_bookmarked(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await bob.post()
    await ada.post("Yes", reply_to=post.name)
    await bob.delete(post.name)
    assert (await refused(bookmark(ada, post.name))).reason == "POST_DELETED"


async def test_clicking_at_once_bookmarks_once(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await bob.post()
    versions = []
    for _ in range(3):
        await asyncio.gather(*map(patiently, [partial(bookmark, ada, post.name)] * 5))
        versions.append(await version_of_mark(world, ada))
        await asyncio.gather(*map(patiently, [partial(remove_bookmark, ada, post.name)] * 5))
        versions.append(await version_of_mark(world, ada))
    assert versions == [1, 2, 3, 4, 5, 6]
    await asyncio.gather(*(patiently(partial(change, ada, post.name)) for change in (bookmark, remove_bookmark) * 5))
    expected = [post.name] if (await ada.read(post.name)).viewer.bookmarked else []
    assert await bookmarked(ada) == expected


@pytest.mark.parametrize("change", [bookmark, remove_bookmark])
async def test_the_log_brings_the_cache_in_line_and_names_nobody(meet: Meet, world: World, change: object) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    post = await bob.post()
    if change is remove_bookmark:
        await bookmark(ada, post.name)
    before = await at_home(ada, post.name)
    async with as_if_untold(world, ada, post.name):
        await (bookmark if change is bookmark else remove_bookmark)(ada, post.name)
    with queries(world) as found:
        assert await at_home(ada, post.name) is not before
    assert found == []
    query = "SELECT aggregate, payload FROM eventlog.events WHERE type = %s"
    async with world.server.resources.database.snapshot() as tx:
        rows = list(await tx.exec_driver_sql(query, ("plein.feed.v1.BookmarksChanged",)))
    told = b"".join(row.aggregate.encode() + row.payload for row in rows)
    assert rows
    assert not any(str(secret).encode() in told for secret in (ada.id, bob.id, post.name.removeprefix("posts/")))


async def version_of_mark(world: World, person: Caller) -> int:
    async with world.server.resources.database.snapshot() as tx:
        rows = await tx.exec_driver_sql("SELECT version FROM marks WHERE person = %s", (person.id,))
        version: int = rows.scalar_one()
        return version
