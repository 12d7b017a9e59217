"""Changing posts, with all that they said before open to whoever sees them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import grpc
import pytest
from plein.feed.v1 import events_pb2, feed_pb2

from chassis.testing import World
from tests.feed.cached import forget
from tests.feed.caller import UNKNOWN_POST, Meet, refusal, refused
from tests.feed.pictures import content, illustrated, uploaded
from tests.feed.relating import follow_tag
from tests.feed.writing import (
    as_if_untold,
    cached_with,
    edit,
    kinds_told,
    poll,
    reshare,
    revisions,
    rows_with,
    told,
    vote,
    write,
)


async def test_an_edit_shows_everywhere_and_what_it_said_before_stays(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await bob.follow(ada)
    post = await ada.post("Hello @bob #before")
    await bob.react(post.name)
    await bob.home()
    changed = await edit(ada, post.name, text="Hello @cleo and @bob #after", etag=post.etag)
    assert [mention.person for mention in changed.mentions] == [cleo.name, bob.name]
    assert (list(changed.tags), changed.reaction_counts[0].count) == (["tags/after"], 1)
    assert changed.edit_time.ToNanoseconds() > post.create_time.ToNanoseconds()
    assert changed.create_time == post.create_time
    assert changed.etag != post.etag
    assert await ada.read(post.name) == changed
    assert [found.text for found in await bob.home()] == [changed.text]
    assert (await bob.tagged("before"), await bob.tagged("after")) == ([], [post.name])
    (before,) = await revisions(bob, post.name)
    assert (before.text, before.create_time) == (post.text, post.create_time)


async def test_who_is_newly_mentioned_is_told(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post("@bob")
    await edit(ada, post.name, text="@bob @cleo")
    (_, payload) = (await told(world, post.name))[-1]
    event = events_pb2.PostEdited.FromString(payload)
    assert event == events_pb2.PostEdited(post=post.name, author=ada.name, root=post.name, newly_mentioned=[cleo.name])
    assert bob.name not in event.newly_mentioned


async def test_earlier_versions_come_newest_first_in_pages(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("0")
    assert await revisions(ada, post.name) == []
    for number in range(1, 6):
        await edit(ada, post.name, text=str(number))
    for size in (1, 2, 5, 100):
        found = await revisions(ada, post.name, size)
        assert [revision.text for revision in found] == ["4", "3", "2", "1", "0"]
    times = [revision.create_time.ToNanoseconds() for revision in found]
    assert times == sorted(set(times), reverse=True)


async def test_an_edit_that_changes_nothing_is_none(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    post = await write(ada, "Hello", poll=poll())
    assert await edit(ada, post.name, text=" Hello ", poll=post.poll) == post
    assert await edit(ada, post.name) == post
    assert await kinds_told(world, post.name) == ["PostCreated"]


async def test_only_the_author_edits(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    (xavi,) = await meet("xavi", kind="EXTERNAL")
    post = await ada.post(kinds=["EMPLOYEE"])
    told_bob = await refused(edit(bob, post.name, text="Mine"))
    assert (told_bob.code, told_bob.reason) == ("PERMISSION_DENIED", "NOT_YOUR_POST")
    unknown = (await refused(edit(xavi, UNKNOWN_POST, text="Mine"))).without(UNKNOWN_POST)
    assert (unknown.code, unknown.reason) == ("NOT_FOUND", "POST_NOT_FOUND")
    assert (await refused(edit(xavi, post.name, text="Mine"))).without(post.name) == unknown
    hidden = (await refused(revisions(xavi, UNKNOWN_POST))).without(UNKNOWN_POST)
    assert (await refused(revisions(xavi, post.name))).without(post.name) == hidden


async def test_an_edit_of_what_changed_meanwhile_is_refused(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("One")
    await bob.react(post.name)
    await edit(ada, post.name, text="Two", etag=post.etag)
    stale = await refused(edit(ada, post.name, text="Three", etag=post.etag))
    assert (stale.code, stale.reason) == ("ABORTED", "POST_CHANGED")
    assert (await edit(ada, post.name, text="Three")).text == "Three"


@pytest.mark.parametrize("path", ["author", "audience", "text.x", "reshare_of", "announcement", "*"])
async def test_a_field_that_cannot_be_changed_is_refused(meet: Meet, path: str) -> None:
    (ada,) = await meet("ada")
    post = await ada.post()
    assert (await refused(edit(ada, post.name, path, text="Other"))).fields == ("update_mask",)


async def test_an_edit_obeys_the_rules_of_writing(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await ada.post("Yes", reply_to=post.name)
    assert (await refused(edit(ada, post.name, "text"))).fields == ("post.text",)
    assert (await refused(edit(ada, post.name, text="a" * 501))).reason == "POST_TOO_LONG"
    assert (await refused(edit(ada, post.name, images=[feed_pb2.Image(image="images/x")]))).fields == (
        "post.images[0].image",
    )
    assert (await refused(edit(ada, reply.name, poll=poll()))).fields == ("post.poll",)
    limited = await refused(edit(ada, reply.name, reply_rule=feed_pb2.REPLY_RULE_NOBODY))
    assert limited.fields == ("post.reply_rule",)
    plain, comment = await reshare(bob, post.name), await reshare(bob, post.name, "Look")
    assert (await refused(edit(bob, plain.name, text="Look"))).reason == "PLAIN_RESHARE"
    assert (await refused(edit(bob, comment.name, "text"))).fields == ("post.text",)
    assert (await edit(bob, comment.name, text="Look here")).original.name == post.name
    assert (await edit(ada, reply.name, text="No")).text == "No"


async def test_other_replies_are_no_other_text(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    limited = await edit(ada, post.name, reply_rule=feed_pb2.REPLY_RULE_NOBODY)
    assert (limited.reply_rule, limited.HasField("edit_time")) == (feed_pb2.REPLY_RULE_NOBODY, False)
    assert await revisions(bob, post.name) == []
    assert (await refused(bob.post(reply_to=post.name))).reason == "REPLIES_LIMITED"
    await edit(ada, post.name, "reply_rule")
    await bob.post(reply_to=post.name)


async def test_a_poll_is_changed_only_before_the_first_vote(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await write(ada, "Well?", poll=poll())
    other = poll("Red", "Green", "Blue", ahead=timedelta(days=2))
    changed = await edit(ada, post.name, poll=other)
    assert [choice.text for choice in changed.poll.choices] == ["Red", "Green", "Blue"]
    assert [list(revision.poll_choices) for revision in await revisions(bob, post.name)] == [["Yes", "No"]]
    await vote(bob, post.name, 2)
    begun = await refused(edit(ada, post.name, poll=poll()))
    assert (begun.code, begun.reason) == ("FAILED_PRECONDITION", "POLL_BEGUN")
    assert (await refused(edit(ada, post.name, "poll"))).reason == "POLL_BEGUN"
    kept = await edit(ada, post.name, text="Well, well?", poll=changed.poll)
    assert (kept.text, [choice.vote_count for choice in kept.poll.choices]) == ("Well, well?", [0, 0, 1])


async def test_images_that_stand_are_described_anew_taken_out_and_put_in(meet: Meet) -> None:
    (ada,) = await meet("ada")
    one, two, three = [(await uploaded(ada)).name for _ in range(3)]
    post = await illustrated(ada, one, two, text="Look", alt_text="A cat")
    wanted = [feed_pb2.Image(image=two, alt_text="A dog"), feed_pb2.Image(image=three)]
    changed = await edit(ada, post.name, images=wanted)
    assert [(image.image, image.alt_text, image.width) for image in changed.images] == [
        (two, "A dog", 64),
        (three, "", 64),
    ]
    assert list((await revisions(ada, post.name))[0].image_alt_texts) == ["A cat", "A cat"]
    assert (await edit(ada, post.name, "text", "images", images=changed.images)).text == ""
    assert (await refused(edit(ada, post.name, images=[feed_pb2.Image(image=one)]))).reason == "IMAGE_IN_USE"
    assert (await refused(content(ada, one))).code == "NOT_FOUND"
    assert await content(ada, three)


async def test_an_edit_that_a_process_did_not_tell_the_cache_before_it_died_the_log_does(
    meet: Meet, world: World
) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post("Before")
    await bob.home()
    await world.caught_up()
    async with as_if_untold(world, bob, post.name):
        await edit(ada, post.name, text="After")
    assert [found.text for found in await bob.home()] == ["After"]


async def test_other_tags_bring_a_post_home_to_others(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    for reader, tag in ((bob, "apples"), (cleo, "pears")):
        await follow_tag(reader, tag)
    post = await ada.post("#apples")
    newer = await ada.post("#apples #pears")
    await world.caught_up()
    assert await bob.home_names() == [newer.name, post.name]
    assert await cleo.home_names() == [newer.name]
    for text, of_bob, of_cleo in (("#pears", [newer.name], [newer.name, post.name]), ("", [newer.name], [newer.name])):
        await edit(ada, post.name, text=f"{text} are fruit")
        await world.caught_up()
        for _ in range(2):
            assert await bob.home_names() == of_bob
            assert await cleo.home_names() == of_cleo
            await forget(world, bob, cleo)


# Deleting


async def test_of_a_deleted_post_nothing_is_left(meet: Meet, world: World) -> None:
    """Not in its row or beside it, in the log, in the answers kept for repeated requests, or in the cache."""
    ada, bob = await meet("ada", "bob")
    words = ["xylophone", "yesteryear", "zeppelin", "quagmire"]
    post = await write(ada, "xylophone @bob #zeppelin", poll=poll("quagmire", "No"))
    await write(bob, "Look", reshare_of=post.name)
    await bob.post("Nice", reply_to=post.name)
    await edit(ada, post.name, text="yesteryear @bob #zeppelin")
    await vote(bob, post.name, 0)
    await bob.home()
    assert len(await rows_with(world, words)) > len(words), "the search finds what is there"
    assert await cached_with(world, "yesteryear")
    await ada.delete(post.name)
    assert await rows_with(world, words) == []
    for word in words:
        assert await cached_with(world, word) == []
    assert (await refused(revisions(ada, post.name))).reason == "POST_NOT_FOUND"
    assert (await refused(edit(ada, post.name, text="Back"))).reason == "POST_DELETED"


async def test_a_request_repeated_after_deletion_tells_that_it_is_deleted(meet: Meet) -> None:
    (ada,) = await meet("ada")
    request_id = "7d0c4c9e-3b0a-4a54-9d0a-0d3c2a7d3c11"
    post = await ada.post("Mistake", request_id=request_id)
    reply = await ada.post("About it", reply_to=post.name, request_id="7d0c4c9e-3b0a-4a54-9d0a-0d3c2a7d3c12")
    await ada.delete(post.name)
    again = await ada.post("Mistake", request_id=request_id)
    assert (again.name, again.text, again.HasField("delete_time")) == (post.name, "", True)
    same = await ada.post("About it", reply_to=post.name, request_id="7d0c4c9e-3b0a-4a54-9d0a-0d3c2a7d3c12")
    assert same == reply


async def test_editing_and_deleting_at_once_never_brings_a_post_back(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    for _ in range(6):
        post = await ada.post("#racing")
        await bob.post("Kept", reply_to=post.name)
        edits = [edit(ada, post.name, text=f"#racing {number}") for number in range(4)]
        answers = await asyncio.gather(*edits[:2], ada.delete(post.name), *edits[2:], return_exceptions=True)
        assert reasons(answers) <= {"POST_DELETED"}
        left = await bob.read(post.name)
        assert (left.text, list(left.tags), left.HasField("delete_time")) == ("", [], True)
        assert (await kinds_told(world, post.name))[-1] == "PostDeleted"
        assert await bob.home_names() == []
    assert await bob.tagged("racing") == []
    assert await rows_with(world, ["racing"]) == []
    assert await cached_with(world, "racing") == []


async def test_editing_at_once_with_one_etag_is_done_once(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("0")
    edits = [edit(ada, post.name, text=str(number), etag=post.etag) for number in range(1, 9)]
    answers = await asyncio.gather(*edits, return_exceptions=True)
    assert sum(isinstance(answer, feed_pb2.Post) for answer in answers) == 1
    assert reasons(answers) == {"POST_CHANGED"}
    assert len(await revisions(ada, post.name)) == 1


def reasons(answers: Sequence[feed_pb2.Post | BaseException | None]) -> set[str]:
    """Why some of the calls were refused."""
    return {refusal(answer).reason for answer in answers if isinstance(answer, grpc.aio.AioRpcError)}
