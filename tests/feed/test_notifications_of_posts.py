"""What is told of posts that are more than a text: reshared, edited, with a poll, for a group."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from chassis.testing import World
from tests.feed.caller import Caller, Meet
from tests.feed.reader import Reader, kind
from tests.feed.relating import join, leave
from tests.feed.writing import edit, end_poll, kinds_told, poll, reshare, undo, vote, write

Of = Callable[[Caller], Reader]


@pytest.fixture
def of(world: World) -> Of:
    return lambda caller: Reader(world, caller)


async def test_reshares_of_one_post_are_told_together_until_they_are_undone(meet: Meet, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post()
    await reshare(bob, post.name)
    comment = await reshare(cleo, post.name, "Look, @ada!")
    assert await of(ada).told() == [("RESHARE", ["cleo", "bob"])]
    (told,) = await of(ada).inbox()
    assert (told.subject, told.newest, told.post.text) == (post.name, comment.name, "Look, @ada!")
    await undo(bob, post.name)
    assert await of(ada).told() == [("RESHARE", ["cleo"])]
    await ada.delete(post.name)
    assert await of(ada).told() == []
    assert await of(ada).unread() == 0


async def test_an_edit_tells_those_whom_it_mentions_and_takes_back_from_those_whom_it_does_not(
    meet: Meet, of: Of
) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post("@bob")
    assert await of(bob).told() == [("MENTION", ["ada"])]
    await edit(ada, post.name, text="@cleo")
    assert await of(bob).told() == []
    assert await of(cleo).told() == [("MENTION", ["ada"])]
    await edit(ada, post.name, text="@cleo, @bob")
    assert await of(bob).told() == [("MENTION", ["ada"])]
    assert len(await of(cleo).inbox()) == 1
    await of(cleo).read((await of(cleo).inbox())[0].position)
    await edit(ada, post.name, text="@cleo, @bob!")
    assert await of(cleo).unread() == 0, "who was told is not told again"


async def test_an_edit_leaves_a_reply_what_it_is(meet: Meet, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await bob.post("@ada", reply_to=post.name)
    await edit(bob, reply.name, text="Nobody")
    assert await of(ada).told() == [("REPLY", ["bob"])]


async def test_who_asked_and_who_voted_hear_that_a_poll_ended_and_not_who_did(meet: Meet, world: World, of: Of) -> None:
    ada, bob, cleo, dirk = await meet("ada", "bob", "cleo", "dirk")
    post = await write(ada, "Tea?", poll=poll())
    await vote(bob, post.name, 0)
    await vote(cleo, post.name, 1)
    await end_poll(world, post.name)
    async with asyncio.timeout(10):
        while "PollEnded" not in await kinds_told(world, post.name):
            pass
    told = [await of(person).inbox() for person in (ada, bob, cleo)]
    assert [[(kind(found), found.subject) for found in inbox] for inbox in told] == [[("POLL_ENDED", post.name)]] * 3
    assert all(not inbox[0].people and inbox[0].person_count == 0 for inbox in told)
    assert await of(dirk).inbox() == []


async def test_what_is_told_of_a_group_is_gone_for_those_who_left_it(meet: Meet, world: World, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    group = uuid4()
    await join(world, group, ada, bob)
    post = await write(ada, "@bob @cleo", group=f"groups/{group}")
    await ada.react((await bob.post(reply_to=post.name)).name)
    assert await of(bob).told() == [("REACTION", ["ada"]), ("MENTION", ["ada"])]
    assert await of(cleo).told() == []
    await leave(world, group, bob)
    assert await of(bob).told() == []
    assert await of(bob).unread() == 0
    await join(world, group, bob, cleo)
    assert await of(bob).unread() == 2
    assert await of(cleo).told() == [], "nor is it told later"
