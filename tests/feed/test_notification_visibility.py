"""What people are told is what they may see: when it happens, and each time that it is read or counted."""

from collections.abc import AsyncIterator, Callable

import pytest
import sqlalchemy as sa

from chassis.testing import World
from tests.feed.caller import Caller, Meet
from tests.feed.reader import Reader
from tests.feed.relating import block, mute, mute_thread, unblock, unmute

Of = Callable[[Caller], Reader]


@pytest.fixture
def of(world: World) -> Of:
    return lambda caller: Reader(world, caller)


@pytest.fixture(autouse=True)
async def no_barriers(world: World) -> AsyncIterator[None]:
    """Each test raises its own barriers, between `network` and `retail`."""
    yield
    await world.bar()


async def test_nobody_is_told_of_a_post_that_is_for_others(meet: Meet, of: Of) -> None:
    ada, eva, xavi = [*await meet("ada", "eva"), *await meet("xavi", kind="EXTERNAL")]
    await ada.post("@eva @xavi", kinds=["EMPLOYEE"])
    assert await of(eva).told() == [("MENTION", ["ada"])]
    assert await of(xavi).told() == []


async def test_a_barrier_takes_what_was_told_away_and_gives_it_back(meet: Meet, world: World, of: Of) -> None:
    (ned,) = await meet("ned", segments=["network"])
    (rita,) = await meet("rita", segments=["retail"])
    (ada,) = await meet("ada")
    post = await ned.post("@ada @rita")
    await rita.post("@ned", reply_to=post.name)
    await rita.react(post.name)
    await ada.react(post.name)
    await rita.follow(ned)
    before = await of(ned).told()
    assert before == [("FOLLOWER", ["rita"]), ("REACTION", ["ada", "rita"]), ("REPLY", ["rita"])]
    await world.bar(("network", "retail"))
    assert await of(ned).told() == [("REACTION", ["ada"])]
    (reaction,) = await of(ned).inbox()
    assert (reaction.person_count, reaction.entry_count) == (1, 1), "nor is it counted"
    assert await of(ned).unread() == 1
    assert await of(rita).told() == []
    assert await of(rita).unread() == 0
    await rita.post("@ned", reply_to=(await rita.post()).name)
    await world.caught_up()
    await world.bar()
    assert await of(ned).told() == before, "what was not told behind the barrier is not told later"
    assert await of(ned).unread() == 3
    assert await of(rita).unread() == 1


async def test_a_hidden_post_is_no_longer_told_and_its_author_still_hears_of_it(
    meet: Meet, world: World, of: Of
) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post("@bob")
    await cleo.react(post.name)
    assert await of(bob).unread() == 1
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.text("UPDATE posts SET hidden = true WHERE id = :id"), {"id": post.name[6:]})
    assert await of(bob).inbox() == []
    assert await of(bob).unread() == 0
    assert await of(ada).told() == [("REACTION", ["cleo"])]


async def test_who_is_suspended_is_told_nothing(meet: Meet, world: World, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.post("@bob")
    assert await of(bob).unread() == 1
    await world.access(bob.person, active=False)
    await ada.post("@bob")
    await world.caught_up()
    await world.access(bob.person, active=True)
    assert await of(bob).unread() == 1


async def test_who_blocks_somebody_sees_nothing_that_they_did(meet: Meet, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post()
    await cleo.react(post.name)
    await bob.react(post.name)
    await bob.post("@ada")
    assert await of(ada).unread() == 2
    await block(ada, bob)
    assert await of(ada).told() == [("REACTION", ["cleo"])]
    assert await of(ada).unread() == 1
    await unblock(ada, bob)
    assert await of(ada).told() == [("MENTION", ["bob"]), ("REACTION", ["bob", "cleo"])]


async def test_of_whom_one_muted_one_is_not_told(meet: Meet, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    await mute(ada, bob)
    await bob.react(post.name)
    await bob.follow(ada)
    await bob.post("@ada", reply_to=post.name)
    assert await of(ada).told() == []
    await unmute(ada, bob)
    await bob.post("@ada")
    assert await of(ada).told() == [("MENTION", ["bob"])]


async def test_of_a_muted_thread_one_is_not_told(meet: Meet, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post, other = await ada.post(), await ada.post()
    reply = await bob.post(reply_to=post.name)
    assert await of(ada).told() == [("REPLY", ["bob"])]
    await mute_thread(ada, reply.name)
    await mute_thread(bob, post.name)
    await cleo.post("@ada", reply_to=reply.name)
    await cleo.react(reply.name)
    await cleo.react(post.name)
    await cleo.react(other.name)
    assert await of(ada).told() == [("REACTION", ["cleo"]), ("REPLY", ["bob"])]
    assert await of(bob).told() == []
