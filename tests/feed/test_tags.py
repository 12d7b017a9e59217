"""Tags that rise, and tags while they are typed."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from plein.feed.v1 import discovery_pb2, feed_pb2
from sqlalchemy import text

from chassis.testing import Answers, World
from services.feed.domain.trends import Usage, rising
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Caller, Meet
from tests.feed.importing import bring_in_posts, imported
from tests.feed.relating import mute_tag, unmute_tag
from tests.feed.searching import completed, discovery, trending
from tests.feed.writing import id_of, join, new_group, write


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    """Feed that looks at each question what rises."""
    return await start(SERVICE, answers, trend_seconds=0)


@pytest.fixture(autouse=True)
async def nothing_written(world: World) -> AsyncIterator[None]:
    """Each test begins without posts and barriers."""
    yield
    await world.caught_up()
    await world.clean()
    await world.bar()


async def before(world: World, author: Caller, said: str, *days: float) -> None:
    """What somebody wrote so many days ago."""
    now = datetime.now(UTC)
    moments = [now - timedelta(days=day) for day in days]
    await bring_in_posts(world, [imported(author, str(uuid4()), moment, said) for moment in moments])


async def written(authors: Sequence[Caller], said: str) -> None:
    for author in authors:
        await author.post(said)


# Tags that rise


async def test_a_tag_rises_by_what_is_usual_and_not_by_how_many_use_it(meet: Meet, world: World) -> None:
    crew = await meet("ada", "bob", "cem", "dot", "eva", "fay")
    for author in crew[:5]:
        await before(world, author, "#koffie", *range(2, 15))
    await written(crew, "#koffie")
    await written(crew[:4], "#storing")
    assert await trending(crew[0]) == [("storing", 4, 4), ("koffie", 6, 6)]


async def test_a_tag_that_is_used_as_always_does_not_rise(meet: Meet, world: World) -> None:
    crew = await meet("ada", "bob", "cem")
    for author in crew:
        await before(world, author, "#koffie", *(day + 0.5 for day in range(1, 15)))
    await written(crew, "#koffie")
    assert await trending(crew[0]) == []
    (dot,) = await meet("dot")
    await dot.post("#koffie")
    assert await trending(crew[0]) == [("koffie", 4, 4)]


async def test_fewer_than_three_people_make_no_trend_however_much_they_write(meet: Meet, world: World) -> None:
    ada, bob, cem = await meet("ada", "bob", "cem")
    await written([ada, bob] * 5, "#wij")
    assert await trending(ada) == []
    await before(world, cem, "#wij", 1.01)
    assert await trending(ada) == [], "that was more than a day ago"
    await cem.post("#wij")
    assert await trending(ada) == [("wij", 3, 11)]


async def test_closed_places_replies_and_what_is_hidden_or_deleted_do_not_count(meet: Meet, world: World) -> None:
    ada, bob, cem = crew = await meet("ada", "bob", "cem")
    await written([ada, bob], "#open #kinds #group #reply #hidden #deleted")
    await cem.post("#open")
    await cem.post("#kinds", kinds=["EMPLOYEE"])
    await in_group(world, cem, "#group")
    await cem.post("#reply", reply_to=(await cem.post("Hello")).name)
    await hide(world, await cem.post("#hidden"))
    await cem.delete((await cem.post("#deleted")).name)
    for reader in crew:
        assert await trending(reader) == [("open", 3, 3)]


async def in_group(world: World, author: Caller, said: str) -> None:
    group = new_group()
    await join(world, group, author)
    await write(author, said, group=group)


async def hide(world: World, post: feed_pb2.Post) -> None:
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text("UPDATE posts SET hidden = true WHERE id = :id"), {"id": id_of(post.name)})


async def test_nobody_behind_a_barrier_is_counted(meet: Meet, world: World) -> None:
    ned, nel = await meet("ned", "nel", segments=["network"])
    rita, rob = await meet("rita", "rob", segments=["retail"])
    (ada,) = await meet("ada")
    await written([ned, nel, rita, rob, ada], "#samen")
    await written([ned, nel, rita], "#gemengd")
    await world.bar(("network", "retail"))
    assert await trending(ned) == await trending(rita) == [("samen", 3, 3)]
    assert await trending(ada) == [("samen", 5, 5), ("gemengd", 3, 3)]


async def test_a_muted_tag_is_no_trend_for_who_muted_it(meet: Meet) -> None:
    crew = await meet("ada", "bob", "cem")
    await written(crew, "#lawaai #muziek")
    await mute_tag(crew[0], "Lawaai")
    assert await trending(crew[0]) == [("muziek", 3, 3)]
    assert await trending(crew[1]) == [("lawaai", 3, 3), ("muziek", 3, 3)]
    await unmute_tag(crew[0], "lawaai")


async def test_trends_come_in_pages_and_are_kept_for_a_while(meet: Meet, start: Start, answers: Answers) -> None:
    kept = await start(SERVICE, answers)
    people = [Caller(kept, await kept.person(name)) for name in ("ada", "bob", "cem")]
    await written(people, "#een #twee #drie")
    first = await discovery(people[0]).ListTrendingTags(discovery_pb2.ListTrendingTagsRequest(page_size=2))
    assert [tag.name for tag in first.tags] == ["tags/drie", "tags/een"]
    assert [tag for tag, _, _ in await trending(people[1])] == ["drie", "een", "twee"]
    await written(people, "#vier")
    assert [tag for tag, _, _ in await trending(people[2])] == ["drie", "een", "twee"]
    for person in people:
        await person.channel.close()


def test_rising_tags_have_one_order_and_lack_those_that_are_not_wanted() -> None:
    usual = [Usage("b", 4, 9, 0), Usage("a", 4, 4, 0), Usage("c", 8, 8, 14), Usage("d", 5, 5, 0), Usage("e", 3, 3, 42)]
    assert [usage.tag for usage in rising(usual)] == ["d", "c", "a", "b"]
    assert [usage.tag for usage in rising(usual, without={"c", "a"})] == ["d", "b"]


# Tags while they are typed


async def test_tags_are_completed_in_the_order_of_the_alphabet(meet: Meet) -> None:
    (ada,) = await meet("ada")
    await ada.post("#Koffie #koffiebonen #kop #kóp #thee")
    await ada.post("#koffie")
    assert await completed(ada, "ko") == ["koffie", "koffiebonen", "kop"]
    assert await completed(ada, "#KOFFIE") == ["koffie", "koffiebonen"]
    assert await completed(ada, "k", size=2) == ["koffie", "koffiebonen", "kop", "kóp"]
    assert await completed(ada, "") == ["koffie", "koffiebonen", "kop", "kóp", "thee"]
    assert await completed(ada, "x") == await completed(ada, "%") == await completed(ada, "'\\") == []


async def test_tags_of_closed_places_are_not_told(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.post("#zopen")
    closed = await ada.post("#zkinds", kinds=["EXTERNAL"])
    await ada.post("#zbelow", reply_to=closed.name)
    await in_group(world, ada, "#zgroup")
    await hide(world, await ada.post("#zhidden"))
    await ada.delete((await ada.post("#zdeleted")).name)
    root = await ada.post("Gone")
    await bob.post("#zreply", reply_to=root.name)
    await ada.delete(root.name)
    for reader in (ada, bob):
        assert await completed(reader, "z") == ["zopen", "zreply"]


async def test_tags_of_people_behind_a_barrier_are_not_told(meet: Meet, world: World) -> None:
    (ned,), (rita,) = await meet("ned", segments=["network"]), await meet("rita", segments=["retail"])
    (ada,) = await meet("ada")
    post = await ned.post("#qnetwork #qboth")
    await ada.post("#qbelow", reply_to=post.name)
    await rita.post("#qboth")
    await world.bar(("network", "retail"))
    assert await completed(rita, "q") == ["qboth"]
    assert await completed(ned, "q") == await completed(ada, "q") == ["qbelow", "qboth", "qnetwork"]
