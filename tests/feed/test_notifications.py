"""What people are told: of which things, once each, and how it is grouped, counted, read and taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.caller import Caller, Meet
from tests.feed.importing import bring_in, imported
from tests.feed.reader import Reader

Of = Callable[[Caller], Reader]


@pytest.fixture
def of(world: World) -> Of:
    return lambda caller: Reader(world, caller)


async def test_a_mention_is_told_once(meet: Meet, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("Look @bob, @bob!")
    (told,) = await of(bob).inbox()
    assert await of(bob).told() == [("MENTION", ["ada"])]
    assert (told.subject, told.newest, told.post.text) == (post.name, post.name, "Look @bob, @bob!")
    assert (told.person_count, told.entry_count, told.read) == (1, 1, False)
    assert await of(bob).unread() == 1
    assert await of(ada).inbox() == []


async def test_a_reply_says_whose_post_or_thread_it_is_in(meet: Meet, of: Of) -> None:
    ada, bob, cleo, dirk = await meet("ada", "bob", "cleo", "dirk")
    post = await ada.post()
    first = await bob.post(reply_to=post.name)
    await cleo.post(reply_to=first.name)
    await dirk.post(reply_to=post.name)
    assert await of(ada).told() == [("REPLY", ["dirk", "bob"]), ("REPLY_IN_OWN_THREAD", ["cleo"])]
    assert await of(bob).told() == [("REPLY_IN_JOINED_THREAD", ["dirk"]), ("REPLY", ["cleo"])]
    assert await of(cleo).told() == [("REPLY_IN_JOINED_THREAD", ["dirk"])]
    assert await of(dirk).told() == []


async def test_one_post_is_told_once_though_it_concerns_somebody_twice(meet: Meet, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    await bob.post("Yes @ada", reply_to=post.name)
    assert await of(ada).told() == [("REPLY", ["bob"])]


async def test_reactions_to_one_post_are_one_notification(meet: Meet, of: Of) -> None:
    ada, *others = await meet("ada", "bob", "cleo", "dirk", "eva")
    post, other = await ada.post(), await ada.post()
    for person in others:
        await person.react(post.name)
    await others[0].react(other.name)
    await others[0].react(post.name, "HEART")
    newest, first = await of(ada).inbox()
    assert (newest.subject, newest.person_count) == (other.name, 1)
    assert (first.subject, first.person_count, first.entry_count) == (post.name, 4, 4)
    assert await of(ada).told() == [("REACTION", ["bob"]), ("REACTION", ["eva", "dirk", "cleo"])]
    assert await of(ada).unread() == 2


async def test_what_comes_after_reading_is_another_notification(meet: Meet, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post()
    await bob.react(post.name)
    (first,) = await of(ada).inbox()
    assert await of(ada).read(first.position) == 0
    await cleo.react(post.name)
    assert await of(ada).told() == [("REACTION", ["cleo"]), ("REACTION", ["bob"])]
    assert [found.read for found in await of(ada).inbox()] == [False, True]
    assert await of(ada).unread() == 1


async def test_reading_up_to_what_was_seen_leaves_what_came_meanwhile(meet: Meet, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    one, two, three = [await ada.post() for _ in range(3)]
    for post in (one, two):
        await bob.react(post.name)
    seen = await of(ada).inbox()
    await cleo.react(one.name)
    await bob.react(three.name)
    assert await of(ada).unread() == 3
    assert await of(ada).read(seen[0].position) == 2, "only what was told of the second post was seen as it is now"
    unread = await of(ada).inbox(unread_only=True)
    assert [found.subject for found in unread] == [three.name, one.name]
    assert await of(ada).read(0, unread[1].name, unread[1].name, "notifications/nonsense") == 1
    assert await of(bob).read(10**6, unread[0].name) == 0
    assert await of(ada).unread() == 1, "nobody reads for another"


async def test_what_is_taken_back_is_no_longer_told(meet: Meet, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post()
    await bob.react(post.name)
    await cleo.react(post.name)
    await bob.follow(ada)
    reply = await bob.post("Yes", reply_to=post.name)
    mention = await bob.post("@ada")
    assert len(await of(ada).inbox()) == 4
    await bob.take_back(post.name)
    await bob.unfollow(ada)
    await bob.delete(reply.name)
    await bob.delete(mention.name)
    assert await of(ada).told() == [("REACTION", ["cleo"])]
    await cleo.take_back(post.name)
    assert await of(ada).told() == []
    assert await of(ada).unread() == 0
    await cleo.react(post.name)
    assert await of(ada).told() == [("REACTION", ["cleo"])]


async def test_who_deletes_a_post_hears_no_more_of_it(meet: Meet, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    await bob.react(post.name)
    assert len(await of(ada).inbox()) == 1
    await ada.delete(post.name)
    assert await of(ada).inbox() == []


async def test_followers_are_told_together(meet: Meet, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await bob.follow(ada)
    await cleo.follow(ada)
    assert await of(ada).told() == [("FOLLOWER", ["cleo", "bob"])]
    assert (await of(ada).inbox())[0].subject == ""


async def test_nobody_is_told_what_they_did_themselves(meet: Meet, of: Of) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("@ada")
    await ada.post(reply_to=post.name)
    await ada.react(post.name)
    assert await of(ada).inbox() == []


async def test_of_the_past_that_is_brought_in_nobody_is_told(meet: Meet, world: World, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    written = datetime.now(UTC) - timedelta(days=9)
    past = [imported(ada, "told-1", written), imported(bob, "told-2", written, "Hi @ada", "told-1")]
    follow = feed_pb2.ImportedFollow(follower=bob.name, followee=ada.name)
    reaction = feed_pb2.ImportedReaction(post_external_id="told-1", person=bob.name, reaction=feed_pb2.REACTION_LIKE)
    request = feed_pb2.ImportActivityRequest(posts=past, follows=[follow], reactions=[reaction])
    answer = await bring_in(world, request)
    assert (answer.posts_created, answer.follows_created, answer.reactions_created) == (2, 1, 1)
    assert await of(ada).inbox() == []


async def test_pages_go_both_ways_without_gap_or_double(meet: Meet, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    posts = [await ada.post() for _ in range(7)]
    for post in posts:
        await bob.react(post.name)
    names = [post.name for post in posts[::-1]]
    assert [found.subject for found in await of(ada).inbox()] == names
    first = await of(ada).page(3)
    second = await of(ada).page(3, first.next_page_token)
    await cleo.react(posts[0].name)
    third = await of(ada).page(3, second.next_page_token)
    down = [found.subject for page in (first, second, third) for found in page.notifications]
    assert sorted(down) == sorted(names), "what is told again may move up, and nothing else moves"
    assert not third.next_page_token
    back = await of(ada).page(3, second.previous_page_token)
    assert [found.subject for found in back.notifications] == names[:3]
    above = await of(ada).inbox()
    newest = await of(ada).page(3, back.previous_page_token)
    assert [found.subject for found in newest.notifications] == [posts[0].name] == [above[0].subject]
    nothing = await of(ada).page(3, newest.previous_page_token)
    assert not nothing.notifications
    assert (await of(ada).page(3, nothing.previous_page_token)).notifications == []
