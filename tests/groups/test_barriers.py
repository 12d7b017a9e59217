"""Nobody meets in a group whom law keeps apart, and nobody is told of whom."""

from asyncio import gather
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from chassis.testing import World
from services.groups.domain.entering import kept_apart
from tests.feed.caller import refused
from tests.groups.caller import Caller, Meet
from tests.groups.telling import looked_at, told


@pytest.fixture(autouse=True)
async def lifted(world: World) -> AsyncIterator[None]:
    yield
    await world.bar()
    await looked_at(world)


async def sides(meet: Meet) -> tuple[Caller, Caller, Caller]:
    """Somebody of no side, of the network, and of the shops."""
    (ada,) = await meet("ada")
    (net,) = await meet("net", segments=["network"])
    (shop,) = await meet("shop", segments=["retail"])
    return ada, net, shop


async def test_a_barrier_keeps_people_out_however_they_come(world: World, meet: Meet) -> None:
    ada, net, shop = await sides(meet)
    await world.bar(("network", "retail"))
    group, closed = (await ada.found()).name, (await ada.found(visibility="CLOSED")).name
    await net.join(group)
    await net.ask(closed)
    await ada.accept(closed, net)
    link = await ada.link(group)
    calls = [shop.join(group), shop.use(link.secret), shop.ask(closed), ada.invite(group, shop)]
    refusals = [await refused(call) for call in calls]
    assert {refusal.reason for refusal in refusals} == {"BARRIER"}
    assert not any(net.name in str(refusal) or "network" in str(refusal) for refusal in refusals)
    assert (await ada.links(group))[0].use_count == 0
    await world.bar()
    await shop.join(group)


async def test_who_asked_before_a_barrier_stood_is_not_let_in_after(world: World, meet: Meet) -> None:
    ada, net, shop = await sides(meet)
    group = (await ada.found(visibility="CLOSED")).name
    await gather(net.ask(group), shop.ask(group))
    await ada.invite(group, (await meet("bob", segments=["retail"]))[0])
    await ada.accept(group, net)
    await world.bar(("network", "retail"))
    assert (await refused(ada.accept(group, shop))).reason == "BARRIER"
    assert await shop.role(group) == ""


async def test_of_two_sides_that_join_at_once_one_comes_in(world: World, meet: Meet) -> None:
    ada, net, shop = await sides(meet)
    await world.bar(("network", "retail"))
    for _ in range(5):
        group = (await ada.found()).name
        answers = await gather(net.join(group), shop.join(group), return_exceptions=True)
        assert sum(isinstance(answer, Exception) for answer in answers) == 1
        assert len(await ada.members_of(group)) == 2


async def test_a_new_barrier_suspends_who_came_later_and_lets_them_back(world: World, meet: Meet) -> None:
    ada, net, shop = await sides(meet)
    group = (await ada.found()).name
    await net.join(group)
    await shop.join(group)
    await world.bar(("network", "retail"))
    await looked_at(world)
    assert set(await ada.members_of(group)) == {ada.name, net.name}
    seen = await shop.group(group)
    assert (seen.viewer.suspended, seen.member_count) == (True, 2)
    assert (await refused(shop.join(group))).reason == "BARRIER"
    left = (await told(world, group))[-1]
    assert (left.person, left.suspended) == (shop.name, True)

    await world.bar()
    await looked_at(world)
    assert set(await ada.members_of(group)) == {ada.name, net.name, shop.name}
    assert (await told(world, group))[-1].person == shop.name


async def test_who_is_suspended_knows_nothing_of_a_secret_group_and_can_leave_it(world: World, meet: Meet) -> None:
    ada, net, shop = await sides(meet)
    group = (await ada.found(visibility="SECRET")).name
    for member in (net, shop):
        await ada.invite(group, member)
        await member.come_in(group)
    await world.bar(("network", "retail"))
    await looked_at(world)
    assert not await shop.knows(group)
    await shop.leave(group)
    await world.bar()
    await looked_at(world)
    assert not await shop.knows(group)


async def test_owners_keep_their_place(world: World, meet: Meet) -> None:
    ada, net, shop = await sides(meet)
    group = (await net.found()).name
    await ada.join(group)
    await shop.join(group)
    await net.appoint(group, shop, "OWNER")
    await net.appoint(group, net, "KEEPER")
    await world.bar(("network", "retail"))
    await looked_at(world)
    assert (await net.group(group)).viewer.suspended
    assert await shop.role(group) == "OWNER"


async def test_who_changes_sides_is_looked_at(world: World, meet: Meet) -> None:
    ada, net, _ = await sides(meet)
    (bob,) = await meet("bob")
    await world.bar(("network", "retail"))
    group = (await ada.found()).name
    await net.join(group)
    await bob.join(group)
    await world.access(bob.person, segments=["retail"])
    await looked_at(world)
    assert (await bob.group(group)).viewer.suspended
    await net.leave(group)
    await looked_at(world)
    assert await bob.role(group) == "MEMBER"
    assert not (await bob.group(group)).viewer.suspended


async def test_a_group_of_segments_does_not_exist_behind_the_barrier(world: World, meet: Meet) -> None:
    ada, net, shop = await sides(meet)
    group = (await net.found(join_rule={"segments": ["network"]})).name
    assert await shop.knows(group)
    await world.bar(("network", "retail"))
    assert [await who.knows(group) for who in (ada, net, shop)] == [True, True, False]


def test_who_was_first_keeps_their_place() -> None:
    one, two, three, four = (UUID(int=number) for number in range(4))
    blocked = {"a": frozenset("b"), "b": frozenset("a")}
    people = [(one, ("a", "c")), (two, ("b",)), (three, ("b", "a")), (four, ("c",))]
    assert kept_apart(people, blocked) == {two, three}
    assert kept_apart(people, {}) == set()
