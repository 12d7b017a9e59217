"""Comments: written, answered, changed for a while, deleted, and reacted to."""

from uuid import uuid4

import pytest
from plein.blog.v1 import comments_pb2, events_pb2

from chassis.testing import World
from tests.blog.caller import UNKNOWN_ARTICLE, Meet, kinds_told, refused, told, walked
from tests.blog.talking import UNKNOWN_COMMENT, Talker, published, run, texts


@pytest.fixture
async def people(meet: Meet) -> list[Talker]:
    return [Talker(caller) for caller in await meet("ada", "bob", "eva")]


@pytest.fixture
async def article(world: World, people: list[Talker]) -> str:
    """An article by the first of the people."""
    return await published(people[0].caller)


async def test_a_comment_is_markdown_without_images(people: list[Talker], article: str) -> None:
    _, bob, _ = people
    said = await bob.say(article, "*Good* @ada <script>x</script> ![a cat](https://example.org/cat.png)")
    assert (said.author, said.article, said.thread, said.reply_to) == (bob.name, article, said.name, "")
    assert "<em>Good</em>" in said.html
    assert f'href="/{people[0].name}"' in said.html
    assert "<script" not in said.html
    assert "<img" not in said.html
    assert list(said.mentions) == [people[0].name]
    assert await bob.read(said.name) == said


async def test_a_comment_of_nothing_but_marks_is_refused(people: list[Talker], article: str) -> None:
    _, bob, _ = people
    refusal = await refused(bob.say(article, "@ada " * 2000))
    assert (refusal.reason, refusal.fields) == ("TOO_MANY_MARKS", ("comment.text",))


async def test_answers_keep_their_depth_and_are_shown_in_two_levels(people: list[Talker], article: str) -> None:
    ada, bob, eva = people
    top = await bob.say(article, "One")
    second = await eva.say(article, "Two", to=top.name)
    third = await ada.say(article, "Three", to=second.name)
    fourth = await bob.say(article, "Four", to=third.name)
    assert [comment.depth for comment in (top, second, third, fourth)] == [0, 1, 2, 3]
    assert [fourth.thread, fourth.reply_to] == [top.name, third.name]
    assert texts(await eva.threads(article)) == [("One", ["Two", "Three", "Four"])]


async def test_whom_it_answers_and_mentions_is_told(world: World, people: list[Talker], article: str) -> None:
    ada, bob, eva = people
    top = await bob.say(article, "One")
    reply = await eva.say(article, "@ada @nobody", to=top.name)
    [(kind, payload)] = await told(world, reply.name)
    assert kind == "CommentCreated"
    assert events_pb2.CommentCreated.FromString(payload) == events_pb2.CommentCreated(
        comment=reply.name,
        article=article,
        author=eva.name,
        reply_to=top.name,
        reply_to_author=bob.name,
        mentioned=[ada.name],
    )


async def test_a_repeated_request_writes_one_comment(people: list[Talker], article: str) -> None:
    _, bob, _ = people
    request_id = str(uuid4())
    first, again = [await bob.say(article, "One", request_id=request_id) for _ in range(2)]
    assert first == again
    assert await bob.tops(article) == ["One"]
    await bob.delete(first.name)
    assert (await bob.say(article, "One", request_id=request_id)).text == ""


async def test_only_what_exists_is_answered_and_only_under_its_article(world: World, people: list[Talker]) -> None:
    ada, bob, _ = people
    one, other = [await published(ada.caller) for _ in range(2)]
    top = await bob.say(one)
    assert (await refused(bob.say(UNKNOWN_ARTICLE))).reason == "ARTICLE_NOT_FOUND"
    assert (await refused(bob.say(one, to=UNKNOWN_COMMENT))).reason == "COMMENT_NOT_FOUND"
    assert (await refused(bob.say(other, to=top.name))).reason == "OTHER_ARTICLE"
    draft = await ada.caller.begin((await ada.caller.begin_blog()).name)
    assert (await refused(ada.say(draft.name))).reason == "ARTICLE_NOT_FOUND"
    assert (await refused(bob.say(one, " "))).fields == ("comment.text",)


async def test_authors_and_management_are_marked(world: World, people: list[Talker], meet: Meet) -> None:
    ada, bob, eva = people
    [boss] = [Talker(caller) for caller in await meet("boss", roles=["management"])]
    blog = (await ada.caller.begin_blog()).name
    await ada.caller.give_role(blog, eva.caller, "EDITOR")
    article = await published(ada.caller, blog=blog)
    voices = [(await person.say(article)).voice for person in (ada, eva, boss, bob)]
    assert voices == [1, 1, 2, 0]
    await ada.caller.take_role(blog, eva.caller)
    assert (await eva.say(article)).voice == 0
    assert sorted(thread.comment.voice for thread in await bob.threads(article)) == [0, 0, 1, 1, 2]


async def test_a_comment_is_changed_by_its_author_for_a_while(world: World, people: list[Talker], article: str) -> None:
    ada, bob, _ = people
    said = await bob.say(article, "Helo @ada")
    changed = await bob.change(said.name, "Hello @ada @eva", said.etag)
    assert (changed.text, changed.HasField("edit_time")) == ("Hello @ada @eva", True)
    assert (await refused(bob.change(said.name, "Hi", said.etag))).reason == "COMMENT_CHANGED"
    assert (await refused(ada.change(said.name, "Hi"))).reason == "NOT_YOUR_COMMENT"
    _, (kind, payload) = await told(world, said.name)
    assert kind == "CommentEdited"
    assert list(events_pb2.CommentEdited.FromString(payload).newly_mentioned) == [people[2].name]
    assert said.edit_until_time.seconds - said.create_time.seconds == 15 * 60
    await run(world, "UPDATE comments SET create_time = create_time - interval '16 minutes'")
    assert (await refused(bob.change(said.name, "Bye"))).reason == "EDIT_WINDOW_CLOSED"


async def test_a_deleted_comment_keeps_the_place_of_its_answers_alone(
    world: World, people: list[Talker], article: str
) -> None:
    _, bob, eva = people
    answered, lonely = [await bob.say(article, text) for text in ("One", "Two")]
    reply = await eva.say(article, "Three", to=answered.name)
    await eva.react(answered.name)
    assert (await refused(eva.delete(answered.name))).reason == "NOT_YOUR_COMMENT"
    for comment in (answered, lonely, answered):
        await bob.delete(comment.name)
    [thread] = await eva.threads(article)
    assert thread.comment.gone
    assert not thread.comment.author
    assert not thread.comment.reaction_counts
    assert texts([thread]) == [("", ["Three"])]
    assert await eva.replies(answered.name) == ["Three"]
    assert await kinds_told(world, lonely.name) == ["CommentCreated", "CommentDeleted"]
    for name in (answered.name, lonely.name):
        unknown = (await refused(eva.read(UNKNOWN_COMMENT))).without(UNKNOWN_COMMENT)
        assert (await refused(eva.read(name))).without(name) == unknown
    await eva.delete(reply.name)
    assert await eva.threads(article) == []
    assert (await refused(eva.replies(answered.name))).reason == "COMMENT_NOT_FOUND"


async def test_what_answers_a_reply_that_is_gone_answers_the_thread(people: list[Talker], article: str) -> None:
    _, bob, eva = people
    top = await bob.say(article, "One")
    middle = await eva.say(article, "Two", to=top.name)
    last = await bob.say(article, "Three", to=middle.name)
    await eva.delete(middle.name)
    assert texts(await bob.threads(article)) == [("One", ["Three"])]
    assert (await bob.read(last.name)).reply_to == top.name


async def test_a_reaction_is_given_changed_and_taken_back(world: World, people: list[Talker], article: str) -> None:
    ada, bob, eva = people
    said = await bob.say(article)
    await ada.react(said.name)
    await eva.react(said.name, "LIKE")
    both = await eva.react(said.name, "HEART")
    assert [(count.reaction, count.count) for count in both.reaction_counts] == [(1, 1), (2, 1)]
    assert (both.own_reaction, (await bob.read(said.name)).own_reaction) == (2, 0)
    assert await eva.react(said.name, "HEART") == both
    listed = comments_pb2.ListCommentReactionsRequest(parent=said.name, page_size=1)
    found = await walked(bob.comments.ListCommentReactions, listed)
    assert [(one.person, one.reaction) for one in found] == [(eva.name, 2), (ada.name, 1)]
    request = comments_pb2.RemoveCommentReactionRequest(name=said.name)
    assert not (await ada.comments.RemoveCommentReaction(request)).own_reaction
    kinds = ["CommentCreated", *["CommentReactedTo"] * 3, "CommentReactionRemoved"]
    assert await kinds_told(world, said.name) == kinds


async def test_the_articles_authors_close_a_discussion_and_open_it_again(
    world: World, people: list[Talker], article: str
) -> None:
    ada, bob, eva = people
    said = await bob.say(article)
    await eva.say(article, to=said.name)
    assert (await refused(bob.close(article))).reason == "NOT_AN_AUTHOR"
    assert (await bob.discussion(article)).open_to_caller
    closed = await ada.close(article)
    assert (closed.closed, closed.comment_count, closed.open_to_caller) == (True, 2, False)
    assert await ada.close(article) == closed
    for attempt in (bob.say(article), ada.say(article, to=said.name), bob.change(said.name, "Hm")):
        assert (await refused(attempt)).reason == "DISCUSSION_CLOSED"
    await bob.delete(said.name)
    assert (await ada.open(article)).open_to_caller
    await bob.say(article)
    assert await kinds_told(world, f"{article}/discussion") == ["DiscussionClosed", "DiscussionOpened"]


async def test_comments_are_fetched_together_in_the_order_of_the_question(people: list[Talker], article: str) -> None:
    _, bob, eva = people
    one, two, gone = [await bob.say(article, text) for text in ("One", "Two", "Gone")]
    await bob.delete(gone.name)
    names = [two.name, gone.name, "comments/nothing", one.name, two.name]
    answer = await eva.comments.BatchGetComments(comments_pb2.BatchGetCommentsRequest(names=names))
    assert [comment.text for comment in answer.comments] == ["Two", "One"]
