"""What one may not see is neither found nor told in any other way."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from plein.feed.v1 import discovery_pb2
from sqlalchemy import text

from chassis.search.lexicon import Lexicon
from chassis.testing import World
from services.feed.domain.search import question
from services.feed.store import search
from tests.feed.caller import Caller, Meet
from tests.feed.importing import bring_in_posts, imported
from tests.feed.relating import block, mute, mute_tag
from tests.feed.searching import discovery, found
from tests.feed.writing import id_of, join, leave, new_group, write

ORDERS = ["newest", "best"]


@pytest.fixture(autouse=True)
async def no_barriers(world: World) -> AsyncIterator[None]:
    """Each test raises its own barriers, between `network` and `retail`."""
    yield
    await world.bar()


async def apart(meet: Meet) -> tuple[Caller, Caller]:
    """Two people between whom a barrier can be raised."""
    return (await meet("ned", segments=["network"]))[0], (await meet("rita", segments=["retail"]))[0]


@pytest.mark.parametrize("order_by", ORDERS)
async def test_a_barrier_takes_posts_away_in_both_directions(meet: Meet, world: World, order_by: str) -> None:
    ned, rita = await apart(meet)
    word = f"kabelbreuk{order_by}"
    from_ned, from_rita = await ned.post(word), await rita.post(word)
    assert await found(ned, word, order_by) == [from_rita.name, from_ned.name]
    await world.bar(("network", "retail"))
    assert await found(ned, word, order_by) == [from_ned.name]
    assert await found(rita, word, order_by) == [from_rita.name]


async def test_a_thread_of_somebody_behind_a_barrier_is_not_found_and_neither_are_their_replies(
    meet: Meet, world: World
) -> None:
    ned, rita = await apart(meet)
    (ada,) = await meet("ada")
    from_ned, from_ada = await ned.post("Transformatorhuis"), await ada.post("Transformatorhuis")
    below_ned = await ada.post("Transformatorhuis", reply_to=from_ned.name)
    by_ned = await ned.post("Transformatorhuis", reply_to=from_ada.name)
    await world.bar(("network", "retail"))
    assert await found(rita, "transformatorhuis") == [from_ada.name]
    assert await found(ada, "transformatorhuis") == [by_ned.name, below_ned.name, from_ada.name, from_ned.name]


async def test_a_question_about_somebody_behind_a_barrier_is_answered_as_one_about_nobody(
    meet: Meet, world: World
) -> None:
    ned, rita = await apart(meet)
    await ned.post("Meetrapport")
    await world.bar(("network", "retail"))
    # Identity may have heard of the barrier later than feed, and still tells who it is.
    for query in ("from:{}", "meetrapport from:{}", "meetrapport -from:{}", 'from:{} "meetrapport"'):
        of_ned, of_nobody = [await answer(rita, query.format(who)) for who in (ned.person.handle, "nobody.at.all")]
        assert of_ned == of_nobody == discovery_pb2.SearchPostsResponse()


async def answer(caller: Caller, query: str) -> discovery_pb2.SearchPostsResponse:
    return await discovery(caller).SearchPosts(discovery_pb2.SearchPostsRequest(query=query))


async def test_posts_for_other_kinds_are_found_by_them_and_their_author(meet: Meet) -> None:
    (ada,), (xavi,) = await meet("ada"), await meet("xavi", kind="EXTERNAL")
    post = await ada.post("Detacheringsbureau", kinds=["EXTERNAL"])
    (bob,) = await meet("bob")
    assert await found(xavi, "detacheringsbureau") == await found(ada, "detacheringsbureau") == [post.name]
    assert await found(bob, "detacheringsbureau") == []


async def test_posts_in_a_group_are_found_by_its_members(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group = new_group()
    await join(world, group, ada)
    post = await write(ada, "Verrassingsfeest", group=group)
    reply = await ada.post("Verrassingsfeest!", reply_to=post.name)
    assert await found(bob, "verrassingsfeest") == await found(bob, f"group:{id_of(group)}") == []
    assert await found(ada, "verrassingsfeest") == await found(ada, f"group:{id_of(group)}") == [reply.name, post.name]
    await join(world, group, bob)
    assert await found(bob, f"verrassingsfeest group:{group}") == [reply.name, post.name]
    assert await found(bob, f"verrassingsfeest -group:{id_of(group)}") == []
    await leave(world, group, bob)
    assert await found(bob, "verrassingsfeest") == []


async def test_a_hidden_post_is_found_by_its_author_alone(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("Scheldkanonnade")
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text("UPDATE posts SET hidden = true WHERE id = :id"), {"id": post.name[6:]})
    assert await found(bob, "scheldkanonnade") == []
    assert await found(ada, "scheldkanonnade") == [post.name]


async def test_what_somebody_wrote_who_is_suspended_stays(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("Afscheidsborrel")
    await world.access(ada.person, active=False)
    assert await found(bob, "afscheidsborrel") == [post.name]


@pytest.mark.parametrize("order_by", ORDERS)
async def test_a_page_is_filled_up_and_the_last_one_knows_that_it_is(meet: Meet, world: World, order_by: str) -> None:
    (ada,), (xavi,) = await meet("ada"), await meet("xavi", kind="EXTERNAL")
    word = f"tombola{order_by}"
    hidden = ["EMPLOYEE"] * 30
    kinds = [*hidden, "EXTERNAL", "EXTERNAL", *hidden, "EXTERNAL", "EXTERNAL", *hidden]
    began = datetime.now(UTC) - timedelta(hours=len(kinds))
    written = [
        imported(ada, str(uuid4()), began + timedelta(hours=number), f"{word} {number}", kinds=[kind])
        for number, kind in enumerate(kinds)
    ]
    await bring_in_posts(world, written)
    request = discovery_pb2.SearchPostsRequest(query=word, order_by=order_by, page_size=3)
    first = await discovery(xavi).SearchPosts(request)
    assert [hit.post.text for hit in first.found] == [f"{word} {number}" for number in (63, 62, 31)]
    request.page_token = first.next_page_token
    second = await discovery(xavi).SearchPosts(request)
    assert [hit.post.text for hit in second.found] == [f"{word} 30"]
    assert not second.next_page_token
    request.page_token, request.page_size = "", 4
    assert not (await discovery(xavi).SearchPosts(request)).next_page_token


async def test_the_best_are_chosen_among_what_one_may_see(
    meet: Meet, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ned, rita = await apart(meet)
    post = await rita.post("Loterij")
    for _ in range(3):
        await ned.post("Loterij")
    monkeypatch.setattr(search, "MOST_RANKED", 2)
    await world.bar(("network", "retail"))
    assert await found(rita, "loterij", "best") == [post.name]


@pytest.mark.parametrize("order_by", ORDERS)
async def test_the_statement_that_finds_is_the_one_that_decides(meet: Meet, world: World, order_by: str) -> None:
    """What the database answers is seen by the caller as it is: no row is fetched and thrown away."""
    ned, rita = await apart(meet)
    word = f"meterstand{order_by}"
    for _ in range(5):
        await ned.post(word)
    post = await rita.post(word)
    await world.bar(("network", "retail"))
    resources = world.server.resources
    asked = question(word, UTC)
    async with resources.database.snapshot() as tx:
        sight = resources.access.sight(rita.id)
        sought = search.sought(asked, await Lexicon().forms(tx, asked.words), sight, {})
        if order_by == "best":
            ids = [id_ for _, id_ in await search.visible_best(tx, sight, sought, None, 100)]
        else:
            ids = await search.visible_newest(tx, sight, sought, 100)
    assert [f"posts/{id_}" for id_ in ids] == [post.name]


@pytest.mark.parametrize("order_by", ORDERS)
async def test_what_is_muted_is_not_found_unless_it_is_asked_by_name(meet: Meet, order_by: str) -> None:
    ada, bob, cem = await meet("ada", "bob", "cem")
    word = f"herfstactie{order_by}"
    from_bob, tagged, plain = await bob.post(word), await cem.post(f"{word} #reclame"), await cem.post(word)
    await mute(ada, bob)
    await mute_tag(ada, "reclame")
    assert await found(ada, word, order_by) == [plain.name]
    assert await found(ada, f"{word} from:{bob.person.handle}", order_by) == [from_bob.name]
    assert await found(ada, f"{word} #reclame", order_by) == [tagged.name]
    assert sorted(await found(bob, word, order_by)) == sorted([plain.name, tagged.name, from_bob.name])


async def test_people_who_block_each_other_do_not_find_each_other(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    from_ada, from_bob = await ada.post("Blokkendoos"), await bob.post("Blokkendoos")
    await block(ada, bob)
    assert await found(ada, "blokkendoos") == [from_ada.name]
    assert await found(bob, "blokkendoos") == [from_bob.name]
    of_ada, of_nobody = [await answer(bob, f"from:{who}") for who in (ada.person.handle, "nobody.at.all")]
    assert of_ada == of_nobody


async def test_what_is_not_known_is_not_even_looked_for(meet: Meet, world: World) -> None:
    ned, rita = await apart(meet)
    group = new_group()
    await join(world, group, ned)
    asked = question(f"from:ned group:{id_of(group)} from:nobody", UTC)
    await world.bar(("network", "retail"))
    people = {"ned": ned.id}
    access = world.server.resources.access
    assert search.sought(asked, {}, access.sight(rita.id), people).query == "'@' & '@' & '@'"
    of_ned = search.sought(asked, {}, access.sight(ned.id), people)
    assert of_ned.query == f"'@{ned.id}' & '%{id_of(group)}' & '@'"
