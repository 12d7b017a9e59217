"""Writing, reading and deleting posts."""

import asyncio
from uuid import uuid4

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import Person, World
from tests.feed.caller import UNKNOWN_POST, Caller, Meet, patiently, refused

FAMILY = "👨‍👩‍👧‍👦"


async def test_a_post_comes_back_as_it_was_written(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("Coffee is ready.")
    assert (post.author, post.text, post.root, post.reply_to) == (ada.name, "Coffee is ready.", post.name, "")
    assert not post.HasField("audience")
    assert not post.HasField("delete_time")
    assert await bob.read(post.name) == await ada.read(post.name) == post


async def test_a_text_is_trimmed_and_normalised(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("  Cafe\u0301\r\nopen \n")
    assert post.text == "Café\nopen"


async def test_a_text_has_500_characters_as_people_count_them(meet: Meet) -> None:
    (ada,) = await meet("ada")
    assert (await ada.post(FAMILY * 250 + "e\u0301" * 250)).text == FAMILY * 250 + "é" * 250
    refusal = await refused(ada.post("a" * 501))
    assert (refusal.code, refusal.reason, refusal.fields) == ("INVALID_ARGUMENT", "POST_TOO_LONG", ("post.text",))
    assert dict(refusal.facts) == {"most": "500", "count": "501"}


async def test_a_text_of_too_many_bytes_is_refused(meet: Meet) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(ada.post("e" + "\u0301" * 10_001))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.text",))


@pytest.mark.parametrize("text", ["", " ", "\n\t \u00a0\u2003"])
async def test_a_post_without_a_text_is_refused(meet: Meet, text: str) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(ada.post(text))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.text",))


async def test_a_text_with_nul_is_refused_and_the_field_named(meet: Meet) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(ada.post("Hel\0lo"))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.text",))
    refusal = await refused(ada.tagged("a\0b"))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("parent",))


async def test_what_the_caller_cannot_decide_is_ignored(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    posing = feed_pb2.Post(text="Hello", author=bob.name, reply_count=9, name=UNKNOWN_POST, tags=["tags/x"])
    post = await ada.api.CreatePost(feed_pb2.CreatePostRequest(post=posing))
    assert (post.author, post.reply_count, list(post.tags)) == (ada.name, 0, [])
    assert post.name != UNKNOWN_POST


async def test_a_post_for_some_kinds_of_worker_is_not_found_by_others(meet: Meet) -> None:
    ada, freya = [*await meet("ada"), *await meet("freya", kind="FREELANCER")]
    (xavi,) = await meet("xavi", kind="EXTERNAL")
    post = await ada.post("For those from outside", kinds=["EXTERNAL", "FREELANCER"])
    assert await freya.read(post.name) == await xavi.read(post.name) == post
    assert await ada.read(post.name) == post, "authors see their own"
    (emil,) = await meet("emil")
    assert (await refused(emil.read(post.name))).reason == "POST_NOT_FOUND"


@pytest.mark.parametrize("kinds", [["UNSPECIFIED"], ["EMPLOYEE", "EMPLOYEE"]])
async def test_an_audience_that_makes_no_sense_is_refused(meet: Meet, kinds: list[str]) -> None:
    (ada,) = await meet("ada")
    assert (await refused(ada.post(kinds=kinds))).code == "INVALID_ARGUMENT"


async def test_an_id_that_is_none_is_as_unknown_as_another(meet: Meet) -> None:
    (ada,) = await meet("ada")
    unknown = (await refused(ada.read(UNKNOWN_POST))).without(UNKNOWN_POST)
    assert unknown.code == "NOT_FOUND"
    assert (await refused(ada.read("posts/nonsense"))).without("posts/nonsense") == unknown


# Deleting


async def test_a_deleted_post_is_gone(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post("#mistake")
    await ada.delete(post.name)
    for reader in (ada, bob):
        unknown = (await refused(reader.read(UNKNOWN_POST))).without(UNKNOWN_POST)
        assert (await refused(reader.read(post.name))).without(post.name) == unknown
        assert post.name not in await reader.home_names()
        assert post.name not in await reader.everyone()
        assert post.name not in await reader.written_by(ada)
        assert await reader.tagged("mistake") == []


async def test_a_deleted_post_with_replies_keeps_its_thread(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("Who is in? @bob #lunch")
    reply = await bob.post("Me", reply_to=post.name)
    await ada.delete(post.name)
    left = await bob.read(post.name)
    assert (left.text, left.author, len(left.mentions), len(left.tags)) == ("", "", 0, 0)
    assert (left.HasField("delete_time"), left.reply_count) == (True, 1)
    assert [found.name for found in await ada.replies(post.name)] == [reply.name]
    assert post.name not in await ada.everyone()


async def test_deleting_twice_changes_nothing(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await bob.post(reply_to=post.name)
    await bob.post(reply_to=reply.name)
    await ada.delete(post.name)
    await bob.delete(reply.name)
    once = await ada.read(post.name), await ada.replies(post.name)
    await ada.delete(post.name)
    await bob.delete(reply.name)
    assert (await ada.read(post.name), await ada.replies(post.name)) == once
    assert once[0].reply_count == 1


async def test_only_the_author_deletes(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    (xavi,) = await meet("xavi", kind="EXTERNAL")
    post = await ada.post(kinds=["EMPLOYEE"])
    refusal = await refused(bob.delete(post.name))
    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "NOT_YOUR_POST")
    unknown = (await refused(xavi.delete(UNKNOWN_POST))).without(UNKNOWN_POST)
    assert unknown.code == "NOT_FOUND"
    assert (await refused(xavi.delete(post.name))).without(post.name) == unknown
    assert await ada.read(post.name) == post


async def test_a_deleted_post_that_nobody_answered_has_no_replies_to_list(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    lonely, answered = await ada.post(), await ada.post()
    reply = await bob.post(reply_to=answered.name)
    for post in (lonely, answered):
        await ada.delete(post.name)
    unknown = (await refused(bob.replies(UNKNOWN_POST))).without(UNKNOWN_POST)
    assert (await refused(bob.replies(lonely.name))).without(lonely.name) == unknown
    assert [post.name for post in await bob.replies(answered.name)] == [reply.name]


# request_id


async def test_the_same_request_id_gives_the_same_answer(meet: Meet) -> None:
    (ada,) = await meet("ada")
    request_id = str(uuid4())
    first = await ada.post("Once", request_id=request_id)
    await ada.react(first.name)
    assert await ada.post("Once", request_id=request_id) == first
    assert await ada.written_by(ada) == [first.name]


async def test_many_posts_at_once_are_all_written_each_once(meet: Meet) -> None:
    """They share transactions; the same request twice in one of them counts once."""
    ada, bob = await meet("ada", "bob")
    request_ids = [str(uuid4()) for _ in range(20)]
    wanted = [(ada, f"Ada {place}", request_id) for place, request_id in enumerate(request_ids)] * 3
    wanted += [(bob, "Bob", "")] * 20
    posts = await asyncio.gather(*(caller.post(text, request_id=id_) for caller, text, id_ in wanted))
    assert posts[:20] == posts[20:40] == posts[40:60]
    assert await ada.written_by(ada) == sorted((post.name for post in posts[:20]), reverse=True)
    assert await bob.written_by(bob) == sorted((post.name for post in posts[60:]), reverse=True)
    assert await bob.home_names() == await bob.written_by(bob)


async def test_a_request_id_with_another_text_is_refused(meet: Meet) -> None:
    (ada,) = await meet("ada")
    request_id = str(uuid4())
    first = await ada.post("Once", request_id=request_id)
    refusal = await refused(ada.post("Twice", request_id=request_id))
    assert (refusal.code, refusal.fields) == ("ALREADY_EXISTS", ("request_id",))
    assert await ada.written_by(ada) == [first.name]


async def test_a_request_id_is_its_callers_own(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    request_id = str(uuid4())
    posts = [await caller.post("Mine", request_id=request_id) for caller in (ada, bob)]
    assert [post.author for post in posts] == [ada.name, bob.name]


async def test_a_request_that_was_refused_can_be_made_again(meet: Meet) -> None:
    (ada,) = await meet("ada")
    request_id = str(uuid4())
    await refused(ada.post(reply_to=UNKNOWN_POST, request_id=request_id))
    assert (await ada.post("Hello", request_id=request_id)).text == "Hello"


async def test_twenty_of_the_same_request_at_once_make_one_post(meet: Meet) -> None:
    (ada,) = await meet("ada")
    request_id = str(uuid4())
    asking = (patiently(lambda: ada.post("Once", request_id=request_id)) for _ in range(20))
    answers = await asyncio.gather(*asking)
    assert {post.name for post in answers} == set(await ada.written_by(ada))
    assert len(await ada.home_names()) == 1


async def test_somebody_of_whom_feed_has_not_heard_waits_before_writing(world: World) -> None:
    person_id = uuid4()
    token = world.secrets.token(person_id, issuer=world.server.settings.issuer)
    stranger = Caller(world, Person(person_id, "stranger", token))
    assert (await refused(stranger.post())).code == "UNAVAILABLE"
    assert await stranger.home_names() == []
    await stranger.channel.close()
