"""Whom to follow, with the reasons, and nothing that the reader may not know."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from plein.feed.v1 import relations_pb2
from plein.identity.v1 import events_pb2, identity_pb2

from chassis.problems import NotFound
from chassis.testing import Answers, World
from services.feed.domain.suggestions import MOST_MEMBERS
from tests.feed.caller import UNKNOWN_PERSON, Caller, Meet, refused
from tests.feed.relating import block, dismiss, follow_tag, join, leave, mute, relations, suggestions

BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"
Departments = dict[str, str]  # people/… → department


@pytest.fixture(scope="module")
def departments() -> Departments:
    """Whom identity knows, and where they work."""
    return {}


@pytest.fixture(scope="module")
def answers(departments: Departments) -> Answers:
    def people(request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
        for name in request.names:
            if name not in departments:
                raise NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)
        found = [identity_pb2.Person(name=name, department=departments[name]) for name in request.names]
        return identity_pb2.BatchGetPeopleResponse(people=found)

    return {BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, people)}


@pytest.fixture(autouse=True)
async def no_barriers(world: World) -> AsyncIterator[None]:
    yield
    await world.bar()


async def names(reader: Caller) -> list[str]:
    return [suggestion.person for suggestion in await suggestions(reader)]


async def test_who_is_followed_by_people_one_follows_is_suggested_with_the_newest_of_these(meet: Meet) -> None:
    ada, star, other, *friends = await meet("ada", "star", "other", "bob", "cleo", "dirk", "eva")
    await ada.follow(*friends)
    for friend in friends:
        await friend.follow(star)
    await friends[0].follow(other, ada)
    first, second = await suggestions(ada)
    assert (first.person, first.followed_by_count) == (star.name, 4)
    assert list(first.followed_by) == [friend.name for friend in friends[:0:-1]]
    assert (second.person, list(second.followed_by)) == (other.name, [friends[0].name])
    assert not first.same_department
    await ada.follow(star)
    assert await names(ada) == [other.name]


async def test_colleagues_of_a_department_are_suggested(meet: Meet, world: World, departments: Departments) -> None:
    ada, bob, cleo, dirk = await meet("ada", "bob", "cleo", "dirk")
    departments |= {ada.name: "Grid", bob.name: "Grid", cleo.name: "Shop", dirk.name: ""}
    unknown = f"people/{uuid4()}"
    changes = [events_pb2.PersonChanged(person=name) for name in (ada.name, bob.name, unknown, cleo.name, dirk.name)]
    await world.tell("people", *changes)
    (only,) = await suggestions(ada)
    assert only == relations_pb2.SuggestedPerson(person=bob.name, same_department=True)
    assert await suggestions(dirk) == [], "no department is none that one shares"
    departments[bob.name] = "Shop"
    await world.tell(bob.name, events_pb2.PersonChanged(person=bob.name))
    assert (await suggestions(ada), await names(bob)) == ([], [cleo.name])


async def test_members_of_the_same_groups_are_suggested_but_not_of_one_of_everybody(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    groups = sorted((uuid4() for _ in range(2)), key=str)
    for group in groups:
        await join(world, group, ada, bob)
    await join(world, groups[0], cleo)
    first, second = await suggestions(ada)
    assert (first.person, list(first.shared_groups)) == (bob.name, [f"groups/{group}" for group in groups])
    assert (second.person, list(second.shared_groups)) == (cleo.name, [f"groups/{groups[0]}"])
    await leave(world, groups[0], cleo)
    assert await names(ada) == [bob.name]
    async with world.server.resources.database.transaction() as tx:
        crowd = "INSERT INTO access.memberships (person, group_id, active, changed) "
        crowd += "SELECT gen_random_uuid(), unnest(%s::uuid[]), true, 0 FROM generate_series(1, %s)"
        await tx.exec_driver_sql(crowd, (groups, MOST_MEMBERS))
    assert await names(ada) == []


async def test_who_writes_about_the_own_interests_is_suggested(meet: Meet, world: World) -> None:
    ada, bob, cleo, dirk, eva = await meet("ada", "bob", "cleo", "dirk", "eva")
    await follow_tag(ada, "Zwemmen")
    own = await ada.post("#padel")
    await bob.post("#padel and #zwemmen")
    await bob.post("#padel again")
    await cleo.post("Me too #zwemmen", reply_to=own.name)
    await dirk.post("#padel", kinds=["FREELANCER"])
    await follow_tag(eva, "padel")
    first, second = await suggestions(ada)
    assert (first.person, list(first.shared_tags)) == (bob.name, ["tags/padel", "tags/zwemmen"])
    assert (second.person, list(second.shared_tags)) == (cleo.name, ["tags/zwemmen"])
    assert await names(eva) == sorted([ada.name, bob.name])


async def test_nobody_is_suggested_across_a_barrier_or_a_block_or_by_somebody_there(meet: Meet, world: World) -> None:
    (ned,) = await meet("ned", segments=["network"])
    (rita,) = await meet("rita", segments=["retail"])
    bob, cleo = await meet("bob", "cleo")
    await ned.follow(rita, bob)
    await bob.follow(rita)
    await rita.follow(cleo)
    await bob.follow(cleo)
    assert [list(found.followed_by) for found in await suggestions(ned)] == [[bob.name, rita.name]]
    await ned.unfollow(rita)
    assert await names(ned) == sorted([rita.name, cleo.name])
    await ned.follow(rita)
    await world.bar(("network", "retail"))
    (only,) = await suggestions(ned)
    assert (only.person, only.followed_by_count, list(only.followed_by)) == (cleo.name, 1, [bob.name])
    await block(cleo, ned)
    assert await suggestions(ned) == []


async def test_who_is_muted_dismissed_or_away_is_not_suggested(meet: Meet, world: World) -> None:
    ada, bob, *others = await meet("ada", "bob", "cleo", "dirk", "eva", "finn")
    await ada.follow(bob)
    await bob.follow(*others)
    assert await names(ada) == sorted(other.name for other in others)
    muted, dismissed, away, left = others
    await mute(ada, muted)
    await dismiss(ada, dismissed)
    await dismiss(ada, dismissed)
    await world.access(away.person, active=False)
    assert await names(ada) == [left.name]
    assert (await refused(relations(ada).DismissSuggestion(nobody()))).reason == "PERSON_NOT_FOUND"


async def test_suggestions_come_strongest_first_in_pages(meet: Meet) -> None:
    ada, *others = await meet("ada", *(f"person{number}" for number in range(9)))
    friends, candidates = others[:3], others[3:]
    await ada.follow(*friends)
    for friend, count in zip(friends, (6, 4, 1), strict=True):
        await friend.follow(*candidates[:count])
    expected = [candidates[0].name, *sorted(c.name for c in candidates[1:4]), *sorted(c.name for c in candidates[4:])]
    for size in (1, 2, 4, 6):
        assert [found.person for found in await suggestions(ada, size)] == expected


def nobody() -> relations_pb2.DismissSuggestionRequest:
    return relations_pb2.DismissSuggestionRequest(name=UNKNOWN_PERSON)
