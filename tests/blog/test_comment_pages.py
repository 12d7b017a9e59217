"""Pages of comments: every order, nothing twice and nothing missing, and where the link to a comment leads."""

from itertools import chain
from random import Random

import pytest
from plein.blog.v1 import comments_pb2

from chassis.testing import World
from services.blog.rpc import discussing
from tests.blog.caller import Meet, refused
from tests.blog.talking import UNKNOWN_COMMENT, Talker, listing, page_by_page, published, texts, write_many

ORDERS = ["NEWEST", "OLDEST", "MOST_DISCUSSED", "QUESTIONS_FIRST"]


@pytest.fixture
async def people(meet: Meet) -> list[Talker]:
    return [Talker(caller) for caller in await meet("ada", "bob", "eva")]


@pytest.fixture
async def article(world: World, people: list[Talker]) -> str:
    return await published(people[0].caller)


async def test_threads_come_in_the_order_that_was_asked_for(people: list[Talker], article: str) -> None:
    _, bob, eva = people
    first, asking, third, _ = [await bob.say(article, text) for text in ("One", "Two?", "Three", "Four?")]
    for thread, count in ((third, 2), (asking, 1), (first, 1)):
        for _ in range(count):
            await eva.say(article, "Hm", to=thread.name)
    assert await eva.tops(article) == ["Four?", "Three", "Two?", "One"]
    assert await eva.tops(article, "OLDEST") == ["One", "Two?", "Three", "Four?"]
    assert await eva.tops(article, "MOST_DISCUSSED") == ["Three", "Two?", "One", "Four?"]
    assert await eva.tops(article, "QUESTIONS_FIRST") == ["Four?", "Two?", "Three", "One"]
    assert await eva.tops(article, "UNSPECIFIED") == await eva.tops(article)


@pytest.mark.parametrize("order", ORDERS)
async def test_what_happens_meanwhile_shows_nothing_twice_and_misses_nothing(
    people: list[Talker], article: str, order: str
) -> None:
    _, bob, eva = people
    there = [await bob.say(article, f"{number}{'?' * (number % 2)}") for number in range(6)]
    for number in (3, 3, 5):
        await eva.say(article, to=there[number].name)
    # What would come first, or last, or change its place among those to come.
    busy = [await eva.say(article, to=there[0].name)]
    shown: list[str] = []
    request = listing(article, order, size=2)
    while True:
        answer = await eva.comments.ListComments(request)
        shown += [thread.comment.name for thread in answer.threads]
        for comment in (there[0], there[4], there[3]):
            busy += [await eva.say(article, to=comment.name) for _ in range(2)]
        await eva.delete(busy.pop(0).name)
        await eva.say(article, "New?")
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
        if len(shown) >= 40:
            raise AssertionError("It has no end.")
    assert len(shown) == len(set(shown))
    assert {comment.name for comment in there} <= set(shown)


async def test_replies_come_with_their_thread_and_then_in_pages(people: list[Talker], article: str) -> None:
    _, bob, eva = people
    top = await bob.say(article, "One")
    other = await bob.say(article, "Other")
    said = [(await eva.say(article, str(number), to=top.name)).text for number in range(7)]
    await eva.say(article, "Else", to=other.name)
    threads = await bob.threads(article, replies=3)
    assert texts(threads) == [("Other", ["Else"]), ("One", said[:3])]
    assert [thread.reply_count for thread in threads] == [1, 7]
    assert [bool(thread.next_replies_token) for thread in threads] == [False, True]
    request = comments_pb2.ListRepliesRequest(parent=top.name, page_size=2)
    request.page_token = threads[1].next_replies_token
    further = await bob.comments.ListReplies(request)
    assert [comment.text for comment in further.comments] == said[3:5]
    assert await bob.replies(top.name, size=2) == said
    assert len((await bob.threads(article))[1].replies) == 5


async def test_a_page_token_is_good_for_its_own_list_alone(people: list[Talker], article: str) -> None:
    _, bob, eva = people
    for number in range(3):
        await bob.say(article, str(number))
    request = listing(article, "NEWEST", size=1)
    token = (await bob.comments.ListComments(request)).next_page_token
    for other, order in ((bob, "OLDEST"), (eva, "NEWEST")):
        request = listing(article, order, size=1)
        request.page_token = token
        assert (await refused(other.comments.ListComments(request))).reason == "BAD_PAGE_TOKEN"


@pytest.mark.parametrize("order", ORDERS)
async def test_the_link_to_a_comment_finds_its_page(people: list[Talker], article: str, order: str) -> None:
    _, bob, eva = people
    chance = Random(7)
    tops = [await bob.say(article, f"{number}{'?' * (number % 3 == 0)}") for number in range(7)]
    for _ in range(12):
        await eva.say(article, to=chance.choice(tops).name)
    await bob.delete(tops[2].name)
    pages = await page_by_page(eva, article, order, 3)
    standing = [(number, name) for number, page in enumerate(pages, start=1) for name in page]
    assert len(standing) >= 6
    for number, name in standing:
        if name == tops[2].name:
            continue
        found = await find(eva, name, order, threads=3)
        assert (found.article, found.thread, found.page_number) == (article, name, number)
        request = listing(article, order, size=3)
        request.page_token = found.page_token
        page = (await eva.comments.ListComments(request)).threads
        assert [thread.comment.name for thread in page] == pages[number - 1]


async def test_the_link_to_a_reply_finds_its_page_of_replies(people: list[Talker], article: str) -> None:
    _, bob, eva = people
    top = await bob.say(article, "One")
    said = [await eva.say(article, str(number), to=top.name) for number in range(9)]
    await eva.delete(said[1].name)
    said.pop(1)
    [thread] = await bob.threads(article, replies=3)
    request = comments_pb2.ListRepliesRequest(parent=top.name, page_size=2, page_token=thread.next_replies_token)
    pages = []
    while request.page_token:
        answer = await bob.comments.ListReplies(request)
        pages.append([comment.name for comment in answer.comments])
        request.page_token = answer.next_page_token
    assert list(chain(*pages)) == [comment.name for comment in said[3:]]
    for number, comment in enumerate(said):
        found = await find(bob, comment.name, "NEWEST", replies=3, reply_page=2)
        assert found.thread == top.name
        assert bool(found.replies_token) == (number >= 3)
        if found.replies_token:
            request.page_token = found.replies_token
            page = [shown.name for shown in (await bob.comments.ListReplies(request)).comments]
            assert page == pages[(number - 3) // 2]


async def test_a_link_to_nothing_finds_nothing(people: list[Talker], article: str) -> None:
    _, bob, eva = people
    said = await bob.say(article)
    await bob.delete(said.name)
    unknown = (await refused(find(eva, UNKNOWN_COMMENT, "NEWEST"))).without(UNKNOWN_COMMENT)
    assert (await refused(find(eva, said.name, "NEWEST"))).without(said.name) == unknown


async def test_a_page_of_a_thousand_comments_is_one_call(world: World, people: list[Talker], article: str) -> None:
    _, bob, eva = people
    await write_many(world, bob, article, threads=100, replies=9)
    threads = await eva.threads(article, "MOST_DISCUSSED", replies=20)
    assert (len(threads), sum(len(thread.replies) for thread in threads)) == (100, 900)
    assert (await eva.discussion(article)).comment_count == 1000


async def test_a_page_of_long_comments_is_cut_where_it_grows_too_large(
    people: list[Talker], article: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, bob, eva = people
    monkeypatch.setattr(discussing, "MOST_BYTES", 12_000)
    said = [await bob.say(article, str(number) * 5000) for number in range(3)]
    for number in range(3):
        await eva.say(article, str(number) * 5000, to=said[0].name)
    pages = await page_by_page(eva, article, "OLDEST", 3)
    assert pages == [[said[0].name], [said[1].name], [said[2].name]]
    assert [text[:1] for text in await eva.replies(said[0].name, size=3)] == ["0", "1", "2"]


async def find(
    talker: Talker, name: str, order: str, *, threads: int = 0, replies: int = 0, reply_page: int = 0
) -> comments_pb2.CommentPage:
    request = comments_pb2.FindCommentPageRequest(name=name, thread_page_size=threads, reply_size=replies)
    request.order, request.reply_page_size = comments_pb2.CommentOrder.Value(f"COMMENT_ORDER_{order}"), reply_page
    return await talker.comments.FindCommentPage(request)
