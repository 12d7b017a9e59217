"""Bringing in what happened elsewhere, or before."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from google.protobuf.timestamp_pb2 import Timestamp
from plein.feed.v1 import events_pb2, feed_pb2

from chassis.testing import World
from tests.feed.caller import UNKNOWN_POST, Caller, Kinds, Meet, refused
from tests.feed.importing import bring_in, bring_in_posts, imported
from tests.feed.writing import join, new_group, told

DAY = timedelta(days=1)
Import = feed_pb2.ImportActivityRequest


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=400)


def reaction(external_id: str, person: str, sort: int = feed_pb2.REACTION_LIKE) -> feed_pb2.ImportedReaction:
    return feed_pb2.ImportedReaction(
        post_external_id=external_id, person=person, reaction=feed_pb2.Reaction.ValueType(sort)
    )


def follow(follower: Caller, followee: Caller) -> feed_pb2.ImportedFollow:
    return feed_pb2.ImportedFollow(follower=follower.name, followee=followee.name)


async def test_an_import_brings_posts_replies_follows_and_reactions(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    key, then = str(uuid4()), long_ago()
    answer = await bring_in(
        world,
        Import(follows=[follow(bob, ada)]),
        Import(posts=[imported(ada, key, then, "Hello @bob #then"), imported(bob, key + "r", then + DAY, "Yes", key)]),
        Import(reactions=[reaction(key, bob.name), reaction(key + "r", ada.name)]),
    )
    counted = answer.posts_created, answer.follows_created, answer.reactions_created, list(answer.problems)
    assert counted == (2, 1, 2, [])
    (post,) = await bob.home()
    assert (post.author, post.text, post.create_time.ToDatetime(UTC)) == (ada.name, "Hello @bob #then", then)
    assert (post.mentions[0].person, post.tags[0], post.viewer.reaction) == (bob.name, "tags/then", 1)
    assert (post.reply_count, post.reaction_counts[0].count) == (1, 1)
    (reply,) = await ada.replies(post.name)
    assert (reply.author, reply.reply_to, reply.viewer.reaction) == (bob.name, post.name, 1)
    assert await ada.followers(ada) == [bob.name]


async def test_importing_again_changes_nothing(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    key, then = str(uuid4()), long_ago()
    everything = [
        Import(posts=[imported(ada, key, then), imported(ada, key, then, "The same id again")]),
        Import(posts=[imported(bob, key + "r", then + DAY, "Yes", key)], follows=[follow(ada, bob), follow(ada, bob)]),
        Import(reactions=[reaction(key, bob.name), reaction(key, bob.name, feed_pb2.REACTION_SAD)]),
    ]
    answer = await bring_in(world, *everything)
    assert (answer.posts_created, answer.follows_created, answer.reactions_created) == (2, 1, 1)
    (name,) = await ada.written_by(ada)
    before = await ada.read(name)
    again = await bring_in(world, *everything, *everything)
    assert (again.posts_created, again.follows_created, again.reactions_created) == (0, 0, 0)
    assert await ada.written_by(ada) == [name]
    assert await ada.read(name) == before


async def test_an_import_leaves_what_people_did_since(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    key = str(uuid4())
    everything = Import(posts=[imported(ada, key, long_ago())]), Import(follows=[follow(bob, ada)])
    await bring_in(world, *everything)
    (name,) = await bob.home_names()
    await bob.react(name, "SAD")
    await bob.unfollow(ada)
    await ada.delete(name)
    answer = await bring_in(world, *everything, Import(reactions=[reaction(key, bob.name)]))
    assert (answer.posts_created, answer.follows_created, answer.reactions_created) == (0, 0, 0)
    assert await bob.home_names() == []


async def test_imported_posts_stand_where_their_time_is(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    now = await ada.post("Now")
    await world.caught_up()
    assert await bob.home_names() == [now.name], "the home is warm"
    key, then = str(uuid4()), long_ago()
    order = [3, 0, 4, 1, 2]
    await bring_in_posts(world, [imported(ada, f"{key}{day}", then + day * DAY, str(day)) for day in order])
    await world.caught_up()
    for listed in (await bob.home(), [await bob.read(name) for name in await bob.written_by(ada)]):
        assert [post.text for post in listed] == ["Now", "4", "3", "2", "1", "0"]


async def test_an_imported_follow_fills_a_warm_home(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    await world.caught_up()
    assert await bob.home_names() == []
    await bring_in(world, Import(follows=[follow(bob, ada)]))
    await world.caught_up()
    assert await bob.home_names() == [post.name]


async def test_what_is_wrong_is_reported_while_the_rest_goes_in(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    key, then = str(uuid4()), long_ago()
    good = imported(ada, key, then, "Good")
    bad = [
        imported(ada, key + "empty", then, "  "),
        imported(ada, key + "long", then, "a" * 501),
        imported(ada, key + "orphan", then, "Who?", "nothing"),
        imported(ada, key + "future", datetime.now(UTC) + DAY),
        imported(ada, key + "early", datetime(1960, 1, 1, tzinfo=UTC)),
        imported(ada, key + "never", then),
        imported(ada, key + "nobody", then),
        imported(ada, key + "me", then),
    ]
    bad[5].create_time.CopyFrom(Timestamp(seconds=10**15))
    bad[6].author, bad[7].author = "people/nonsense", "people/me"
    bad_reply = imported(ada, key + "r", then + DAY, "Yes", key, kinds=["EMPLOYEE"])
    reactions = [reaction("nothing", bob.name), reaction(key, "people/nonsense"), reaction(key, bob.name)]
    follows = [follow(ada, ada), follow(ada, bob), feed_pb2.ImportedFollow(follower="people/x", followee=ada.name)]
    requests = Import(posts=[*bad, good, bad_reply]), Import(follows=follows), Import(reactions=reactions)
    answer = await bring_in(world, *requests)
    assert (answer.posts_created, answer.follows_created, answer.reactions_created) == (1, 1, 1)
    told = " ".join(answer.problems)
    assert len(answer.problems) == len(bad) + 1 + 2 + 2
    assert all(post.external_id in told for post in (*bad, bad_reply))
    assert [(await ada.read(name)).text for name in await ada.written_by(ada, replies=True)] == ["Good"]


async def test_what_is_brought_in_is_told_as_of_the_past(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    key = str(uuid4())
    await bring_in(world, Import(posts=[imported(ada, key, long_ago(), "@bob")], reactions=[reaction(key, bob.name)]))
    (name,) = await ada.written_by(ada)
    await bob.react(name, "SAD")
    events = await told(world, name)
    assert [kind for kind, _ in events] == ["PostCreated", "PostReactedTo", "PostReactedTo"]
    assert events_pb2.PostCreated.FromString(events[0][1]).imported
    assert [events_pb2.PostReactedTo.FromString(payload).imported for _, payload in events[1:]] == [True, False]


async def test_what_was_written_in_a_group_is_brought_in_there(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group, then = new_group(), long_ago()
    await join(world, group, ada)
    post = imported(ada, str(uuid4()), then)
    post.audience.group = group
    assert (await bring_in_posts(world, [post])).posts_created == 1
    (name,) = await ada.written_by(ada)
    assert (await ada.read(name)).audience.group == group
    assert await bob.written_by(ada) == []


async def test_reshares_are_brought_in_with_their_counts_and_marks(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    key, then = str(uuid4()), long_ago()
    plain, comment = passed_on(bob, key, then, ""), passed_on(cleo, key, then, "Look")
    everything = Import(posts=[imported(ada, key, then), plain, comment])
    assert (await bring_in(world, everything)).posts_created == 3
    (name,) = await ada.written_by(ada)
    (reshare,) = await bob.written_by(bob)
    seen = await bob.read(name)
    assert (seen.reshare_count, seen.viewer.reshared, (await cleo.read(name)).viewer.reshared) == (2, True, False)
    assert (await bob.read(reshare)).original == seen
    again = passed_on(bob, key, then + DAY, "")
    answer = await bring_in(world, everything, Import(posts=[again]))
    assert (answer.posts_created, len(answer.problems)) == (0, 1)
    await bob.delete(reshare)
    assert (await bring_in(world, Import(posts=[again]))).posts_created == 1
    assert (await bob.read(name)).reshare_count == 2


async def test_a_reshare_that_would_tell_more_people_is_not_brought_in(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    key, then = str(uuid4()), long_ago()
    posts = [imported(ada, key, then, kinds=["EMPLOYEE"]), imported(ada, key + "r", then, "Yes", key)]
    plain = passed_on(bob, key, then, "", kinds=["EMPLOYEE"])
    wrong = [passed_on(bob, key, then, "Wide"), passed_on(bob, key + "r", then, "Reply", kinds=["EMPLOYEE"])]
    wrong += [passed_on(bob, plain.external_id, then, "Twice", kinds=["EMPLOYEE"]), passed_on(bob, "nothing", then, "")]
    answer = await bring_in_posts(world, [*posts, plain, *wrong])
    assert (answer.posts_created, len(answer.problems)) == (3, len(wrong))


def passed_on(author: Caller, key: str, moment: datetime, text: str, kinds: Kinds = ()) -> feed_pb2.ImportedPost:
    post = imported(author, f"{uuid4()}", moment, text, kinds=kinds)
    post.reshare_of_external_id = key
    return post


async def test_only_a_hundred_problems_are_told(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    bad = [imported(ada, f"bad{number}", long_ago(), " ") for number in range(150)]
    assert len((await bring_in_posts(world, bad)).problems) == 100


async def test_a_deleted_post_gets_no_imported_reply(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    key = str(uuid4())
    await bring_in_posts(world, [imported(ada, key, long_ago())])
    (name,) = await ada.written_by(ada)
    await ada.delete(name)
    answer = await bring_in_posts(world, [imported(ada, key + "r", long_ago() + DAY, "Yes", key)])
    assert (answer.posts_created, len(answer.problems)) == (0, 1)


async def test_many_follows_of_one_moment_come_in_pages(meet: Meet, world: World) -> None:
    star, *fans = await meet("star", *(f"fan{number}" for number in range(9)))
    await bring_in(world, Import(follows=[follow(fan, star) for fan in fans]))
    for size in (1, 2, 4):
        found = await star.followers(star, size)
        assert sorted(found) == sorted(fan.name for fan in fans)


async def test_an_import_of_a_wrong_shape_is_refused(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    too_many = [imported(ada, str(number), long_ago()) for number in range(501)]
    assert (await refused(bring_in_posts(world, too_many))).code == "INVALID_ARGUMENT"
    assert (await refused(bring_in_posts(world, [imported(ada, "nul", long_ago(), "a\0")]))).code == "INVALID_ARGUMENT"
    assert (await refused(ada.read(UNKNOWN_POST))).code == "NOT_FOUND"
