"""Who blocks somebody in feed does not meet them in groups either; that breaks no group, and keepers see all of it."""

import pytest
from plein.groups.v1 import groups_pb2, members_pb2

from chassis.testing import World
from tests.feed.caller import UNKNOWN_PERSON, refused
from tests.groups.caller import UNKNOWN_GROUP, Caller, Meet
from tests.groups.gathering import Guest
from tests.groups.sharing import Sharer
from tests.groups.telling import kinds_told


async def membership(reader: Caller, group: str, member: Caller) -> groups_pb2.Membership:
    """What one sees of the membership of another."""
    return await reader.members.GetMembership(members_pb2.GetMembershipRequest(name=f"{group}/members/{member.id}"))


@pytest.mark.parametrize("ada_blocks", [True, False])
async def test_two_members_stay_in_their_group_and_do_not_meet_in_its_list(
    world: World, meet: Meet, ada_blocks: bool
) -> None:
    olga, ada, bob = await meet("olga", "ada", "bob")
    group = (await olga.found()).name
    await ada.join(group)
    await bob.join(group)
    pair = (ada.person, bob.person) if ada_blocks else (bob.person, ada.person)
    await world.block(*pair)
    assert await ada.members_of(group) == [olga.name, ada.name]
    assert await bob.members_of(group) == [olga.name, bob.name]
    assert [await person.role(group) for person in (ada, bob)] == ["MEMBER", "MEMBER"]
    assert (await ada.group(group)).member_count == 3
    hidden = (await refused(membership(ada, group, bob))).without(str(bob.id))
    unknown = UNKNOWN_PERSON.removeprefix("people/")
    request = members_pb2.GetMembershipRequest(name=f"{group}/members/{unknown}")
    assert hidden == (await refused(ada.members.GetMembership(request))).without(unknown)
    await world.block(*pair, ended=True)
    assert await ada.members_of(group) == await bob.members_of(group) == [olga.name, ada.name, bob.name]


@pytest.mark.parametrize("owner_blocks", [True, False])
async def test_owners_see_and_rule_all_who_are_in_their_group(world: World, meet: Meet, owner_blocks: bool) -> None:
    olga, ada, bob = await meet("olga", "ada", "bob")
    group = (await olga.found(visibility="CLOSED")).name
    await ada.ask(group, "Please")
    await olga.invite(group, bob)
    for other in (ada, bob):
        await world.block(*((olga.person, other.person) if owner_blocks else (other.person, olga.person)))
    assert [request.person for request in await olga.requests(group)] == [ada.name]
    assert await olga.invited(group) == [bob.name]
    await olga.accept(group, ada)
    assert await olga.members_of(group) == [olga.name, ada.name]
    assert (await membership(olga, group, ada)).person == ada.name
    await olga.appoint(group, ada, "KEEPER")
    await olga.appoint(group, ada, "MEMBER")
    assert await ada.members_of(group) == [ada.name]
    await olga.hand_over(group, ada)
    assert await olga.role(group) == "KEEPER"
    await ada.remove(group, olga)


async def test_keepers_ban_whom_they_do_not_meet_and_see_that_they_did(world: World, meet: Meet) -> None:
    olga, ada = await meet("olga", "ada")
    group = (await olga.found()).name
    await ada.join(group)
    await world.block(ada.person, olga.person)
    await olga.ban(group, ada)
    assert await olga.bans(group) == [ada.name]
    assert await olga.members_of(group) == [olga.name]
    await olga.lift_ban(group, ada)


async def test_nobody_is_invited_by_whom_they_do_not_meet(world: World, meet: Meet) -> None:
    olga, ada = await meet("olga", "ada")
    group = (await olga.found()).name
    await world.block(ada.person, olga.person)
    hidden = (await refused(olga.invite(group, ada))).without(ada.name)
    assert hidden == (await refused(olga.invite(group, UNKNOWN_PERSON))).without(UNKNOWN_PERSON)
    await ada.join(group)


async def test_an_invitation_by_whom_one_does_not_meet_is_as_none(world: World, meet: Meet) -> None:
    olga, ada = await meet("olga", "ada")
    secret, closed = [(await olga.found(visibility=sort)).name for sort in ("SECRET", "CLOSED")]
    for group in (secret, closed):
        await olga.invite(group, ada)
    await world.block(ada.person, olga.person)
    assert await ada.invitations() == []
    for of_hidden, of_nothing in ((ada.group, ada.group), (ada.come_in, ada.come_in), (ada.stay_out, ada.stay_out)):
        nothing = (await refused(of_nothing(UNKNOWN_GROUP))).without(UNKNOWN_GROUP)
        assert (await refused(of_hidden(secret))).without(secret) == nothing
    assert not await ada.knows(secret)
    assert (await ada.group(closed)).viewer.invited_by == ""
    assert (await refused(ada.come_in(closed))).code == "NOT_FOUND"
    assert (await refused(ada.join(closed))).reason == "ASK_FIRST"
    await ada.ask(closed)
    await world.block(ada.person, olga.person, ended=True)
    assert {*await ada.invitations()} == {secret, closed}
    await ada.come_in(secret)


async def test_another_ones_invitation_takes_the_place_of_one_that_is_as_none(world: World, meet: Meet) -> None:
    olga, bob, ada = await meet("olga", "bob", "ada")
    group = (await olga.found(visibility="SECRET")).name
    await olga.invite(group, bob)
    await bob.come_in(group)
    await olga.appoint(group, bob, "KEEPER")
    await olga.invite(group, ada)
    await world.block(ada.person, olga.person)
    assert (await bob.invite(group, ada)).inviter == bob.name
    assert await ada.invitations() == [group]
    assert (await kinds_told(world, f"{group}/invitations/{ada.id}")) == [
        "InvitationSent",
        "InvitationEnded",
        "InvitationSent",
    ]
    await ada.come_in(group)
    assert await ada.members_of(group) == [bob.name, ada.name]


async def test_a_link_leads_to_a_group_of_whom_one_does_not_meet(world: World, meet: Meet) -> None:
    olga, ada = await meet("olga", "ada")
    group = (await olga.found(visibility="SECRET")).name
    link = await olga.link(group)
    await world.block(ada.person, olga.person)
    assert (await ada.look(link.secret)).name == group
    await ada.use(link.secret)
    assert await ada.members_of(group) == [ada.name]
    assert await olga.members_of(group) == [olga.name, ada.name]


async def test_files_events_and_who_comes_are_kept_from_the_two_and_not_from_keepers(world: World, meet: Meet) -> None:
    olga, ada, bob = await meet("olga", "ada", "bob")
    group = (await olga.found()).name
    await ada.join(group)
    await bob.join(group)
    files = {person: (await Sharer(person).bring(group)).name for person in (ada, bob)}
    events = {person: (await Guest(person).plan(group)).name for person in (ada, bob)}
    common = (await Guest(olga).plan(group, hours=72)).name
    for person in (ada, bob):
        await Guest(person).answer(common, "YES")
    for pair in ((ada, bob), (olga, bob)):
        await world.block(*(person.person for person in pair))
    assert await Sharer(ada).files(group) == [files[ada]]
    assert await Guest(ada).upcoming(group) == [events[ada], common]
    assert await Guest(ada).attendances(common) == [(ada.name, "GOING")]
    assert await Sharer(bob).files(group) == [files[bob]]
    assert await Guest(bob).upcoming(group) == [events[bob]]
    for name in (files[bob], f"{group}/files/{UNKNOWN_PERSON.removeprefix('people/')}"):
        assert (await refused(Sharer(ada).content(name))).code == "NOT_FOUND"
    assert {*await Sharer(olga).files(group)} == {*files.values()}
    assert {*await Guest(olga).upcoming(group)} == {*events.values(), common}
    assert await Guest(olga).attendances(common) == [(ada.name, "GOING"), (bob.name, "GOING")]
    await Guest(olga).cancel(events[bob])
    await Sharer(olga).delete(files[bob])
