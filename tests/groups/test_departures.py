"""Who works here no more leaves all groups, and these go on."""

from plein.identity.v1 import events_pb2

from chassis.testing import World
from services.groups.store import chores
from tests.groups.caller import Caller, Meet
from tests.groups.telling import kinds_told, told, until


async def depart(world: World, *people: Caller) -> None:
    """Waits until they are in no group any more."""
    for who in people:
        await world.access(who.person, active=False)
        await world.tell(who.name, events_pb2.PersonDeparted(person=who.name))

    async def left() -> bool:
        async with world.server.resources.database.snapshot() as tx:
            return await chores.next_departure(tx) is None

    await until(left)


async def test_the_longest_keeper_succeeds_the_last_owner(world: World, meet: Meet) -> None:
    ada, bob, eve, dan = await meet("ada", "bob", "eve", "dan")
    group = (await ada.found()).name
    for member in (bob, eve, dan):
        await member.join(group)
    for keeper in (eve, dan):
        await ada.appoint(group, keeper, "KEEPER")
    await depart(world, ada)
    assert [await who.role(group) for who in (bob, eve, dan)] == ["MEMBER", "OWNER", "KEEPER"]
    assert (await kinds_told(world, group))[-2:] == ["MemberLeft", "MemberRoleChanged"]


async def test_a_group_of_somebody_who_was_alone_is_deleted(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await depart(world, ada)
    assert not await bob.knows(group)
    assert (await kinds_told(world, group))[-1] == "GroupDeleted"


async def test_requests_and_invitations_of_who_left_end(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    closed, secret = [(await ada.found(visibility=sort)).name for sort in ("CLOSED", "SECRET")]
    await bob.ask(closed)
    await ada.invite(secret, bob)
    await depart(world, bob)
    assert await ada.requests(closed) == [] == await ada.invited(secret)
    assert (await told(world, closed))[-1].person == bob.name
    assert (await kinds_told(world, secret))[-1] == "InvitationEnded"
