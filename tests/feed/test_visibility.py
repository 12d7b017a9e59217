"""Information barriers and suspension bite at once and everywhere; what may not be known is as if it were not there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any
from uuid import uuid4

import pytest
from plein.feed.v1 import feed_pb2, feed_pb2_grpc

from chassis.testing import Person, World
from tests.feed.caller import UNKNOWN_PERSON, UNKNOWN_POST, Caller, Meet, refused


@pytest.fixture(autouse=True)
async def no_barriers(world: World) -> AsyncIterator[None]:
    """Each test raises its own barriers, between `network` and `retail`."""
    yield
    await world.bar()


async def apart(meet: Meet) -> tuple[Caller, Caller]:
    """Two people between whom a barrier can be raised, who follow each other."""
    (ned,) = await meet("ned", segments=["network"])
    (rita,) = await meet("rita", segments=["retail"])
    await ned.follow(rita)
    await rita.follow(ned)
    return ned, rita


async def test_a_barrier_takes_posts_away_in_both_directions_and_gives_them_back(meet: Meet, world: World) -> None:
    ned, rita = await apart(meet)
    from_ned, from_rita = await ned.post("#barred"), await rita.post("#barred")
    await world.caught_up()
    both = [from_rita.name, from_ned.name]
    for reader in (ned, rita):
        assert await seen(reader, ned, rita) == [both] * 4, "the cache is warm"
    await world.bar(("network", "retail"))
    assert await seen(ned, ned) == [[from_ned.name]] * 4
    assert await seen(rita, rita) == [[from_rita.name]] * 4
    await world.bar()
    for reader in (ned, rita):
        assert await seen(reader, ned, rita) == [both] * 4


async def seen(reader: Caller, *authors: Caller) -> list[list[str]]:
    """What of #barred is on the reader's home, on everyone's, under the tag and with the authors, newest first."""
    barred = await reader.tagged("barred")
    mine = {name for author in authors for name in await reader.written_by(author)}
    home, everyone = await reader.home_names(), await reader.everyone()
    recent = [name for name in everyone if name in mine or name in home]
    return [home, recent, [name for name in barred if name in recent], sorted(mine, reverse=True)]


async def test_everything_of_somebody_behind_a_barrier_is_as_unknown_as_nothing(meet: Meet, world: World) -> None:
    ned, rita = await apart(meet)
    post = await ned.post()
    await world.bar(("retail", "network"))
    for hidden, unknown in ((post.name, UNKNOWN_POST), (ned.name, UNKNOWN_PERSON)):
        for of_hidden, of_nothing in zip(questions(rita, hidden), questions(rita, unknown), strict=True):
            expected = (await refused(of_nothing)).without(unknown)
            assert expected.code == "NOT_FOUND"
            assert (await refused(of_hidden)).without(hidden) == expected


def questions(caller: Caller, name: str) -> list[Awaitable[Any]]:
    """All that can be asked about a post or a person."""
    api = caller.api
    if name.startswith("posts/"):
        return [
            api.GetPost(feed_pb2.GetPostRequest(name=name)),
            api.DeletePost(feed_pb2.DeletePostRequest(name=name)),
            api.ListReplies(feed_pb2.ListRepliesRequest(parent=name)),
            api.ListReactions(feed_pb2.ListReactionsRequest(parent=name)),
            api.ReactToPost(feed_pb2.ReactToPostRequest(name=name, reaction=feed_pb2.REACTION_LIKE)),
            api.RemoveReaction(feed_pb2.RemoveReactionRequest(name=name)),
            api.CreatePost(feed_pb2.CreatePostRequest(post=feed_pb2.Post(text="Hello", reply_to=name))),
        ]
    return [
        api.ListPersonPosts(feed_pb2.ListPersonPostsRequest(parent=name)),
        api.GetFollow(feed_pb2.GetFollowRequest(name=name)),
        api.FollowPerson(feed_pb2.FollowPersonRequest(name=name)),
        api.ListFollowing(feed_pb2.ListFollowingRequest(parent=name)),
        api.ListFollowers(feed_pb2.ListFollowersRequest(parent=name)),
    ]


async def test_replies_and_reactions_of_somebody_behind_a_barrier_are_left_out(meet: Meet, world: World) -> None:
    ned, rita = await apart(meet)
    (ada,) = await meet("ada")
    post = await ada.post()
    from_ned = await ned.post("From the network", reply_to=post.name)
    answer = await ada.post("To the network", reply_to=from_ned.name)
    for fan in (ned, rita, ada):
        await fan.react(post.name)
        await fan.follow(ada) if fan is not ada else await ada.follow(ned, rita)
    await world.bar(("network", "retail"))
    assert [reply.name for reply in await rita.replies(post.name)] == [answer.name]
    assert [name for name, _ in await rita.reactions(post.name)] == [ada.name, rita.name]
    assert await rita.followers(ada) == [rita.name]
    assert await rita.following(ada) == [rita.name]
    assert [reply.name for reply in await ada.replies(post.name)] == [from_ned.name, answer.name]
    assert await ada.followers(ada) == [rita.name, ned.name]
    await world.bar()
    assert len(await rita.reactions(post.name)) == 3
    assert await rita.following(ada) == [rita.name, ned.name]


async def test_a_thread_of_somebody_behind_a_barrier_is_hidden_with_all_replies(meet: Meet, world: World) -> None:
    ned, rita = await apart(meet)
    (ada,) = await meet("ada")
    post = await ned.post()
    reply = await ada.post("#threaded", reply_to=post.name)
    await world.bar(("network", "retail"))
    assert await rita.written_by(ada, replies=True) == []
    assert await rita.tagged("threaded") == []
    assert (await refused(rita.read(reply.name))).reason == "POST_NOT_FOUND"
    assert await ned.written_by(ada, replies=True) == [reply.name]


async def test_whom_one_no_longer_meets_can_be_unfollowed(meet: Meet, world: World) -> None:
    ned, rita = await apart(meet)
    await world.bar(("network", "retail"))
    await ned.unfollow(rita)
    await world.bar()
    assert not await ned.follows(rita)


async def test_somebody_who_moves_into_a_segment_is_behind_its_barrier_at_once(meet: Meet, world: World) -> None:
    await world.bar(("network", "retail"))
    ned, ada = (await meet("ned", segments=["network"]))[0], (await meet("ada"))[0]
    await ned.follow(ada)
    post = await ada.post()
    await world.caught_up()
    assert await ned.home_names() == [post.name]
    await world.access(ada.person, segments=["retail"])
    assert await ned.home_names() == []
    await world.access(ada.person)
    assert await ned.home_names() == [post.name]


async def test_a_post_for_another_kind_shows_when_one_becomes_of_that_kind(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post(kinds=["FREELANCER"])
    await world.caught_up()
    assert await bob.home_names() == []
    await world.access(bob.person, kind="FREELANCER")
    assert await bob.home_names() == [post.name]


# Who comes in


async def test_somebody_who_is_suspended_is_refused_within_a_second(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post("Written before")
    await world.caught_up()
    async with asyncio.timeout(1):
        await world.access(ada.person, active=False)
        refusal = await refused(ada.api.ListHomePosts(feed_pb2.ListHomePostsRequest()))
    assert (refusal.code, refusal.reason) == ("UNAUTHENTICATED", "SESSION_ENDED")
    assert await bob.home_names() == [post.name], "what was written stays"
    assert (await bob.read(post.name)).author == ada.name
    await world.access(ada.person)
    assert await ada.home_names() == [post.name]


async def test_a_session_that_was_ended_is_refused(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    await world.access(ada.person, epoch=1)
    assert (await refused(ada.home())).reason == "SESSION_ENDED"


async def test_a_token_that_does_not_hold_is_refused(world: World) -> None:
    issuer = world.server.settings.issuer
    person_id = uuid4()
    expired = world.secrets.token(person_id, issuer=issuer, seconds=-1)
    foreign = world.secrets.token(person_id, issuer="https://elsewhere.example")
    forged = world.secrets.token(person_id, issuer=issuer)[:-4] + "AAAA"
    for token in ("nonsense", "a.b.c", "", expired, foreign, forged):
        caller = Caller(world, Person(person_id, "nobody", token))
        assert (await refused(caller.home())).code == "UNAUTHENTICATED"
        await caller.channel.close()


async def test_without_a_token_nothing_is_shown(world: World) -> None:
    async with world.channel(None) as channel:
        refusal = await refused(feed_pb2_grpc.FeedServiceStub(channel).ListHomePosts(feed_pb2.ListHomePostsRequest()))
    assert (refusal.code, refusal.reason) == ("UNAUTHENTICATED", "NO_TOKEN")


async def test_a_service_has_no_home_and_a_person_imports_nothing(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada", roles=["administrator"])
    groups = Caller(world, "groups")
    assert (await refused(groups.home())).code == "PERMISSION_DENIED"
    assert (await refused(groups.post())).code == "PERMISSION_DENIED"
    nothing = iter([feed_pb2.ImportActivityRequest()])
    assert (await refused(ada.api.ImportActivity(nothing))).code == "PERMISSION_DENIED"
    await groups.channel.close()
