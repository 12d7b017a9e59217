"""Replies: their thread decides who sees them."""

import asyncio
from contextlib import suppress
from functools import partial

import grpc
from plein.feed.v1 import feed_pb2

from tests.feed.caller import UNKNOWN_POST, Meet, pages, patiently, refusal, refused


async def test_a_reply_stands_in_its_thread_and_counts(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await bob.post("Yes", reply_to=post.name)
    answer = await ada.post("Good", reply_to=reply.name)
    assert (reply.reply_to, reply.root) == (post.name, post.name)
    assert (answer.reply_to, answer.root) == (reply.name, post.name)
    assert [found.name for found in await ada.replies(post.name)] == [reply.name, answer.name]
    assert (await ada.read(post.name)).reply_count == 2, "the root counts its thread"
    assert (await ada.read(reply.name)).reply_count == 1, "others count their answers"


async def test_a_deleted_reply_no_longer_counts(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await bob.post(reply_to=post.name)
    await bob.delete(reply.name)
    assert (await ada.read(post.name)).reply_count == 0
    assert await ada.replies(post.name) == []


async def test_a_deleted_reply_that_was_answered_keeps_its_place(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await bob.post("Oops", reply_to=post.name)
    answer = await ada.post("What?", reply_to=reply.name)
    await bob.delete(reply.name)
    left, found = await ada.replies(post.name)
    assert (left.name, left.text, left.author, left.HasField("delete_time")) == (reply.name, "", "", True)
    assert found.name == answer.name


async def test_replies_come_oldest_first_in_pages(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    written = [
        (await caller.post(str(number), reply_to=post.name)).name for number in range(4) for caller in (ada, bob)
    ]
    for size in (1, 2, 3):
        assert [found.name for found in await ada.replies(post.name, size)] == written
    request = feed_pb2.ListRepliesRequest(parent=post.name, page_size=3)
    walking = pages(ada.api.ListReplies, request)
    names = [found.name for found in await anext(walking)]
    written.append((await bob.post("late", reply_to=post.name)).name)
    names += [found.name async for page in walking for found in page]
    assert names == written


async def test_a_reply_to_what_one_cannot_see_is_a_reply_to_nothing(meet: Meet) -> None:
    (ada,) = await meet("ada")
    (xavi,) = await meet("xavi", kind="EXTERNAL")
    post = await ada.post(kinds=["EMPLOYEE"])
    reply = await ada.post(reply_to=post.name)
    unknown = (await refused(xavi.post(reply_to=UNKNOWN_POST))).without(UNKNOWN_POST)
    assert (unknown.code, unknown.reason) == ("NOT_FOUND", "POST_NOT_FOUND")
    for hidden in (post.name, reply.name):
        assert (await refused(xavi.post(reply_to=hidden))).without(hidden) == unknown
        assert (await refused(xavi.read(hidden))).without(hidden) == unknown
        assert (await refused(xavi.replies(hidden))).without(hidden) == unknown
        assert (await refused(xavi.react(hidden))).without(hidden) == unknown
        assert (await refused(xavi.take_back(hidden))).without(hidden) == unknown
        assert (await refused(xavi.reactions(hidden))).without(hidden) == unknown
    assert (await ada.read(post.name)).reply_count == 1


async def test_a_reply_has_no_audience_of_its_own(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post(kinds=["EMPLOYEE"])
    refusal = await refused(ada.post(reply_to=post.name, kinds=["EMPLOYEE"]))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.audience",))


async def test_a_deleted_post_is_not_answered(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await bob.post(reply_to=post.name)
    await ada.delete(post.name)
    refusal = await refused(bob.post(reply_to=post.name))
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "POST_DELETED")
    assert (await bob.post("Still here", reply_to=reply.name)).root == post.name


async def test_many_replies_at_once_are_all_counted(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    replies = [partial(caller.post, reply_to=post.name) for caller in (ada, bob) for _ in range(10)]
    await asyncio.gather(*map(patiently, replies))
    assert (await ada.read(post.name)).reply_count == len(await ada.replies(post.name)) == 20


async def test_answering_and_deleting_at_once_never_block_each_other(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    for _ in range(6):
        reply = await bob.post(reply_to=post.name)
        answers = await asyncio.gather(
            *(ada.post(reply_to=reply.name) for _ in range(3)), bob.delete(reply.name), return_exceptions=True
        )
        refusals = [refusal(answer).code for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
        assert set(refusals) <= {"FAILED_PRECONDITION"}
    standing = [reply for reply in await ada.replies(post.name) if not reply.HasField("delete_time")]
    assert (await ada.read(post.name)).reply_count == len(standing)


async def test_nobody_answers_what_is_deleted_at_the_same_time(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    for _ in range(6):
        post = await ada.post()
        answering = [bob.post(reply_to=post.name) for _ in range(6)]
        await asyncio.gather(*answering[:2], ada.delete(post.name), *answering[2:], return_exceptions=True)
        # Of a deleted post that nobody answered there is nothing left to list.
        with suppress(grpc.aio.AioRpcError):
            replies = await bob.replies(post.name)
            deleted = (await ada.read(post.name)).delete_time
            assert all(reply.create_time.ToNanoseconds() < deleted.ToNanoseconds() for reply in replies)
