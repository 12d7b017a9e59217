"""Home, one person, everyone, a tag: newest first, every post once, whatever the size of the pages."""

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.caller import TIMELINES, Meet, pages, refused, timelines


async def test_a_home_has_own_posts_and_those_of_the_people_followed(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob)
    written = [await author.post() for author in (ada, bob, cleo, bob, ada)]
    await bob.post("A reply", reply_to=written[0].name)
    await world.caught_up()
    assert await ada.home_names() == [post.name for post in reversed(written) if post.author != cleo.name]
    assert await cleo.home_names() == [written[2].name]


async def test_a_home_begins_with_what_was_written_before_following(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await bob.post()
    assert await ada.home_names() == []
    await ada.follow(bob)
    assert await ada.home_names() == [post.name]


async def test_a_persons_posts_come_with_replies_when_asked(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await ada.post(reply_to=(await bob.post()).name)
    assert await bob.written_by(ada) == [post.name]
    assert await bob.written_by(ada, replies=True) == [reply.name, post.name]
    assert await ada.written_by(ada, replies=True, size=1) == [reply.name, post.name]


async def test_everyones_posts_have_no_replies(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    await bob.post(reply_to=post.name)
    assert (await bob.everyone())[0] == post.name


async def test_a_tag_lists_replies_too(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("#both")
    reply = await bob.post("#both", reply_to=post.name)
    assert await ada.tagged("both") == [reply.name, post.name]


async def test_timelines_of_nothing_are_empty(meet: Meet) -> None:
    (ada,) = await meet("ada")
    assert await ada.home_names() == []
    assert await ada.written_by(ada) == []
    assert await ada.written_by(ada, replies=True) == []
    assert await ada.tagged("nobody-used-this") == []


async def test_pages_have_every_post_once(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    written = [(await bob.post(f"#many {number}")).name for number in range(7)]
    await world.caught_up()
    for method, request in timelines(ada, bob).values():
        for size in (1, 2, 3):
            request.page_size, request.page_token = size, ""
            found: list[str] = []
            async for page in pages(method, request):
                found += [post.name for post in page]
                if len(found) >= 7:
                    break
            assert found[:7] == list(reversed(written))


@pytest.mark.parametrize("timeline", TIMELINES)
async def test_pages_go_on_while_new_posts_arrive(meet: Meet, world: World, timeline: str) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    written = [(await bob.post("#many")).name for _ in range(7)]
    await world.caught_up()
    method, request = timelines(ada, bob)[timeline]
    request.page_size = 2
    found: list[str] = []
    async for page in pages(method, request):
        found += [post.name for post in page]
        if len(found) >= 7:
            break
        await bob.post("#many, late")
        await world.caught_up()
    assert found[:7] == list(reversed(written))


@pytest.mark.parametrize("timeline", TIMELINES)
async def test_a_page_token_is_good_for_its_reader_and_question_only(meet: Meet, timeline: str) -> None:
    ada, bob = await meet("ada", "bob")
    for _ in range(2):
        await ada.post("#many #other")
    method, request = timelines(ada, ada)[timeline]
    request.page_size = 1
    token = (await method(request)).next_page_token
    questions = [timelines(bob, ada)[timeline], *(timelines(ada, ada)[name] for name in TIMELINES if name != timeline)]
    questions.append((ada.api.ListPersonPosts, feed_pb2.ListPersonPostsRequest(parent=bob.name)))
    questions.append((ada.api.ListTagPosts, feed_pb2.ListTagPostsRequest(parent="tags/other")))
    for other, question in questions:
        question.page_token = token
        refusal = await refused(other(question))
        assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("page_token",))
    for spoiled in (token[:-2], token[:20] + chr(ord(token[20]) ^ 1) + token[21:], "x", "ÿ", "AAAA" * 20):
        request.page_token = spoiled
        assert (await refused(method(request))).code == "INVALID_ARGUMENT"
    request.page_token, request.page_size = token, 2
    assert len((await method(request)).posts) >= 1, "another size is the same question"


async def test_too_much_on_a_page_is_lowered_and_less_than_nothing_refused(meet: Meet) -> None:
    (ada,) = await meet("ada")
    for _ in range(21):
        await ada.post()
    assert len((await ada.api.ListHomePosts(feed_pb2.ListHomePostsRequest())).posts) == 20
    assert len((await ada.api.ListHomePosts(feed_pb2.ListHomePostsRequest(page_size=100_000))).posts) == 21
    refusal = await refused(ada.api.ListHomePosts(feed_pb2.ListHomePostsRequest(page_size=-1)))
    assert refusal.code == "INVALID_ARGUMENT"
