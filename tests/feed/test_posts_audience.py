"""Who may write where: replies, groups, announcements; and several posts in one question."""

import pytest
from plein.feed.v1 import events_pb2, feed_pb2

from chassis.testing import World
from tests.feed.caller import UNKNOWN_POST, Meet, refused
from tests.feed.writing import batch, edit, join, leave, new_group, reshare, told, write

# Who may reply


async def test_only_mentioned_people_and_the_author_reply(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await write(ada, "What do you think, @bob?", reply_rule=feed_pb2.REPLY_RULE_MENTIONED)
    reply = await bob.post("Nice", reply_to=post.name)
    await ada.post("Thanks", reply_to=reply.name)
    for name in (post.name, reply.name):
        refusal = await refused(cleo.post("Me too", reply_to=name))
        assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "REPLIES_LIMITED")
    assert (await cleo.read(post.name)).reply_count == 2
    await cleo.react(post.name)
    await edit(ada, post.name, text="What do you think, @cleo?")
    await cleo.post("Nice too", reply_to=post.name)
    assert (await refused(bob.post("But", reply_to=post.name))).reason == "REPLIES_LIMITED"


async def test_nobody_but_the_author_replies(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await write(ada, "Read this, @bob", reply_rule=feed_pb2.REPLY_RULE_NOBODY)
    reply = await ada.post("And this", reply_to=post.name)
    for name in (post.name, reply.name):
        assert (await refused(bob.post(reply_to=name))).reason == "REPLIES_LIMITED"
    assert (await reshare(bob, post.name, "Everybody, read")).original.name == post.name


async def test_who_does_not_see_a_thread_does_not_hear_that_replies_are_limited(meet: Meet) -> None:
    (ada,) = await meet("ada")
    (xavi,) = await meet("xavi", kind="EXTERNAL")
    post = await write(ada, "Us", kinds=["EMPLOYEE"], reply_rule=feed_pb2.REPLY_RULE_NOBODY)
    unknown = (await refused(xavi.post(reply_to=UNKNOWN_POST))).without(UNKNOWN_POST)
    assert (await refused(xavi.post(reply_to=post.name))).without(post.name) == unknown


async def test_a_reply_says_nothing_of_who_may_reply(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post()
    refusal = await refused(write(ada, "Yes", reply_to=post.name, reply_rule=feed_pb2.REPLY_RULE_NOBODY))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.reply_rule",))


# Groups


async def test_only_members_write_and_read_in_a_group(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    group, unknown = new_group(), new_group()
    await join(world, group, ada, bob)
    post = await write(ada, "Among us", group=group)
    assert post.audience.group == group
    assert await bob.read(post.name) == post
    assert (await refused(cleo.read(post.name))).reason == "POST_NOT_FOUND"
    nothing = (await refused(write(cleo, "Hello", group=unknown))).without(unknown)
    assert (nothing.code, nothing.fields) == ("INVALID_ARGUMENT", ("post.audience.group",))
    assert (await refused(write(cleo, "Hello", group=group))).without(group) == nothing
    assert (await refused(write(cleo, "Hello", group="groups/x"))).without("groups/x") == nothing
    (created,) = [payload for _, payload in await told(world, post.name)]
    assert events_pb2.PostCreated.FromString(created).group == group


async def test_who_left_a_group_neither_replies_nor_edits_in_it(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group = new_group()
    await join(world, group, ada, bob)
    post = await write(ada, "Among us", group=group)
    reply = await bob.post("Yes", reply_to=post.name)
    await leave(world, group, bob)
    for name in (post.name, reply.name):
        assert (await refused(bob.post("But", reply_to=name))).reason == "POST_NOT_FOUND"
    assert (await refused(edit(bob, reply.name, text="No"))).reason == "POST_NOT_FOUND"
    assert (await refused(write(bob, "Hello", group=group))).reason == "NO_GROUP"


# Announcements


@pytest.mark.parametrize("role", ["editor", "community-manager", "administrator"])
async def test_some_roles_announce(meet: Meet, role: str) -> None:
    (ada,) = await meet("ada", roles=[role])
    assert (await write(ada, "New canteen", announcement=True)).announcement
    assert (await write(ada, "For you", announcement=True, kinds=["EXTERNAL"])).announcement


@pytest.mark.parametrize("roles", [[], ["moderator", "auditor", "ambassador"]])
async def test_others_do_not_announce(meet: Meet, roles: list[str]) -> None:
    (ada,) = await meet("ada", roles=roles)
    refusal = await refused(write(ada, "New canteen", announcement=True))
    assert (refusal.code, refusal.fields) == ("PERMISSION_DENIED", ("post.announcement",))


async def test_neither_in_a_reply_nor_in_a_group_one_announces(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada", roles=["editor"])
    group = new_group()
    await join(world, group, ada)
    post = await ada.post()
    for call in (
        write(ada, "Listen", announcement=True, reply_to=post.name),
        write(ada, "Listen", announcement=True, group=group),
    ):
        refusal = await refused(call)
        assert (refusal.code, refusal.fields) == ("PERMISSION_DENIED", ("post.announcement",))


# Several at once


async def test_several_posts_come_in_the_order_asked_without_what_one_may_not_see(meet: Meet) -> None:
    (ada,) = await meet("ada")
    (xavi,) = await meet("xavi", kind="EXTERNAL")
    posts = [await ada.post(str(number)) for number in range(3)]
    hidden = await ada.post(kinds=["EMPLOYEE"])
    deleted, left = await ada.post(), await ada.post()
    reply = await ada.post(reply_to=left.name)
    for post in (deleted, left):
        await ada.delete(post.name)
    names = [posts[2].name, hidden.name, UNKNOWN_POST, posts[0].name, "posts/x", deleted.name, left.name, reply.name]
    expected = [posts[2].name, posts[0].name, left.name, reply.name]
    assert await batch(xavi, *names, *names) == expected
    assert await batch(ada, *names) == [posts[2].name, hidden.name, *expected[1:]]


async def test_at_most_a_hundred_posts_are_asked_for_at_once(meet: Meet) -> None:
    (ada,) = await meet("ada")
    assert await batch(ada, *[UNKNOWN_POST] * 100) == []
    for names in ([], [UNKNOWN_POST] * 101, ["people/x"]):
        refusal = await refused(batch(ada, *names))
        assert refusal.code == "INVALID_ARGUMENT"
