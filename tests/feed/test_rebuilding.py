"""What is derived from facts can be worked out again from them."""

import asyncio
import random
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from plein.feed.v1 import feed_pb2, own_data_pb2, own_data_pb2_grpc

from chassis.testing import Answers, World
from services.feed.rpc import rebuilding
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, patiently, refused
from tests.feed.owning import rebuild
from tests.feed.relating import bookmark
from tests.feed.searching import found
from tests.feed.staff import Staff
from tests.feed.systems import System, titled
from tests.feed.writing import poll, reshare, vote, write

FACTS = {
    "posts": "SELECT id, reply_count, reshare_count, reaction_counts, vote_counts, voter_count FROM posts ORDER BY id",
    "marks": "SELECT post, person FROM marks WHERE reshared ORDER BY 1, 2",
    "post_tags": "SELECT tag, post FROM post_tags ORDER BY 1, 2",
    "post_texts": "SELECT post, CAST(vector AS text) FROM post_texts ORDER BY 1",
    "cards": "SELECT * FROM cards ORDER BY post",
    "merged_authors": "SELECT author FROM merged_authors ORDER BY 1",
    "people_facts": "SELECT person, department FROM people_facts ORDER BY 1",
}


@pytest.fixture(scope="module")
def staff() -> Staff:
    return Staff()


@pytest.fixture(scope="module")
def answers(answers: Answers, staff: Staff) -> Answers:
    return {**answers, **titled("Monitoring"), **staff.answers}


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    return await start(SERVICE, answers, merge_at_read_followers=2)


@pytest.fixture(autouse=True)
async def clean(world: World) -> None:
    await world.clean()


async def derived(world: World) -> dict[str, list[Sequence[object]]]:
    async with world.server.resources.database.snapshot() as tx:
        return {table: [tuple(row) for row in await tx.execute(sa.text(facts))] for table, facts in FACTS.items()}


async def damage(world: World, *statements: str) -> None:
    async with world.server.resources.database.transaction() as tx:
        for statement in statements:
            await tx.execute(sa.text(statement))


async def busy_day(world: World, ada: Caller, bob: Caller, eve: Caller) -> feed_pb2.Post:
    """Something of everything that is derived. The post that most happens to."""
    await bob.follow(ada)
    await eve.follow(ada)
    asked = await write(ada, "Soep of brood? #lunch", poll=poll("Soep", "Brood", multiple=True))
    await vote(bob, asked.name, 0, 1)
    await vote(eve, asked.name, 1)
    reply = await bob.post("Soep! #soep", reply_to=asked.name)
    await eve.post("Ja", reply_to=reply.name)
    gone = await eve.post("Nee", reply_to=reply.name)
    await eve.delete(gone.name)
    await reshare(bob, asked.name)
    await reshare(eve, asked.name, "Lees dit #lunch")
    await bob.react(asked.name, "HEART")
    await eve.react(asked.name, "LIKE")
    await bookmark(eve, asked.name)
    system = System(world, await world.account(ada.person, "cards.write"))
    await system.search("Monteur", external_id="V-1")
    await system.report("DSL Utrecht", external_id="INC-1")
    await world.caught_up()
    return await ada.read(asked.name)


async def test_what_was_right_is_not_wrong(meet: Meet, world: World, staff: Staff) -> None:
    callers = await meet("ada", "bob", "eve")
    await busy_day(world, *callers)
    before = await derived(world)
    assert await rebuild(world) == {}
    assert await derived(world) == before
    assert before["merged_authors"]


BROKEN = {
    "posts": "UPDATE posts SET reply_count = 7, reshare_count = 9, reaction_counts = '{9,9,9,9,9,9}', voter_count = 4, "
    "vote_counts = CASE WHEN poll IS NULL OR poll = 'null' THEN '{}' ELSE CAST('{5,6}' AS integer[]) END",
    "marks": "UPDATE marks SET reshared = NOT reshared",
    "post_tags": "UPDATE post_tags SET tag = tag || 'x'",
    "post_texts": "UPDATE post_texts SET vector = to_tsvector('simple', 'anders')",
    "cards": "UPDATE cards SET state = 9, external_id = external_id || 'x', close_time = now(), sort = 3 - sort",
    "merged_authors": "TRUNCATE merged_authors",
}


@pytest.mark.parametrize("table", BROKEN)
async def test_what_is_broken_is_put_right(table: str, meet: Meet, world: World) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    await busy_day(world, ada, bob, eve)
    before = await derived(world)
    await damage(world, BROKEN[table])
    assert (await derived(world))[table] != before[table]
    wrong = await rebuild(world)
    assert wrong.keys() == {table}
    assert await derived(world) == before
    assert await rebuild(world) == {}


async def test_what_is_missing_comes_back(meet: Meet, world: World) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    await busy_day(world, ada, bob, eve)
    before = await derived(world)
    await damage(
        world, "TRUNCATE post_tags", "TRUNCATE post_texts", "TRUNCATE cards", "UPDATE marks SET reshared = false"
    )
    assert (await rebuild(world)).keys() == {"post_tags", "post_texts", "cards", "marks"}
    assert await derived(world) == before
    assert len(await found(bob, "soep")) == 2


async def test_departments_come_from_identity_again(meet: Meet, world: World, staff: Staff) -> None:
    ada, bob = await meet("ada", "bob")
    staff.hire(ada, bob)
    staff.people[ada.name].department = "Netwerk"
    await rebuild(world)
    await damage(world, "UPDATE people_facts SET department = 'Elders'")
    assert await rebuild(world) == {"people_facts": 2}
    async with world.server.resources.database.snapshot() as tx:
        rows = {row.person: row.department for row in await tx.execute(sa.text("SELECT * FROM people_facts"))}
    assert rows == {ada.id: "Netwerk", bob.id: ""}


async def test_readers_see_right_counts_at_once(meet: Meet, world: World) -> None:
    """Who wrote wrong counts left the cache as wrong as the database."""
    ada, bob, eve = await meet("ada", "bob", "eve")
    asked = await busy_day(world, ada, bob, eve)
    await damage(world, BROKEN["posts"])
    await world.server.resources.cache.slow.flushdb()
    assert {post.reply_count for post in await ada.home() if post.name == asked.name} == {7}
    await rebuild(world)
    assert {post.reply_count for post in await ada.home() if post.name == asked.name} == {2}
    assert (await ada.read(asked.name)).reaction_counts == asked.reaction_counts


async def test_it_goes_on_while_people_write(meet: Meet, world: World) -> None:
    """Nothing that happens meanwhile counts as wrong, and nothing of it is lost."""
    callers = await meet("ada", "bob", "eve", "kim")
    roots = [await caller.post("Hallo #dag") for caller in callers]
    chance = random.Random(7)  # what people do next

    async def use(caller: Caller) -> None:
        for _ in range(15):
            name = chance.choice(roots).name
            reply = await patiently(lambda: caller.post("Ja", reply_to=name))  # noqa: B023
            await patiently(lambda: caller.react(name, chance.choice(["LIKE", "HEART"])))  # noqa: B023
            if chance.random() < 0.3:
                await patiently(lambda: caller.delete(reply.name))  # noqa: B023

    await rebuild(world)
    using = asyncio.gather(*map(use, callers))
    wrong = [await rebuild(world)]
    while not using.done():
        wrong.append(await rebuild(world))
    await using
    assert not any(wrong), wrong
    assert await rebuild(world) == {}


async def test_a_long_one_goes_on_in_another_stream(meet: Meet, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    await busy_day(world, ada, bob, eve)
    before = await derived(world)
    await damage(world, BROKEN["posts"])
    monkeypatch.setattr(rebuilding, "AT_ONCE", 3)
    monkeypatch.setattr(rebuilding, "LONGEST_SECONDS", 0)
    request, streams, done = own_data_pb2.RebuildDerivedRequest(), 0, False
    async with world.channel("operator") as channel:
        while not done:
            stub = own_data_pb2_grpc.OwnDataServiceStub(channel)
            *_, last = [answer async for answer in stub.RebuildDerived(request)]
            streams, done, request.after = streams + 1, last.done, last.last_post
    assert streams > 2
    assert (await derived(world))["posts"] == before["posts"]


async def test_operators_alone_rebuild(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada", roles=["administrator"])
    stub = own_data_pb2_grpc.OwnDataServiceStub(ada.channel)

    async def ask() -> list[object]:
        return [answer async for answer in stub.RebuildDerived(own_data_pb2.RebuildDerivedRequest())]

    assert (await refused(ask())).code == "PERMISSION_DENIED"
