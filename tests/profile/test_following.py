"""Profile follows identity: it keeps what HR knows, and leaves what people told."""

import pytest
from plein.identity.v1 import events_pb2, identity_pb2
from plein.profile.v1.profile_pb2 import Profile, UpdateProfileRequest

from chassis.testing import Person
from tests.profile.hr import Company, profile_name


@pytest.fixture(scope="module")
async def viewer(company: Company) -> Person:
    return await company.hire("Zoë", "Zijlstra")


async def test_whoever_comes_in_has_a_profile(company: Company, viewer: Person) -> None:
    person = await company.hire("Anna", "Aal", title="Monteur")
    assert (await company.profile(viewer, person)).title == "Monteur"
    assert await company.told(person, "ProfileCreated") == ["ProfileCreated"]


async def test_what_hr_changes_shows_and_what_the_person_told_stays(company: Company, viewer: Person) -> None:
    person = await company.hire("Bea", "Bos", title="Monteur")
    own = Profile(name=profile_name(person), headline="Glas")
    before = await company.calls(person).UpdateProfile(UpdateProfileRequest(profile=own))
    await company.change(person, title="Teamleider", family_name="Bos-Boer")
    after = await company.profile(viewer, person)
    assert (after.title, after.display_name, after.headline) == ("Teamleider", "Bea Bos-Boer", "Glas")
    assert after.etag != before.etag
    assert await company.found(viewer, "bea boer") == ["Bea Bos-Boer"]


async def test_what_did_not_change_is_not_told(company: Company, viewer: Person) -> None:
    person = await company.hire("Cor", "Cats")
    before = await company.profile(viewer, person)
    await company.tell(person, person)
    assert await company.profile(viewer, person) == before
    await company.depart(person)
    assert await company.told(person, "ProfileChanged") == ["ProfileCreated", "ProfileChanged"]


async def test_many_come_in_with_few_questions(company: Company, viewer: Person) -> None:
    people = [await company.world.person(f"many{number}") for number in range(230)]
    for number, person in enumerate(people):
        company.office.record(person, f"Veel{number}", "Mensen")
    company.office.asked.clear()
    await company.tell(*people)
    assert len(await company.found(viewer, "mensen", page_size=100)) == 100
    assert max(company.office.asked) == 200
    assert sum(company.office.asked) == 230


async def test_whom_identity_forgot_is_passed_over(company: Company, viewer: Person) -> None:
    people = [await company.world.person(f"some{number}") for number in range(5)]
    for person in (people[0], people[1], people[4]):
        company.office.record(person, "Enige", "Overigen")
    await company.tell(*people)
    assert await company.found(viewer, "overigen") == ["Enige Overigen"] * 3


async def test_who_comes_back_shows_again(company: Company, viewer: Person) -> None:
    person = await company.hire("Dirk", "Dam", title="Monteur")
    await company.depart(person)
    assert (await company.profile(viewer, person)).title == ""
    company.office.people[person.name].status = identity_pb2.PERSON_STATUS_INVITED
    await company.world.access(person, active=True)
    await company.world.tell(person.name, events_pb2.PersonReinstated(person=person.name))
    assert (await company.profile(viewer, person)).title == "Monteur"
    assert await company.found(viewer, "dirk dam") == ["Dirk Dam"]
