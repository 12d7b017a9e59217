"""Groups are found by their words, their size and their age, and by those who are in them; secret ones are not."""

from collections.abc import AsyncIterator

import pytest
from plein.chassis.v1 import audience_pb2
from plein.groups.v1 import discovery_pb2, groups_pb2
from sqlalchemy import text

from chassis.testing import World
from tests.feed.caller import refused
from tests.groups.caller import UNKNOWN_GROUP, Meet
from tests.groups.entering import let_in
from tests.groups.presenting import Presenter
from tests.groups.seeking import Seeker


@pytest.fixture(autouse=True)
async def _empty(world: World) -> AsyncIterator[None]:
    """Lists are of everybody's groups, so each test begins without any."""
    yield
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text("TRUNCATE groups, people_facts CASCADE"))


async def test_words_find_groups_in_dutch_and_english(meet: Meet) -> None:
    ada, eve = await meet("ada", "eve")
    group = (await ada.found("Golfers van Utrecht")).name
    await Presenter(ada).write(
        group, description="Wij **wandelen** ook, en drinken koffie in cafés.", tags=("running", "buitenlucht")
    )
    await ada.found("Chess")
    for query in (
        "golfers", "golfer", "GOLF", "utrecht", "wandeling wandelen", "wandel", "café", "cafes", "run", "runs",
        "buitenl", "koffie golf", "koffie, golfers!",
    ):  # fmt: skip
        assert await Seeker(eve).search(query) == ["Golfers van Utrecht"], query
    for query in ("strong", "golfers chess", "rugby", "!!!", "fers", "'", "\\", "a & b | !", ":*"):
        assert await Seeker(eve).search(query) == [], query


async def test_a_title_is_found_better_than_a_description(meet: Meet) -> None:
    (ada,) = await meet("ada")
    other = (await ada.found("Chess")).name
    await Presenter(ada).write(other, description="Some of us play golf.")
    tagged = (await ada.found("Sport")).name
    await Presenter(ada).write(tagged, tags=("golf",))
    await ada.found("Golf")
    assert await Seeker(ada).search("golf") == ["Golf", "Sport", "Chess"]
    assert await Seeker(ada).search("golf", 1) == ["Golf", "Sport", "Chess"]


async def test_what_is_found_says_what_it_is(meet: Meet) -> None:
    ada, eve = await meet("ada", "eve")
    group = await ada.found("Golf", "CLOSED")
    await Presenter(ada).write(group.name, description="Golf " * 100, tags=("sport",))
    (found,) = (await Seeker(eve).api.SearchGroups(_search("golf"))).groups
    assert (found.group.name, found.group.member_count, list(found.tags)) == (group.name, 1, ["sport"])
    assert found.summary.startswith("Golf Golf")
    assert found.summary.endswith("Golf…")
    assert len(found.summary) <= 200
    assert not found.has_cover


async def test_a_group_is_found_by_what_it_is_called_now(meet: Meet) -> None:
    ada, eve = await meet("ada", "eve")
    group = (await ada.found("Golf")).name
    await ada.change(group, title="Hockey")
    assert (await Seeker(eve).search("golf"), await Seeker(eve).search("hockey")) == ([], ["Hockey"])
    await ada.change(group, visibility=groups_pb2.GROUP_VISIBILITY_SECRET)
    assert await Seeker(eve).search("hockey") == []
    assert await Seeker(ada).search("hockey") == ["Hockey"]
    await ada.change(group, visibility=groups_pb2.GROUP_VISIBILITY_CLOSED)
    assert await Seeker(eve).search("hockey") == ["Hockey"]
    await ada.delete(group)
    assert await Seeker(eve).search("hockey") == []


async def test_mine_are_those_that_i_am_in_by_title(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    for title, visibility in (("chess", "OPEN"), ("Bridge", "SECRET"), ("Darts", "CLOSED"), ("Golf", "OPEN")):
        group = (await ada.found(title, visibility)).name
        if title != "Golf":
            await let_in(ada, group, bob)
        if title == "Darts":
            await ada.archive(group)
    assert await Seeker(bob).mine(2) == ["Bridge", "chess", "Darts"]
    assert await Seeker(ada).mine() == ["Bridge", "chess", "Darts", "Golf"]


async def test_popular_are_large_groups_and_new_are_young_ones(meet: Meet) -> None:
    ada, bob, cas, eve = await meet("ada", "bob", "cas", "eve")
    small, large, middle, old = [(await ada.found(title)).name for title in ("Small", "Large", "Middle", "Old")]
    await let_in(ada, large, bob, cas)
    await let_in(ada, middle, bob)
    await ada.archive(old)
    secret = (await ada.found("Secret", "SECRET")).name
    await let_in(ada, secret, bob, cas, eve)
    assert await Seeker(eve).popular(2) == ["Large", "Middle", "Small"]
    assert await Seeker(eve).new(2) == ["Middle", "Large", "Small"]
    await bob.leave(large)
    await cas.leave(large)
    assert await Seeker(eve).popular() == ["Middle", "Large", "Small"]
    assert small


async def test_groups_are_suggested_with_a_reason(meet: Meet) -> None:
    ada, eve = await meet("ada", "eve", department="Networks")
    bob, cas = await meet("bob", "cas", department="Retail")
    own = (await ada.found("Own")).name
    await let_in(ada, own, bob, cas)
    await Presenter(ada).write(own, tags=("sport", "outside"))
    golf = (await bob.found("Golf")).name
    await cas.join(golf)
    cables = (await eve.found("Cables")).name
    tagged = (await cas.found("Tagged", "CLOSED")).name
    await Presenter(cas).write(tagged, tags=("sport",))
    await eve.found("Secret", "SECRET")
    assert await Seeker(ada).suggested(1) == ["Golf", "Tagged", "Cables"]
    first, second, third = await Seeker(ada).suggestions()
    assert (first.fellow_count, set(first.fellows), first.colleague_count) == (2, {bob.name, cas.name}, 0)
    assert (list(second.shared_tags), second.fellow_count) == (["sport"], 0)
    assert (third.colleague_count, list(third.fellows)) == (1, [])
    await Seeker(ada).dismiss(golf)
    await Seeker(ada).dismiss(golf)
    await ada.join(cables)
    assert await Seeker(ada).suggested() == ["Tagged"]
    await ada.ask(tagged)
    assert await Seeker(ada).suggested() == []


async def test_nothing_is_suggested_that_one_may_not_join(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    (ext,) = await meet("ext", kind="EXTERNAL")
    own = (await ada.found("Own")).name
    await let_in(ada, own, bob, ext)
    await bob.found("Employees", join_rule=groups_pb2.JoinRule(kinds=[audience_pb2.WORKER_KIND_EMPLOYEE]))
    await bob.found("Networks", join_rule=groups_pb2.JoinRule(departments=["Networks"]))
    archived = (await bob.found("Archived")).name
    await bob.archive(archived)
    assert await Seeker(ada).suggested() == ["Employees"]
    assert await Seeker(ext).suggested() == []


async def test_a_reason_is_nobody_whom_one_does_not_meet(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob", department="Networks")
    await bob.found("Golf")
    assert await Seeker(ada).suggested() == ["Golf"]
    await world.access(ada.person, segments=["network"])
    await world.access(bob.person, segments=["retail"])
    await world.bar(("network", "retail"))
    assert await Seeker(ada).suggested() == []
    await world.bar()


async def test_secret_groups_change_nothing_for_others(meet: Meet) -> None:
    """Neither a name, nor a number, nor an order, nor an error tells of them."""
    ada, eve = await meet("ada", "eve", department="Networks")
    shared = (await ada.found("Shared golf")).name
    await eve.join(shared)
    await Presenter(ada).write(shared, tags=("golf",))
    before = await Seeker(eve).everything("golf")
    secret = (await ada.found("Secret golf", "SECRET")).name
    await Presenter(ada).write(secret, description="All about golf.", tags=("golf",))
    assert await Seeker(eve).everything("golf") == before
    assert await Seeker(ada).search("secret golf") == ["Secret golf"]
    attempts = [await refused(Seeker(eve).dismiss(name)) for name in (secret, UNKNOWN_GROUP)]
    assert attempts[0].without(secret) == attempts[1].without(UNKNOWN_GROUP)
    await ada.invite(secret, eve)
    assert await Seeker(eve).search("secret golf") == ["Secret golf"]
    await eve.stay_out(secret)
    assert await Seeker(eve).everything("golf") == before


async def test_the_index_of_words_does_not_even_look_at_secret_groups_of_others(world: World, meet: Meet) -> None:
    """So that not the time that it takes tells of them: what the index hands out are the groups that are shown."""
    ada, _ = await meet("ada", "eve")
    await ada.found("Golf")
    for _ in range(3):
        await ada.found("Golf", "SECRET")
    counted = "SELECT count(*) FROM group_texts WHERE vector @@ (search_query(ARRAY['golf']) && '''!found''')"
    async with world.server.resources.database.snapshot() as tx:
        assert (await tx.execute(text(counted))).scalar_one() == 1


def _search(query: str) -> discovery_pb2.SearchGroupsRequest:
    return discovery_pb2.SearchGroupsRequest(query=query)
