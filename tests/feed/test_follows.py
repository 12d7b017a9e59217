"""Who follows whom."""

import asyncio
from random import Random

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.caller import UNKNOWN_PERSON, Caller, Meet, pages, refused


async def test_following_twice_changes_nothing(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    request = feed_pb2.FollowPersonRequest(name=bob.name)
    first, again = await ada.api.FollowPerson(request), await ada.api.FollowPerson(request)
    assert first == again == await ada.api.GetFollow(feed_pb2.GetFollowRequest(name=bob.name))
    assert (first.follower, first.followee) == (ada.name, bob.name)
    assert await bob.following(ada) == [bob.name]


async def test_following_goes_one_way(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    assert (await ada.follows(bob), await bob.follows(ada)) == (True, False)
    assert (await ada.following(ada), await ada.followers(ada)) == ([bob.name], [])
    assert (await ada.following(bob), await ada.followers(bob)) == ([], [ada.name])


@pytest.mark.parametrize("name", ["me", "own"])
async def test_nobody_follows_oneself(meet: Meet, name: str) -> None:
    (ada,) = await meet("ada")
    request = feed_pb2.FollowPersonRequest(name="people/me" if name == "me" else ada.name)
    refusal = await refused(ada.api.FollowPerson(request))
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "FOLLOWS_ONESELF")


@pytest.mark.parametrize("name", [UNKNOWN_PERSON, "people/nonsense"])
async def test_nobody_is_not_followed(meet: Meet, name: str) -> None:
    (ada,) = await meet("ada")
    expected = ("NOT_FOUND", "PERSON_NOT_FOUND")
    for call in (
        ada.api.FollowPerson(feed_pb2.FollowPersonRequest(name=name)),
        ada.api.GetFollow(feed_pb2.GetFollowRequest(name=name)),
        ada.api.ListFollowing(feed_pb2.ListFollowingRequest(parent=name)),
        ada.api.ListFollowers(feed_pb2.ListFollowersRequest(parent=name)),
        ada.api.ListPersonPosts(feed_pb2.ListPersonPostsRequest(parent=name)),
    ):
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == expected


async def test_unfollowing_takes_posts_out_of_the_home_at_once(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    posts = [(await author.post()).name for author in (bob, cleo)]
    await world.caught_up()
    assert set(await ada.home_names()) == set(posts)
    await ada.unfollow(bob)
    assert await ada.home_names() == [posts[1]]
    assert await ada.following(ada) == [cleo.name]


async def test_unfollowing_whom_one_does_not_follow_changes_nothing(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.unfollow(bob)
    assert not await ada.follows(bob)


async def test_following_again_begins_a_new_time(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    request = feed_pb2.GetFollowRequest(name=bob.name)
    await ada.follow(bob)
    first = await ada.api.GetFollow(request)
    await ada.unfollow(bob)
    await ada.follow(bob)
    assert (await ada.api.GetFollow(request)).create_time.ToNanoseconds() > first.create_time.ToNanoseconds()


async def test_lists_come_newest_first_in_pages(meet: Meet) -> None:
    star, *fans = await meet("star", *(f"fan{number}" for number in range(7)))
    for fan in fans:
        await fan.follow(star)
        await star.follow(fan)
    expected = [fan.name for fan in reversed(fans)]
    for size in (1, 2, 3):
        assert await fans[0].followers(star, size) == expected
        assert await fans[0].following(star, size) == expected


async def test_pages_go_on_while_people_come_and_go(meet: Meet) -> None:
    star, *fans = await meet("star", *(f"fan{number}" for number in range(8)))
    for fan in fans[:6]:
        await fan.follow(star)
    found: list[str] = []
    request = feed_pb2.ListFollowersRequest(parent=star.name, page_size=2)
    async for page in pages(star.api.ListFollowers, request):
        if not found:
            await fans[6].follow(star)
            await fans[5].unfollow(star)
        found += [follow.follower for follow in page]
    assert found == [fan.name for fan in reversed(fans[:6])]


async def test_a_page_token_of_following_is_not_one_of_followers(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    page = await ada.api.ListFollowing(feed_pb2.ListFollowingRequest(parent=ada.name, page_size=1))
    token = page.next_page_token
    for call in (
        ada.api.ListFollowers(feed_pb2.ListFollowersRequest(parent=ada.name, page_token=token)),
        ada.api.ListFollowing(feed_pb2.ListFollowingRequest(parent=bob.name, page_token=token)),
        bob.api.ListFollowing(feed_pb2.ListFollowingRequest(parent=ada.name, page_token=token)),
    ):
        assert (await refused(call)).fields == ("page_token",)


async def test_a_storm_of_following_and_unfollowing_leaves_no_two_answers(meet: Meet, world: World) -> None:
    chance = Random(7)
    ada, *others = await meet("ada", "bob", "cleo", "dirk")
    posts = {other.name: (await other.post()).name for other in others}

    async def change() -> None:
        other = chance.choice(others)
        await (ada.follow(other) if chance.random() < 0.5 else ada.unfollow(other))

    await asyncio.gather(*(change() for _ in range(50)), *(ada.home_names() for _ in range(10)))
    followed = [other for other in others if await ada.follows(other)]
    await agree(ada, followed, posts)
    await world.caught_up()
    await agree(ada, followed, posts)


async def agree(ada: Caller, followed: list[Caller], posts: dict[str, str]) -> None:
    names = {other.name for other in followed}
    assert set(await ada.following(ada)) == names
    assert {name for name in posts if ada.name in await followers(ada, name)} == names
    assert set(await ada.home_names()) == {posts[name] for name in names}


async def followers(reader: Caller, name: str) -> list[str]:
    answer = await reader.api.ListFollowers(feed_pb2.ListFollowersRequest(parent=name))
    return [follow.follower for follow in answer.follows]
