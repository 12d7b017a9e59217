"""Coming in, leaving, roles, removing and banning."""

from asyncio import gather
from collections.abc import Awaitable, Callable
from typing import Any

from plein.chassis.v1.audience_pb2 import WORKER_KIND_EMPLOYEE as EMPLOYEE
from plein.chassis.v1.audience_pb2 import WORKER_KIND_EXTERNAL as EXTERNAL
from plein.chassis.v1.audience_pb2 import WORKER_KIND_FREELANCER as FREELANCER
from plein.groups.v1 import groups_pb2, members_pb2

from chassis.testing import World
from tests.feed.caller import refused
from tests.groups.caller import UNKNOWN_GROUP, Meet


async def test_people_join_and_leave_an_open_group(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    member = await bob.join(group)
    assert (member.name, member.role) == (f"{group}/members/{bob.id}", groups_pb2.GROUP_ROLE_MEMBER)
    assert await bob.join(group) == member
    assert (await ada.group(group)).member_count == 2
    await bob.leave(group)
    await bob.leave(group)
    assert (await bob.group(group)).member_count == 1
    assert await bob.role(group) == ""


async def test_nobody_just_joins_a_closed_group(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found(visibility="CLOSED")).name
    assert (await refused(bob.join(group))).reason == "ASK_FIRST"


async def test_all_methods_about_a_secret_group_are_as_about_none(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found(visibility="SECRET")).name
    await ada.invite(group, bob)
    calls: list[Callable[[str], Awaitable[Any]]] = [
        eve.join,
        eve.leave,
        eve.ask,
        eve.withdraw,
        eve.come_in,
        eve.stay_out,
        eve.archive,
        eve.delete,
    ]
    calls += [eve.members_of, eve.bans, eve.requests, eve.invited, eve.links, eve.link]
    calls += [
        lambda name: eve.change(name, title="Mine"),
        lambda name: eve.invite(name, bob),
        lambda name: eve.uninvite(name, bob),
        lambda name: eve.accept(name, bob),
        lambda name: eve.ban(name, bob),
        lambda name: eve.lift_ban(name, bob),
        lambda name: eve.remove(name, ada),
        lambda name: eve.hand_over(name, bob),
        lambda name: eve.appoint(name, ada, "MEMBER"),
    ]
    for call in calls:
        secret, unknown = await refused(call(group)), await refused(call(UNKNOWN_GROUP))
        assert (secret.code, secret.without(group)) == ("NOT_FOUND", unknown.without(UNKNOWN_GROUP))


async def test_the_last_owner_stays(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await bob.join(group)
    assert (await refused(ada.leave(group))).reason == "LAST_OWNER"
    assert (await refused(ada.appoint(group, ada, "KEEPER"))).reason == "LAST_OWNER"
    await ada.appoint(group, bob, "OWNER")
    await ada.leave(group)
    assert (await refused(bob.leave(group))).reason == "LAST_OWNER"


async def test_of_two_owners_who_leave_at_once_one_stays(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    for _ in range(5):
        group = (await ada.found()).name
        await bob.join(group)
        await ada.appoint(group, bob, "OWNER")
        left = await gather(ada.leave(group), bob.appoint(group, bob, "MEMBER"), return_exceptions=True)
        assert sum(isinstance(answer, Exception) for answer in left) == 1
        assert "OWNER" in (await ada.role(group), await bob.role(group))
        await (bob if await bob.role(group) == "OWNER" else ada).delete(group)


async def test_a_group_is_handed_over(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found()).name
    assert (await refused(ada.hand_over(group, eve))).reason == "MEMBER_NOT_FOUND"
    await bob.join(group)
    await ada.hand_over(group, bob)
    assert (await ada.role(group), await bob.role(group)) == ("KEEPER", "OWNER")


async def test_only_owners_decide_about_roles(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found()).name
    await gather(bob.join(group), eve.join(group))
    await ada.appoint(group, bob, "KEEPER")
    refusal = await refused(bob.appoint(group, eve, "KEEPER"))
    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "NOT_YOUR_GROUP")


async def test_members_are_listed_with_the_owners_first(meet: Meet) -> None:
    ada, bob, eve, dan = await meet("ada", "bob", "eve", "dan")
    group = (await ada.found()).name
    for member in (bob, eve, dan):
        await member.join(group)
    await ada.appoint(group, dan, "KEEPER")
    expected = [ada.name, dan.name, bob.name, eve.name]
    assert [await bob.members_of(group, size) for size in (1, 2, 100)] == [expected] * 3


async def test_of_a_closed_group_others_see_whom_they_can_ask(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found(visibility="CLOSED")).name
    await bob.ask(group)
    await ada.accept(group, bob)
    assert await eve.members_of(group) == [ada.name]
    request = members_pb2.GetMembershipRequest(name=f"{group}/members/{bob.id}")
    assert (await refused(eve.members.GetMembership(request))).reason == "MEMBER_NOT_FOUND"
    assert (await ada.members.GetMembership(request)).person == bob.name


async def test_people_behind_a_barrier_are_not_listed(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    (net,) = await meet("net", segments=["net"])
    (shop,) = await meet("shop", segments=["shop"])
    group = (await ada.found()).name
    await net.join(group)
    await world.bar(("net", "shop"))
    assert await shop.members_of(group) == [ada.name]
    assert set(await bob.members_of(group)) == {ada.name, net.name}
    await world.bar()


async def test_keepers_remove_members_who_may_come_back(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found()).name
    await gather(bob.join(group), eve.join(group))
    await ada.appoint(group, bob, "KEEPER")
    assert (await refused(eve.remove(group, bob))).reason == "NOT_YOUR_GROUP"
    assert (await refused(bob.remove(group, ada))).reason == "NOT_BELOW_YOU"
    await bob.remove(group, eve)
    assert (await refused(bob.remove(group, eve))).reason == "MEMBER_NOT_FOUND"
    await eve.join(group)
    assert await eve.role(group) == "MEMBER"


async def test_a_banned_person_stays_out(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    link = await ada.link(group)
    await bob.join(group)
    ban = await ada.ban(group, bob)
    assert await ada.ban(group, bob) == ban
    assert (await bob.group(group)).viewer == groups_pb2.GroupViewer(banned=True)
    assert (await refused(bob.join(group))).reason == "BANNED"
    assert (await refused(bob.use(link.secret))).reason == "LINK_NOT_FOUND"
    assert (await refused(ada.invite(group, bob))).reason == "BANNED"
    assert await ada.bans(group) == [bob.name]
    await ada.lift_ban(group, bob)
    await bob.join(group)


async def test_banning_ends_what_somebody_asked(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found(visibility="CLOSED")).name
    await bob.ask(group)
    await ada.ban(group, bob)
    assert await ada.requests(group) == []
    assert (await refused(bob.ask(group))).reason == "BANNED"


async def test_join_rules_are_kept(meet: Meet) -> None:
    (ada,) = await meet("ada")
    (bob,) = await meet("bob", kind="EXTERNAL", department="Shops", segments=["retail"])
    rules = {
        "kinds": groups_pb2.JoinRule(kinds=[EMPLOYEE, FREELANCER]),
        "departments": groups_pb2.JoinRule(departments=["Finance", "HR"]),
        "segments": groups_pb2.JoinRule(segments=["network"]),
        "both": groups_pb2.JoinRule(departments=["Shops"], kinds=[EMPLOYEE]),
    }
    fitting = groups_pb2.JoinRule(kinds=[EXTERNAL], departments=["HR", "Shops"], segments=["retail", "x"])
    for rule in rules.values():
        group = (await ada.found(join_rule=rule)).name
        assert (await refused(bob.join(group))).reason == "JOIN_RULE"
        assert (await refused(ada.invite(group, bob))).reason == "JOIN_RULE"
        assert (await refused(bob.use((await ada.link(group)).secret))).reason == "JOIN_RULE"
        await ada.delete(group)
    await bob.join((await ada.found(join_rule=fitting)).name)
