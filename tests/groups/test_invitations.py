"""Asking to be let in, and being invited."""

from asyncio import gather

from plein.groups.v1 import groups_pb2

from chassis.testing import World
from tests.feed.caller import UNKNOWN_PERSON, refused
from tests.groups.caller import Caller, Meet
from tests.groups.telling import kinds_told, told


async def keeper_and_members(meet: Meet, visibility: str) -> tuple[str, Caller, Caller, Caller]:
    """A group of an owner with a keeper and a member."""
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found(visibility=visibility)).name
    for member in (bob, eve):
        await ada.invite(group, member)
        await member.come_in(group)
    await ada.appoint(group, bob, "KEEPER")
    return group, ada, bob, eve


async def test_who_asks_waits_for_an_answer(world: World, meet: Meet) -> None:
    group, ada, bob, eve = await keeper_and_members(meet, "CLOSED")
    (dan,) = await meet("dan")
    asked = await dan.ask(group, " Let me in! ")
    assert (asked.person, asked.note) == (dan.name, "Let me in!")
    assert (await dan.ask(group, "Please")).create_time == asked.create_time
    assert (await dan.group(group)).viewer.requested
    assert [request.note for request in await bob.requests(group)] == ["Please"]
    assert (await refused(eve.requests(group))).reason == "NOT_YOUR_GROUP"
    event = (await told(world, group))[-1]
    assert (event.person, set(event.keepers)) == (dan.name, {ada.name, bob.name})

    await bob.accept(group, dan)
    assert await dan.role(group) == "MEMBER"
    assert await bob.requests(group) == []
    assert (await told(world, group))[-1].admitted_by == bob.name
    assert (await refused(dan.ask(group))).reason == "MEMBER_ALREADY"


async def test_a_request_is_declined_or_withdrawn(world: World, meet: Meet) -> None:
    group, ada, bob, eve = await keeper_and_members(meet, "CLOSED")
    dan, fay = await meet("dan", "fay")
    await gather(dan.ask(group), fay.ask(group))
    assert (await refused(eve.decline(group, dan))).reason == "NOT_YOUR_GROUP"
    await bob.decline(group, dan)
    await fay.withdraw(group)
    await fay.withdraw(group)
    assert await ada.requests(group) == []
    assert (await refused(ada.accept(group, dan))).reason == "REQUEST_NOT_FOUND"
    assert (await kinds_told(world, group))[-2:] == ["MembershipRequestEnded"] * 2
    await dan.ask(group)


async def test_two_keepers_who_answer_at_once_do_not_both(world: World, meet: Meet) -> None:
    group, ada, bob, _ = await keeper_and_members(meet, "CLOSED")
    for dan in await meet("dan", "fay", "gus"):
        await dan.ask(group)
        answers = await gather(ada.accept(group, dan), bob.decline(group, dan), return_exceptions=True)
        assert sum(isinstance(answer, Exception) for answer in answers) == 1
        accepted = not isinstance(answers[0], Exception)
        assert (await dan.role(group) == "MEMBER") is accepted


async def test_requests_come_in_pages_longest_waiting_first(meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found(visibility="CLOSED")).name
    askers = await meet("bob", "eve", "dan")
    for asker in askers:
        await asker.ask(group)
    assert [[request.person for request in await ada.requests(group, size)] for size in (1, 2, 100)] == [
        [asker.name for asker in askers]
    ] * 3


async def test_an_open_group_is_not_asked(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    assert (await refused(bob.ask((await ada.found()).name))).reason == "OPEN_GROUP"


async def test_an_invited_person_knows_of_a_secret_group(world: World, meet: Meet) -> None:
    group, ada, bob, eve = await keeper_and_members(meet, "SECRET")
    (dan,) = await meet("dan")
    assert (await refused(eve.invite(group, dan))).reason == "NOT_YOUR_GROUP"
    invitation = await bob.invite(group, dan)
    assert await ada.invite(group, dan) == invitation
    assert (await dan.group(group)).viewer == groups_pb2.GroupViewer(invited_by=bob.name)
    assert await dan.invitations() == [group]
    assert await ada.invited(group) == [dan.name]
    assert await dan.members_of(group) == [ada.name, bob.name]
    event = (await told(world, group))[-1]
    assert (event.person, event.inviter) == (dan.name, bob.name)

    await dan.stay_out(group)
    assert not await dan.knows(group)
    assert await dan.invitations() == []
    assert (await refused(dan.come_in(group))).reason == "GROUP_NOT_FOUND"


async def test_an_invitation_opens_a_closed_group(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found(visibility="CLOSED")).name
    await ada.invite(group, bob)
    await ada.invite(group, eve)
    assert (await refused(bob.ask(group))).reason == "INVITED"
    await bob.come_in(group)
    await eve.join(group)
    assert (await refused(ada.invite(group, bob))).reason == "MEMBER_ALREADY"
    assert (await refused(bob.come_in(group))).reason == "INVITATION_NOT_FOUND"


async def test_any_member_invites_into_an_open_group(meet: Meet) -> None:
    group, ada, _, eve = await keeper_and_members(meet, "OPEN")
    dan, fay = await meet("dan", "fay")
    assert (await refused(dan.invite(group, fay))).reason == "NOT_YOUR_GROUP"
    await eve.invite(group, dan)
    await ada.invite(group, fay)
    assert (await refused(eve.uninvite(group, fay))).reason == "NOT_YOUR_GROUP"
    await eve.uninvite(group, dan)
    await ada.uninvite(group, fay)
    assert await ada.invited(group) == []


async def test_nobody_invites_whom_they_may_not_know(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada", segments=["network"])
    (bob,) = await meet("bob", segments=["retail"])
    group = (await ada.found()).name
    await world.bar(("network", "retail"))
    unknown = await refused(ada.invite(group, UNKNOWN_PERSON))
    hidden = await refused(ada.invite(group, bob))
    assert hidden.without(bob.name) == unknown.without(UNKNOWN_PERSON)
    await world.bar()


async def test_who_asked_is_answered_and_not_invited(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found(visibility="CLOSED")).name
    await bob.ask(group)
    assert (await refused(ada.invite(group, bob))).reason == "REQUESTED"


async def test_what_somebody_opened_closes_when_they_leave(world: World, meet: Meet) -> None:
    group, ada, bob, _ = await keeper_and_members(meet, "SECRET")
    dan, fay = await meet("dan", "fay")
    await bob.invite(group, dan)
    link = await bob.link(group, uses=5)
    await ada.appoint(group, bob, "MEMBER")
    assert not await dan.knows(group)
    assert (await refused(fay.use(link.secret))).reason == "LINK_NOT_FOUND"
    assert (await kinds_told(world, group))[-2:] == ["MemberRoleChanged", "InvitationEnded"]


async def test_invitations_come_in_pages_newest_first(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    names = [(await ada.found(title, "SECRET")).name for title in ("One", "Two", "Three")]
    for group in names:
        await ada.invite(group, bob)
    assert [await bob.invitations(size) for size in (1, 2, 100)] == [names[::-1]] * 3
