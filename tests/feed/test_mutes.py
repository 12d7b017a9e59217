"""What is muted is left out, for who muted it alone; nobody is told."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from plein.feed.v1 import relations_pb2
from uuid_utils.compat import uuid7

from chassis.testing import World
from services.feed.domain.posts import Post
from services.feed.domain.relations import MOST_MUTED, Silence
from services.feed.store import mutes, posts
from services.feed.store.mutes import Mutes
from services.feed.store.relations import TAG_MUTES
from tests.feed.cached import forget
from tests.feed.caller import UNKNOWN_PERSON, UNKNOWN_POST, Caller, Meet, refused
from tests.feed.relating import block, mute, mute_tag, mute_thread, muted, relations, unmute, unmute_tag, unmute_thread
from tests.feed.writing import reshare


async def test_who_is_muted_is_left_out_until_unmuted(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = (await bob.post("#muting")).name
    assert await listing(ada, bob, post) == {"everyone", "tag", "person"}
    await mute(ada, bob)
    assert await listing(ada, bob, post) == {"person"}
    assert await listing(bob, bob, post) == {"everyone", "tag", "person"}
    assert (await ada.read(post)).name == post
    await unmute(ada, bob)
    assert await listing(ada, bob, post) == {"everyone", "tag", "person"}


async def test_replies_of_who_is_muted_stay_in_threads_that_one_opens(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    reply = await bob.post("#muting", reply_to=post.name)
    await mute(ada, bob)
    assert [found.name for found in await ada.replies(post.name)] == [reply.name]
    assert reply.name not in await ada.tagged("muting")


async def test_what_others_pass_on_of_who_is_muted_is_left_out(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await bob.post()
    reshare = await pass_on(world, cleo, post.name, "#muting look")
    assert reshare in await ada.everyone()
    await mute(ada, bob)
    assert reshare not in await ada.everyone()
    await unmute(ada, bob)
    await mute(ada, cleo)
    assert {post.name, reshare} & {*await ada.everyone()} == {post.name}


async def test_who_is_muted_stays_out_of_home_also_when_others_pass_it_on(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await ada.follow(bob, cleo)
    post, other = await bob.post(), await cleo.post()
    passed_on = await reshare(cleo, post.name)
    await world.caught_up()
    assert passed_on.name in await ada.home_names()
    await mute(ada, bob)
    for _ in range(2):
        assert await ada.home_names() == [other.name]
        await forget(world, ada)
    await unmute(ada, bob)
    assert passed_on.name in await ada.home_names()


async def test_a_muted_tag_is_left_out_but_where_one_asks_for_it(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    both, other, own = await bob.post("#Kantine #soep"), await bob.post("#soep"), await ada.post("#kantine #soep")
    reshare = await pass_on(world, cleo, both.name, "Look")
    assert await mute_tag(ada, "KANTINE") == "tags/kantine"
    written = {both.name, other.name, own.name, reshare}
    assert written & {*await ada.everyone()} == {other.name, own.name}
    assert await ada.tagged("soep") == [own.name, other.name]
    assert await ada.tagged("kantine") == [own.name, both.name]
    assert await ada.written_by(bob) == [other.name, both.name]
    await unmute_tag(ada, "kantine")
    assert written <= {*await ada.everyone()}


async def test_a_comment_on_ones_own_post_is_not_muted_by_a_tag_in_that(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    own = await ada.post("#kantine")
    comment = await reshare(bob, own.name, "Good idea")
    await mute_tag(ada, "kantine")
    await world.caught_up()
    assert await ada.home_names() == [comment.name, own.name]
    assert {comment.name, own.name} <= {*await ada.everyone()}


async def test_a_thread_is_muted_by_any_post_in_it(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await bob.post()
    reply = await bob.post("More", reply_to=post.name)
    assert await mute_thread(ada, reply.name) == await mute_thread(ada, post.name) == post.name
    assert await muted(ada, "threads") == [post.name]
    silence = world.server.resources.one(Mutes).of(ada.id)
    assert silence == Silence(threads=frozenset({UUID(post.name.removeprefix("posts/")).int}))
    await unmute_thread(ada, reply.name)
    assert await muted(ada, "threads") == []
    assert not world.server.resources.one(Mutes).of(ada.id).threads


async def test_a_thread_that_one_may_not_see_is_unknown_and_can_be_unmuted(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    hidden, post = await bob.post(), await cleo.post()
    await block(ada, bob)
    expected = (await refused(mute_thread(ada, UNKNOWN_POST))).without(UNKNOWN_POST)
    assert expected.code == "NOT_FOUND"
    assert (await refused(mute_thread(ada, hidden.name))).without(hidden.name) == expected
    await mute_thread(ada, post.name)
    await block(ada, cleo)
    assert await muted(ada, "threads") == []
    await unmute_thread(ada, post.name)


async def test_nobody_and_oneself_is_not_muted(meet: Meet) -> None:
    (ada,) = await meet("ada")
    assert (await refused(mute(ada, ada))).reason == "MUTES_ONESELF"
    request = relations_pb2.MutePersonRequest(name=UNKNOWN_PERSON)
    assert (await refused(relations(ada).MutePerson(request))).code == "NOT_FOUND"


async def test_what_one_muted_comes_newest_first_in_pages_and_only_to_oneself(meet: Meet) -> None:
    ada, *others = await meet("ada", "bob", "cleo", "dirk", "eva", "finn")
    threads = [(await other.post()).name for other in others]
    tags = [f"tags/tag{number}" for number in range(5)]
    await mute(ada, *others)
    for tag, thread in zip(tags, threads, strict=True):
        await mute_tag(ada, tag.removeprefix("tags/"))
        await mute_thread(ada, thread)
    expected = {"people": [other.name for other in others][::-1], "tags": tags[::-1], "threads": threads[::-1]}
    for kind, names in expected.items():
        for size in (1, 2, 5):
            assert await muted(ada, kind, size) == names
        assert await muted(others[0], kind) == []
    await block(others[0], ada)
    assert await muted(ada, "people") == expected["people"][:-1]


async def test_clicking_at_once_mutes_once(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    for _ in range(3):
        await asyncio.gather(*(mute(ada, bob) for _ in range(5)), *(mute_tag(ada, "storm") for _ in range(5)))
        assert (await muted(ada, "people"), await muted(ada, "tags")) == ([bob.name], ["tags/storm"])
        silence = world.server.resources.one(Mutes).of(ada.id)
        assert silence == Silence(people=frozenset({bob.id.int}), tags=frozenset({"storm"}))
        await asyncio.gather(*(unmute(ada, bob) for _ in range(5)), unmute_tag(ada, "storm"))
        assert world.server.resources.one(Mutes).of(ada.id) == Silence()


async def test_another_process_takes_in_what_was_muted_in_this_one(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    other = Mutes(world.server.resources)
    await mute(ada, bob)
    await other.refresh()
    assert other.of(ada.id).people == {bob.id.int}
    changes = [mute_tag(ada, f"tag{number}") for number in range(10)] + [mute_tag(bob, f"tag{n}") for n in range(10)]
    reading = asyncio.gather(*(other.refresh() for _ in range(20)))
    await asyncio.gather(*changes)
    await reading
    await other.refresh()
    assert len(other.of(ada.id).tags) == len(other.of(bob.id).tags) == 10


async def test_a_process_notices_that_another_one_muted_within_its_poll(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    resources = world.server.resources
    async with resources.database.transaction() as tx:
        await mutes.begin(tx, TAG_MUTES, ada.id, "elsewhere", datetime.now(UTC))
    async with asyncio.timeout(5):
        while not resources.one(Mutes).of(ada.id).tags:
            await relations(ada).ListMutedTags(relations_pb2.ListMutedTagsRequest())


async def test_there_is_an_end_to_what_one_can_mute(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    await mute_tag(ada, "tag1")
    async with world.server.resources.database.transaction() as tx:
        others = "INSERT INTO tag_mutes SELECT %s, 'tag' || number, true, now(), 1 FROM generate_series(2, %s) number"
        await tx.exec_driver_sql(others, (ada.id, MOST_MUTED))
        await mutes.end(tx, TAG_MUTES, ada.id, "tag1")
    await world.server.resources.one(Mutes).refresh()
    await mute_tag(ada, "last")
    assert (await refused(mute_tag(ada, "more"))).reason == "TOO_MANY_MUTED"
    await unmute_tag(ada, "tag7")
    await mute_tag(ada, "more")


async def listing(reader: Caller, author: Caller, post: str) -> set[str]:
    """Where a post of #muting is listed."""
    lists = {"everyone": await reader.everyone(), "tag": await reader.tagged("muting")}
    lists["person"] = await reader.written_by(author)
    return {name for name, names in lists.items() if post in names}


async def pass_on(world: World, author: Caller, name: str, text: str = "") -> str:
    """A reshare, as it lies in the database."""
    id_, original = uuid7(), UUID(name.removeprefix("posts/"))
    post = Post(id=id_, author=author.id, text=text, root=id_, create_time=datetime.now(UTC), reshare_of=original)
    async with world.server.resources.database.transaction() as tx:
        await posts.add(tx, post)
    return post.name
