"""People take along what they said and did under articles, and nothing of them is left when they are erased."""

import pytest
from plein.blog.v1 import comments_pb2

from chassis.testing import World
from tests.blog.caller import Meet, kinds_told, refused, walked
from tests.blog.talking import Talker, judge, published, texts
from tests.blog.test_own_data import erased, exported, rows_with


@pytest.fixture
async def people(meet: Meet) -> list[Talker]:
    return [Talker(caller) for caller in await meet("ada", "bob", "eva")]


async def test_people_take_along_what_they_said_and_did(world: World, people: list[Talker]) -> None:
    ada, bob, _ = people
    article = await published(ada.caller)
    await ada.consult(article)
    said = [await bob.say(article, str(number)) for number in range(22)]
    reply = await ada.say(article, "Mine", to=said[0].name)
    await bob.delete(said[3].name)
    await judge(world, said[4].name, "remove")
    await bob.react(reply.name, "HEART")
    await ada.decide(said[0].name, "DECLINED", "Too dear")
    await ada.assign(said[0].name, "people/me")
    of_bob, of_ada = await exported(bob.caller), await exported(ada.caller)
    assert [comment.text for comment in of_bob.comments] == [str(number) for number in range(22) if number != 3]
    assert [(one.comment, one.reaction.reaction) for one in of_bob.comment_reactions] == [(reply.name, 2)]
    assert [comment.text for comment in of_ada.comments] == ["Mine"]
    done = [(one.comment, one.change.reason, one.change.owner) for one in of_ada.contribution_changes]
    assert done == [(said[0].name, "Too dear", ""), (said[0].name, "Too dear", ada.name)]
    assert not of_bob.contribution_changes


@pytest.mark.parametrize("mode", ["REMOVE", "ANONYMISE"])
async def test_of_who_is_erased_no_word_leads_to_them(world: World, people: list[Talker], mode: str) -> None:
    ada, bob, eva = people
    blog = (await ada.caller.begin_blog()).name
    await ada.caller.give_role(blog, bob.caller, "EDITOR")
    article = await published(ada.caller, blog=blog)
    await ada.consult(article)
    hers = await eva.say(article, "For @bob", request_id="7d0c4c9e-3b0a-4a54-9d0a-0d3c2a7d3c11")
    his = await bob.say(article, "His")
    await eva.say(article, "Under his", to=his.name)
    await bob.react(hers.name)
    await bob.assign(hers.name, "people/me")
    await bob.decide(hers.name, "TAKEN_ALONG", "Good")
    await bob.close(article)
    await erased(world, bob.caller, mode)
    assert await rows_with(world, bob.caller) == []
    left = await eva.read(hers.name)
    assert (list(left.mentions), left.html, list(left.reaction_counts)) == ([], "<p>For @bob</p>\n", [])
    done = left.contribution
    assert (done.reason, done.owner, done.decider, done.state) == ("Good", "", "", 3)
    reactions = comments_pb2.ListCommentReactionsRequest(parent=hers.name)
    assert await walked(eva.comments.ListCommentReactions, reactions) == []
    assert (await eva.discussion(article)).closed
    if mode == "REMOVE":
        assert texts(await eva.threads(article)) == [("", ["Under his"]), ("For @bob", [])]
        assert (await refused(eva.read(his.name))).code == "NOT_FOUND"
        assert await kinds_told(world, his.name) == ["CommentCreated", "CommentDeleted", "CommentAnonymised"]
    else:
        seen = await eva.read(his.name)
        assert (seen.text, seen.author, seen.author_gone) == ("His", "", True)
        assert await kinds_told(world, his.name) == ["CommentCreated", "CommentAnonymised"]
