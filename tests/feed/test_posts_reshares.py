"""Reshares: passed on with a comment or without, counted, and taken back."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from plein.feed.v1 import events_pb2, feed_pb2

from chassis.testing import World
from tests.feed.cached import forget
from tests.feed.caller import UNKNOWN_POST, Caller, Meet, patiently, refused
from tests.feed.writing import as_if_untold, edit, join, kinds_told, new_group, poll, reshare, told, undo, write

Change = Callable[[Caller, str], Awaitable[feed_pb2.Post]]


async def at_home(reader: Caller, name: str) -> tuple[bool, int]:
    """Whether the reader reshared a post, and how many did, as home shows it: once, by itself or in a reshare."""
    shown = [post.original if post.HasField("original") else post for post in await reader.home()]
    (post,) = [post for post in shown if post.name == name]
    return post.viewer.reshared, post.reshare_count


async def test_a_plain_reshare_passes_the_original_on(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await cleo.follow(bob)
    post = await ada.post("Read this #news")
    passed_on = await reshare(bob, post.name)
    assert (passed_on.text, passed_on.reshare_of, passed_on.original.text) == ("", post.name, post.text)
    assert (passed_on.original.viewer.reshared, passed_on.original.reshare_count) == (True, 1)
    assert await bob.read(passed_on.name) == passed_on
    await world.caught_up()
    (found,) = await cleo.home()
    assert found.name == passed_on.name
    assert (found.original.name, found.original.reshare_count) == (post.name, 1)
    assert not found.original.viewer.reshared, "that is bob's alone"
    (created,) = [payload for kind, payload in await told(world, passed_on.name) if kind == "PostCreated"]
    assert events_pb2.PostCreated.FromString(created).reshare_of == post.name


async def test_what_happens_to_an_original_shows_in_homes_that_were_read_before(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await cleo.follow(bob)
    post = await ada.post("Read this")
    await reshare(bob, post.name)
    await world.caught_up()
    for reaction in ("LIKE", "HEART", "THINK"):
        await cleo.react(post.name, reaction)
        (found,) = await cleo.home()
        assert found.original.viewer.reaction == feed_pb2.Reaction.Value(f"REACTION_{reaction}")
    await edit(ada, post.name, text="Read that")
    (found,) = await cleo.home()
    assert found.original.text == "Read that"
    await ada.delete(post.name)
    assert await cleo.home() == []


async def test_a_reshare_with_a_comment_is_a_post_of_its_own(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("Read this")
    first, second = await reshare(bob, post.name, "Yes, do"), await reshare(bob, post.name, "Really")
    assert first.name != second.name
    assert (first.text, first.original.name, first.original.viewer.reshared) == ("Yes, do", post.name, False)
    assert (await ada.read(post.name)).reshare_count == 2
    await bob.delete(first.name)
    assert (await ada.read(post.name)).reshare_count == 1


async def test_a_reshare_of_a_plain_reshare_points_at_the_original(meet: Meet) -> None:
    ada, bob, cleo, dora = await meet("ada", "bob", "cleo", "dora")
    post = await ada.post()
    plain = await reshare(bob, post.name)
    assert (await reshare(cleo, plain.name)).reshare_of == post.name
    assert (await reshare(dora, plain.name, "Look")).reshare_of == post.name
    assert (await reshare(bob, plain.name)).name == plain.name
    assert (await ada.read(post.name)).reshare_count == 3


async def test_a_reshare_of_a_comment_points_at_the_comment(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post()
    comment = await reshare(bob, post.name, "Look")
    passed_on = await reshare(cleo, comment.name)
    assert (passed_on.reshare_of, passed_on.original.text) == (comment.name, "Look")
    assert not passed_on.original.HasField("original"), "one level, as the contract says"
    assert (await cleo.read(comment.name)).reshare_count == 1
    assert (await cleo.read(post.name)).reshare_count == 1


async def test_the_same_plain_reshare_twice_is_the_same_post_again(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    first = await reshare(bob, post.name)
    assert await reshare(bob, post.name) == first
    assert await bob.written_by(bob) == [first.name]
    assert (await ada.read(post.name)).reshare_count == 1


async def test_clicking_reshare_at_once_makes_one(meet: Meet, world: World) -> None:
    ada, *fans = await meet("ada", "bob", "cleo", "dora")
    post = await ada.post()
    clicks = [partial(reshare, fan, post.name) for fan in fans for _ in range(7)]
    answers = await asyncio.gather(*map(patiently, clicks))
    assert len({answer.name for answer in answers}) == 3
    assert (await ada.read(post.name)).reshare_count == 3
    undone = [partial(undo, fan, post.name) for fan in fans for _ in range(3)]
    await asyncio.gather(*map(patiently, undone))
    assert (await ada.read(post.name)).reshare_count == 0


async def test_resharing_and_undoing_at_once_leaves_counts_and_marks_right(meet: Meet, world: World) -> None:
    ada, *fans = await meet("ada", "bob", "cleo", "dora")
    post = await ada.post()
    clicks = [partial(action, fan, post.name) for _ in range(5) for fan in fans for action in (reshare, undo)]
    await asyncio.gather(*map(patiently, clicks))
    seen = [await fan.read(post.name) for fan in fans]
    standing = [await fan.written_by(fan) for fan in fans]
    assert [one.viewer.reshared for one in seen] == [bool(names) for names in standing]
    assert {one.reshare_count for one in seen} == {sum(map(len, standing))}
    await world.caught_up()
    (home,) = await ada.home()
    assert home.reshare_count == seen[0].reshare_count


@pytest.mark.parametrize("how", ["undo", "undo the reshare", "delete"])
async def test_undoing_takes_the_mark_and_the_count_back(meet: Meet, world: World, how: str) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await bob.follow(ada)
    await cleo.follow(ada, bob)
    post = await ada.post()
    await at_home(bob, post.name)
    passed_on = await reshare(bob, post.name)
    assert await at_home(bob, post.name) == (True, 1)
    if how == "delete":
        await bob.delete(passed_on.name)
    else:
        answer = await undo(bob, post.name if how == "undo" else passed_on.name)
        assert (answer.name, answer.viewer.reshared, answer.reshare_count) == (post.name, False, 0)
    assert await at_home(bob, post.name) == (False, 0)
    assert (await refused(bob.read(passed_on.name))).code == "NOT_FOUND"
    assert await cleo.home_names() == [post.name]
    again = await reshare(bob, post.name)
    assert again.name != passed_on.name
    assert (await bob.read(post.name)).reshare_count == 1


async def test_undoing_nothing_changes_nothing(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    comment = await reshare(bob, post.name, "Look")
    assert await undo(bob, post.name) == await bob.read(post.name)
    assert (await bob.read(comment.name)).text == "Look"
    assert await kinds_told(world, comment.name) == ["PostCreated"]


async def test_what_one_cannot_see_is_reshared_like_nothing(meet: Meet) -> None:
    (ada,) = await meet("ada")
    (xavi,) = await meet("xavi", kind="EXTERNAL")
    (freya,) = await meet("freya", kind="FREELANCER")
    hidden = await ada.post(kinds=["EMPLOYEE", "FREELANCER"])
    plain = await reshare(freya, hidden.name, kinds=["FREELANCER"])
    unknown = (await refused(reshare(xavi, UNKNOWN_POST))).without(UNKNOWN_POST)
    for name in (hidden.name, plain.name):
        assert (await refused(reshare(xavi, name))).without(name) == unknown
        assert (await refused(undo(xavi, name))).without(name) == unknown
    assert (unknown.code, unknown.reason) == ("NOT_FOUND", "POST_NOT_FOUND")


async def test_a_plain_reshare_is_not_seen_where_its_original_is_not(meet: Meet, world: World) -> None:
    (ned,) = await meet("ned", segments=["network"])
    (rita,) = await meet("rita", segments=["retail"])
    (bob,) = await meet("bob")
    await rita.follow(bob)
    post = await ned.post("From the network")
    plain, comment = await reshare(bob, post.name), await reshare(bob, post.name, "Look")
    await world.bar(("network", "retail"))
    assert (await refused(rita.read(plain.name))).code == "NOT_FOUND"
    assert not (await rita.read(comment.name)).HasField("original")
    assert (await refused(reshare(rita, plain.name))).reason == "POST_NOT_FOUND"
    for _ in range(2):
        assert await rita.home_names() == [comment.name]
        await forget(world, rita)
    await world.bar()


async def test_a_post_for_some_kinds_is_reshared_to_those_or_fewer(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post(kinds=["EMPLOYEE", "EXTERNAL"])
    reply = await ada.post(reply_to=post.name)
    for name in (post.name, reply.name):
        for kinds in ([], ["FREELANCER"], ["EMPLOYEE", "FREELANCER"]):
            refusal = await refused(reshare(ada, name, "Look", kinds=kinds))
            assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "AUDIENCE_TOO_WIDE")
            assert refusal.fields == ("post.audience.kinds",)
        assert (await reshare(ada, name, "Look", kinds=["EXTERNAL"])).reshare_of == name
        assert (await reshare(ada, name, kinds=["EMPLOYEE", "EXTERNAL"])).reshare_of == name
    assert (await ada.read(post.name)).reshare_count == 2


async def test_a_post_in_a_group_is_reshared_in_that_group_alone(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group, other = new_group(), new_group()
    await join(world, group, ada, bob)
    await join(world, other, bob)
    post = await write(ada, "Among us", group=group)
    for elsewhere in ("", other):
        refusal = await refused(reshare(bob, post.name, group=elsewhere))
        assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "GROUP_ONLY")
        assert refusal.fields == ("post.audience.group",)
    assert (await reshare(bob, post.name, group=group)).original.name == post.name
    everyone = await ada.post("For everyone")
    assert (await reshare(bob, everyone.name, group=other)).audience.group == other


async def test_a_deleted_post_is_not_reshared_and_its_reshares_show_nothing(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await cleo.follow(bob)
    post = await ada.post()
    await bob.post("So it stays", reply_to=post.name)
    plain, comment = await reshare(bob, post.name), await reshare(bob, post.name, "Look")
    await ada.delete(post.name)
    for name in (post.name, plain.name):
        assert (await refused(reshare(cleo, name))).reason == "POST_DELETED"
    assert not (await cleo.read(comment.name)).HasField("original")
    assert await cleo.home_names() == [comment.name]
    await undo(bob, post.name)
    assert await bob.written_by(bob) == [comment.name]
    assert (await ada.read(post.name)).reply_count == 1


async def test_a_plain_reshare_carries_nothing_and_a_reply_reshares_nothing(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post()
    refusal = await refused(write(ada, reshare_of=post.name, poll=poll()))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.poll",))
    refusal = await refused(write(ada, reshare_of=post.name, reply_rule=feed_pb2.REPLY_RULE_NOBODY))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.reply_rule",))
    refusal = await refused(write(ada, "Both", reshare_of=post.name, reply_to=post.name))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.reshare_of",))
    assert (await write(ada, "Which?", reshare_of=post.name, poll=poll())).poll.choices


@pytest.mark.parametrize("change", [reshare, undo])
async def test_what_a_process_did_not_tell_the_cache_before_it_died_the_log_does(
    meet: Meet, world: World, change: Change
) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post()
    if change is undo:
        await reshare(bob, post.name)
    await bob.home()
    await world.caught_up()
    async with as_if_untold(world, bob, post.name):
        await change(bob, post.name)
    assert await at_home(bob, post.name) == ((True, 1) if change is reshare else (False, 0))
