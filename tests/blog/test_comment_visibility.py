"""Who sees comments: decided on the article, on barriers and blocks between people, and by moderation."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from plein.blog.v1 import comments_pb2, consultations_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis.testing import World
from tests.blog.caller import UNKNOWN_ARTICLE, Meet, kinds_told, leave, new_group, refused, walked
from tests.blog.talking import UNKNOWN_COMMENT, Talker, block, in_days, judge, published, texts

Call = Callable[[Talker, str, str], Awaitable[Any]]


def _list(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.threads(article)


def _discussion(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.discussion(article)


def _close(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.close(article)


def _consultation(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.consultation(article)


def _consult(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.consult(article)


def _postpone(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.change_consultation(article, close_time=in_days(9))


def _take_back(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    request = consultations_pb2.DeleteConsultationRequest(name=f"{article}/consultation")
    return talker.consultations.DeleteConsultation(request)


def _contributions(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.contributions(article)


def _export(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.export(article, "CSV")


def _say(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.say(article)


UNDER_ARTICLES: list[Call] = [_list, _discussion, _close, _consultation, _consult, _postpone, _take_back]
UNDER_ARTICLES += [_contributions, _export, _say]


def _get(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.read(comment)


def _replies(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.replies(comment)


def _find(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.comments.FindCommentPage(comments_pb2.FindCommentPageRequest(name=comment))


def _change(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.change(comment, "Hm")


def _delete(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.delete(comment)


def _react(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.react(comment)


def _unreact(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.comments.RemoveCommentReaction(comments_pb2.RemoveCommentReactionRequest(name=comment))


def _reactions(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.comments.ListCommentReactions(comments_pb2.ListCommentReactionsRequest(parent=comment))


def _answer(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.say(article, to=comment)


def _decide(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.decide(comment, "ANSWERED", etag='"1"')


def _assign(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.assign(comment, "people/me", etag='"1"')


def _changes(talker: Talker, article: str, comment: str) -> Awaitable[Any]:
    return talker.changes(comment)


ON_COMMENTS: list[Call] = [_get, _replies, _find, _change, _delete, _react, _unreact, _reactions]
ON_COMMENTS += [_decide, _assign, _changes]


async def are_as_unknown(talker: Talker, article: str, comment: str) -> None:
    """No method tells an article and a comment from what does not exist."""
    for call in UNDER_ARTICLES:
        real = (await refused(call(talker, article, comment))).without(article)
        assert real == (await refused(call(talker, UNKNOWN_ARTICLE, UNKNOWN_COMMENT))).without(UNKNOWN_ARTICLE)
        assert real.code == "NOT_FOUND"
    await is_as_unknown(talker, article, comment)


async def is_as_unknown(talker: Talker, article: str, comment: str) -> None:
    """No method tells a comment from what does not exist."""
    for call in ON_COMMENTS:
        real = (await refused(call(talker, article, comment))).without(comment)
        assert real == (await refused(call(talker, article, UNKNOWN_COMMENT))).without(UNKNOWN_COMMENT)
        assert real.code == "NOT_FOUND"
    batch = comments_pb2.BatchGetCommentsRequest(names=[comment])
    assert not (await talker.comments.BatchGetComments(batch)).comments


@pytest.fixture
async def people(meet: Meet) -> list[Talker]:
    return [Talker(caller) for caller in await meet("ada", "bob", "eva")]


async def test_comments_are_for_whom_the_article_is_for(world: World, people: list[Talker], meet: Meet) -> None:
    ada, bob, eva = people
    [ext] = [Talker(caller) for caller in await meet("ext", kind="EXTERNAL")]
    group = await new_group(world, ada.caller, bob.caller)
    for audience, stranger in (({"kinds": ["EMPLOYEE"]}, ext), ({"group": group}, eva)):
        article = await published(ada.caller, **audience)
        await ada.consult(article)
        said = await bob.say(article)
        await are_as_unknown(stranger, article, said.name)
        assert await bob.tops(article) == ["Well."]
    await leave(world, group, bob.caller)
    await are_as_unknown(bob, article, said.name)


async def test_comments_go_with_their_article(world: World, people: list[Talker]) -> None:
    ada, bob, eva = people
    article = await published(ada.caller)
    await ada.consult(article)
    said = await bob.say(article)
    await ada.caller.unpublish(article)
    await are_as_unknown(eva, article, said.name)
    for person in (ada, bob):
        await is_as_unknown(person, article, said.name)
    assert (await refused(ada.threads(article))).reason == "ARTICLE_NOT_FOUND"


async def test_behind_a_barrier_nobody_said_anything(world: World, people: list[Talker], meet: Meet) -> None:
    ada, bob, _ = people
    [ned] = [Talker(caller) for caller in await meet("ned", segments=["network"])]
    [ria] = [Talker(caller) for caller in await meet("ria", segments=["retail"])]
    article = await published(ada.caller)
    await ada.consult(article)
    hers, his = await ria.say(article, "Hers"), await ned.say(article, "His")
    await ned.react(hers.name)
    under = await ned.say(article, "Under hers", to=hers.name)
    below = await bob.say(article, "Below his", to=under.name)
    await bob.say(article, "Under his", to=his.name)
    assert texts(await ria.threads(article)) == [("His", ["Under his"]), ("Hers", ["Under hers", "Below his"])]
    await world.bar(("network", "retail"))
    try:
        [thread] = await ria.threads(article)
        assert (texts([thread]), thread.reply_count) == ([("Hers", ["Below his"])], 1)
        assert (await ria.read(below.name)).reply_to == hers.name
        assert (await ria.discussion(article)).comment_count == 2
        assert await ria.contributions(article) == ["Hers"]
        assert (await ria.consultation(article)).ledger.contribution_count == 1
        listed = comments_pb2.ListCommentReactionsRequest(parent=hers.name)
        assert await walked(ria.comments.ListCommentReactions, listed) == []
        for comment in (his, under):
            await is_as_unknown(ria, article, comment.name)
        # Of what hangs under what he may not see he sees nothing either.
        assert await ned.tops(article) == ["His"]
        await is_as_unknown(ned, article, below.name)
        assert len(await bob.threads(article)) == 2
    finally:
        await world.bar()


async def test_a_block_keeps_comments_from_both(world: World, people: list[Talker]) -> None:
    ada, bob, eva = people
    article = await published(ada.caller)
    his, hers = await bob.say(article, "His"), await eva.say(article, "Hers")
    await block(world, bob, eva)
    assert [await person.tops(article) for person in (ada, bob, eva)] == [["Hers", "His"], ["His"], ["Hers"]]
    await is_as_unknown(bob, article, hers.name)
    await is_as_unknown(eva, article, his.name)
    assert (await refused(eva.say(article, to=his.name))).reason == "COMMENT_NOT_FOUND"


async def test_who_decided_is_not_told_to_whom_may_not_meet_them(world: World, people: list[Talker]) -> None:
    ada, bob, eva = people
    blog = (await ada.caller.begin_blog()).name
    await ada.caller.give_role(blog, eva.caller, "EDITOR")
    article = await published(ada.caller, blog=blog)
    await ada.consult(article)
    said = await bob.say(article)
    await eva.assign(said.name, eva.name)
    decided = await eva.decide(said.name, "TAKEN_ALONG", "Good")
    assert (decided.owner, decided.decider) == (eva.name, eva.name)
    await block(world, bob, eva)
    seen = (await bob.read(said.name)).contribution
    assert (seen.state, seen.reason, seen.owner, seen.decider) == (decided.state, "Good", "", "")
    assert [(change.person, change.owner) for change in await bob.changes(said.name)] == [("", ""), ("", "")]
    assert (await refused(bob.contributions(article, owner=eva.name))).reason == "PERSON_NOT_FOUND"


async def test_a_hidden_comment_is_for_its_author_alone(world: World, people: list[Talker]) -> None:
    ada, bob, eva = people
    article = await published(ada.caller)
    await ada.consult(article)
    said, reply = await bob.say(article, "Bad"), await eva.say(article, "Other")
    await judge(world, said.name, "hide")
    assert await bob.tops(article) == ["Other", "Bad"]
    assert await eva.tops(article) == ["Other"]
    assert [(await person.discussion(article)).comment_count for person in (bob, eva)] == [2, 1]
    assert (await ada.consultation(article)).ledger.contribution_count == 1
    await is_as_unknown(eva, article, said.name)
    await is_as_unknown(ada, article, said.name)
    await judge(world, said.name, "restore")
    assert await eva.tops(article) == ["Other", "Bad"]
    await judge(world, reply.name, "hide")
    assert await bob.tops(article) == ["Bad"]
    assert await kinds_told(world, said.name) == ["CommentCreated", "CommentHidden", "CommentRestored"]


async def test_a_removed_comment_is_for_nobody_and_comes_back(world: World, people: list[Talker]) -> None:
    ada, bob, eva = people
    article = await published(ada.caller)
    said = await bob.say(article, "Bad")
    await eva.say(article, "Answer", to=said.name)
    await judge(world, said.name, "remove")
    for person in people:
        [thread] = await person.threads(article)
        assert (thread.comment.gone, texts([thread])) == (True, [("", ["Answer"])])
        await is_as_gone(person, article, said.name)
    await judge(world, said.name, "restore")
    assert (await eva.read(said.name)).text == "Bad"


async def test_a_muted_person_reads_and_says_nothing(world: World, people: list[Talker]) -> None:
    ada, bob, _ = people
    article = await published(ada.caller)
    said = await bob.say(article)
    muted = moderation_pb2.PersonMuted(person=bob.name, until=in_days(1))
    await world.tell("cases/any", muted, source="moderation")
    attempts = bob.say(article), bob.say(article, to=said.name), bob.change(said.name, "Hm"), bob.react(said.name)
    for attempt in attempts:
        assert (await refused(attempt)).reason == "MUTED"
    assert await bob.tops(article) == ["Well."]
    await bob.delete(said.name)


async def is_as_gone(talker: Talker, article: str, comment: str) -> None:
    """Of a comment at the top of what is seen there is nothing left but its place."""
    for call in ON_COMMENTS:
        if call is not _replies:
            assert (await refused(call(talker, article, comment))).code == "NOT_FOUND"
