"""What moderators hide is for its author alone and what they remove for nobody, everywhere and within two seconds; what
they restore is as it was."""

import asyncio
from typing import Any

import pytest
from google.protobuf.message import Message
from plein.feed.v1 import feed_pb2
from plein.moderation.v1 import events_pb2 as pb
from plein.moderation.v1.moderation_pb2 import VERDICT_SUSPEND

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, refused
from tests.feed.everywhere import PLACES, WITHIN_SECONDS, becomes, canary
from tests.feed.listening import listening
from tests.feed.owning import rebuild
from tests.feed.reader import Reader
from tests.feed.searching import trending
from tests.feed.staff import Staff
from tests.feed.writing import batch, join, kinds_told, new_group, reshare

# A post of its own that is in no group is in all of these.
EVERYWHERE = set(PLACES) - {"group"}


@pytest.fixture(scope="module")
def answers(answers: Answers) -> Answers:
    return {**answers, **Staff().answers}


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    """Feed that merges posts of people with many followers at reading."""
    return await start(SERVICE, answers, merge_at_read_followers=3, live_heartbeat_seconds=0.5)


async def told(world: World, *decisions: Message) -> None:
    """Lets moderation tell it; nobody waits until feed has dealt with it."""
    await world.logs["moderation"].tell("cases/any", *decisions)


async def test_what_is_hidden_is_for_its_author_alone_everywhere_and_comes_back(meet: Meet, world: World) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    seen = await canary(world, author, reader, friend)
    assert await seen.places(reader) == EVERYWHERE
    of_author = await seen.places(author)
    assert of_author >= EVERYWHERE - {"bookmarks", "inbox", "quoted at home"}
    await told(world, pb.SubjectHidden(subject=seen.name))
    await seen.comes_to(reader, set())
    await seen.comes_to(author, of_author - {"tags"})
    await told(world, pb.SubjectRestored(subject=seen.name))
    await seen.comes_to(reader, EVERYWHERE)
    await seen.comes_to(author, of_author)


async def test_what_is_removed_is_for_nobody_and_an_appeal_brings_it_back(meet: Meet, world: World) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    seen = await canary(world, author, reader, friend)
    of_author = await seen.places(author)
    for before in (pb.SubjectHidden(subject=seen.name), pb.SubjectRestored(subject=seen.name)):
        await told(world, before, pb.SubjectRemoved(subject=seen.name))
        for person in (reader, friend, author):
            await seen.comes_to(person, set())
    assert (await refused(author.read(seen.name))).reason == "POST_NOT_FOUND"
    assert (await refused(author.delete(seen.name))).reason == "POST_NOT_FOUND"
    await told(world, pb.SubjectRestored(subject=seen.name))
    await seen.comes_to(reader, EVERYWHERE)
    await seen.comes_to(author, of_author)
    assert await kinds_told(world, seen.name) == [
        *("PostCreated", "PostEdited", "PostReactedTo"),
        *("PostHidden", "PostRemoved", "PostRestored", "PostRemoved", "PostRestored"),
    ]


@pytest.mark.parametrize("decision", [pb.SubjectHidden, pb.SubjectRemoved])
async def test_a_reply_goes_and_comes_back_with_its_count(meet: Meet, world: World, decision: Any) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    root = await friend.post("The question")
    above = await reader.post("An answer", reply_to=root.name)
    seen = await canary(world, author, reader, friend, reply_to=above.name)
    places = await seen.places(reader)
    assert places == EVERYWHERE - {"home", "everyone", "thread"}
    await told(world, decision(subject=seen.name))
    await seen.comes_to(reader, set())
    assert await counts(reader, root.name, above.name) == [1, 0]
    assert [(post.name, post.reply_count) for post in await reader.home() if post.name == root.name] == [(root.name, 1)]
    await told(world, pb.SubjectRestored(subject=seen.name))
    await seen.comes_to(reader, places)
    assert await counts(reader, root.name, above.name) == [2, 1]
    assert await rebuild(world) == {}, "the counts are those that are worked out anew"


@pytest.mark.parametrize("decision", [pb.SubjectHidden, pb.SubjectRemoved])
async def test_with_a_root_goes_all_that_stands_under_it(meet: Meet, world: World, decision: Any) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    root = await friend.post("The question")
    seen = await canary(world, author, reader, friend, reply_to=root.name)
    places, of_author = await seen.places(reader), await seen.places(author)
    await told(world, decision(subject=root.name))
    await seen.comes_to(reader, set())
    await seen.comes_to(author, {"own data"})
    await told(world, pb.SubjectRestored(subject=root.name))
    await seen.comes_to(reader, places)
    await seen.comes_to(author, of_author)


async def test_what_is_passed_on_without_a_word_goes_with_the_original(meet: Meet, world: World) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    await reader.follow(friend)
    post = await author.post()
    passed_on = await reshare(friend, post.name)
    await world.caught_up()
    assert await reader.home_names() == [passed_on.name]
    await decide(world, pb.SubjectRemoved(subject=post.name))
    assert [await one.home_names() for one in (reader, friend, author)] == [[], [], []]
    assert await batch(reader, passed_on.name) == []
    assert await Reader(world, author).told() == [("CONTENT_REMOVED", [])], "of what is gone nothing else is told"
    await decide(world, pb.SubjectRestored(subject=post.name))
    assert await reader.home_names() == [passed_on.name]
    assert [kind for kind, _ in await Reader(world, author).told()] == [
        "CONTENT_RESTORED",
        "CONTENT_REMOVED",
        "RESHARE",
    ]


async def test_a_reshare_that_is_hidden_counts_no_more(meet: Meet, world: World) -> None:
    author, friend = await meet("author", "friend")
    post = await author.post()
    passed_on = await reshare(friend, post.name, "Look")
    for decision, count in ((pb.SubjectHidden, 0), (pb.SubjectRemoved, 0), (pb.SubjectRestored, 1)):
        await decide(world, decision(subject=passed_on.name))
        assert (await author.read(post.name)).reshare_count == count
    assert await rebuild(world) == {}


async def test_what_is_deleted_while_it_is_hidden_is_counted_off_once(meet: Meet, world: World) -> None:
    author, friend = await meet("author", "friend")
    root = await author.post()
    reply, another = [await friend.post(reply_to=root.name) for _ in range(2)]
    await decide(world, pb.SubjectHidden(subject=reply.name))
    await friend.delete(reply.name)
    await decide(world, pb.SubjectRestored(subject=reply.name))
    assert (await author.read(root.name)).reply_count == 1
    assert [found.name for found in await author.replies(root.name)] == [another.name]
    assert await rebuild(world) == {}


async def test_a_post_in_a_group_is_hidden_and_removed_there(meet: Meet, world: World) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    group = new_group()
    await join(world, group, author, reader, friend)
    seen = await canary(world, author, reader, friend, group=group)
    places = await seen.places(reader)
    assert places == set(PLACES) - {"tags"}
    for decision in (pb.SubjectHidden, pb.SubjectRemoved):
        await told(world, decision(subject=seen.name))
        await seen.comes_to(reader, set())
    await told(world, pb.SubjectRestored(subject=seen.name))
    await seen.comes_to(reader, places)


async def test_a_tag_rises_no_more_by_what_was_removed(meet: Meet, world: World) -> None:
    crew = await meet("ada", "bob", "cem", "dot")
    posts = [await author.post("#opgeruid") for author in crew]
    assert await rises_for(crew[0], "opgeruid")
    for decision, rises in ((pb.SubjectRemoved, False), (pb.SubjectRestored, True), (pb.SubjectHidden, False)):
        await told(world, *(decision(subject=post.name) for post in posts))
        await becomes(lambda: rises_for(crew[0], "opgeruid"), rises)


async def rises_for(reader: Caller, tag: str) -> bool:
    return tag in [rising for rising, *_ in await trending(reader)]


async def test_those_who_listen_hear_of_it_within_two_seconds(meet: Meet, world: World) -> None:
    author, reader = await meet("author", "reader")
    await reader.follow(author)
    async with listening(reader) as home, listening(reader, notifications=True) as inbox:
        post = await author.post("@reader")
        await home.count(1)
        await inbox.unread(1)
        for decision, count in ((pb.SubjectRemoved, 0), (pb.SubjectRestored, 1), (pb.SubjectHidden, 0)):
            await told(world, decision(subject=post.name))
            changed = await home.until(lambda message: post.name in message.changed_posts, WITHIN_SECONDS)
            assert changed.new_post_count == count
            await inbox.unread(count, WITHIN_SECONDS)


async def test_a_repeated_request_says_no_more_than_there_is_to_be_seen(meet: Meet, world: World) -> None:
    author, reader, friend = await meet("author", "reader", "friend")
    seen = await canary(world, author, reader, friend)
    await decide(world, pb.SubjectRemoved(subject=seen.name))
    assert await author.api.CreatePost(seen.request) == feed_pb2.Post(name=seen.name)
    await decide(world, pb.SubjectRestored(subject=seen.name))
    assert seen.word in (await author.api.CreatePost(seen.request)).text


async def test_an_author_who_is_suspended_meanwhile_is_told_on_coming_back(meet: Meet, world: World) -> None:
    author, reader = await meet("author", "reader")
    post = await author.post("@reader")
    await world.access(author.person, active=False)
    case = "cases/01993e54-0000-7000-8000-000000000000"
    await decide(
        world,
        pb.SubjectHidden(subject=post.name),
        pb.DecisionMade(case=case, subject=post.name, person=author.name, verdict=VERDICT_SUSPEND),
    )
    await reader.react((await reader.post("@author")).name)
    await world.caught_up()
    await world.access(author.person)
    assert await Reader(world, author).told() == [("DECISION", []), ("CONTENT_HIDDEN", [])]
    assert await Reader(world, author).unread() == 2


async def test_a_decision_that_is_told_twice_or_of_something_unknown_changes_nothing(meet: Meet, world: World) -> None:
    (author,) = await meet("author")
    post = await author.post()
    unknown = "posts/01993e54-0000-7000-8000-000000000000"
    await decide(world, *[pb.SubjectRemoved(subject=name) for name in (post.name, post.name, unknown)])
    await decide(world, pb.SubjectHidden(subject="groups/01993e54-0000-7000-8000-000000000000"))
    assert await Reader(world, author).told() == [("CONTENT_REMOVED", [])]
    assert await kinds_told(world, post.name) == ["PostCreated", "PostRemoved"]


async def test_much_that_is_removed_at_once_is_gone_at_once(meet: Meet, world: World) -> None:
    author, reader = await meet("author", "reader")
    await reader.follow(author)
    root = await reader.post("Welcome")
    written = await asyncio.gather(*(author.post(f"Buy {number}") for number in range(40)))
    replies = await asyncio.gather(*(author.post("Buy", reply_to=root.name) for _ in range(20)))
    spam = [post.name for post in (*written, *replies)]
    await world.caught_up()
    assert len(await reader.home_names()) == 41
    await told(world, *(pb.SubjectRemoved(subject=name) for name in spam))
    await becomes(reader.home_names, [root.name])
    assert await counts(reader, root.name) == [0]
    await told(world, *(pb.SubjectRestored(subject=name) for name in spam))
    await becomes(lambda: counts(reader, root.name), [20])
    assert await rebuild(world) == {}


async def test_people_are_told_of_their_profiles_as_well(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    await decide(world, pb.SubjectHidden(subject=ada.name), pb.SubjectRemoved(subject=f"{ada.name}/photo"))
    told_of = [(found.subject, found.entry_count) for found in await Reader(world, ada).inbox()]
    assert told_of == [(f"{ada.name}/photo", 1), (ada.name, 1)]


async def decide(world: World, *decisions: Message) -> None:
    """Lets moderation tell it, and waits until feed has dealt with it."""
    await told(world, *decisions)
    await world.caught_up("moderation")
    await world.caught_up()


async def counts(reader: Caller, *names: str) -> list[int]:
    return [(await reader.read(name)).reply_count for name in names]
