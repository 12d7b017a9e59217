"""People are found while their name is typed, by whoever may meet them."""

import grpc
import pytest
from plein.identity.v1 import events_pb2
from plein.profile.v1.profile_pb2 import SearchProfilesRequest

from chassis.status import reason
from chassis.testing import Person
from tests.profile.hr import Company, code

NAMES = [
    ("Jan", "van der Berg"), ("Janneke", "de Vries"), ("Jan", "de Vries"), ("Piet", "Jansen"), ("Renée", "Bos"),
    ("Şeyma", "Yıldırım"), ("Jan-Willem", "'t Hart"), ("Niamh", "O'Brien"), ("Marjolein", "Bakker"),
]  # fmt: skip


@pytest.fixture(scope="module")
async def viewer(company: Company) -> Person:
    """Works with them all, and in the network segment."""
    for given_name, family_name in NAMES:
        department = "Netten" if family_name == "de Vries" else "Winkels"
        await company.hire(given_name, family_name, department=department)
    return await company.hire("Zoë", "Zijlstra", segments=("network",), department="Netten")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("vries", ["Jan de Vries", "Janneke de Vries"]),
        ("jan van der b", ["Jan van der Berg"]),
        ("berg jan", ["Jan van der Berg"]),
        ("vanderberg", ["Jan van der Berg"]),
        ("renee", ["Renée Bos"]),
        ("RENÉE", ["Renée Bos"]),
        ("seyma yil", ["Şeyma Yıldırım"]),
        ("janwillem", ["Jan-Willem 't Hart"]),
        ("'t hart", ["Jan-Willem 't Hart"]),
        ("obrien", ["Niamh O'Brien"]),
        ("@jan.devries", ["Jan de Vries", "Janneke de Vries"]),
        ("z", ["Zoë Zijlstra"]),
    ],
)
async def test_a_name_is_found_as_people_type_it(
    company: Company, viewer: Person, typed: str, found: list[str]
) -> None:
    assert await company.found(viewer, typed) == found


@pytest.mark.parametrize(
    "typed", ["Marjolien", "Marjoleni", "Marjolin", "Marjoliein", "Marjolejn", "Mrajolein", "Baker"]
)
async def test_one_wrong_letter_is_forgiven(company: Company, viewer: Person, typed: str) -> None:
    assert "Marjolein Bakker" in await company.found(viewer, typed)


async def test_a_wrong_letter_is_forgiven_beside_a_right_word(company: Company, viewer: Person) -> None:
    assert await company.found(viewer, "jan vreis") == ["Jan de Vries", "Janneke de Vries"]


@pytest.mark.parametrize("typed", ["xq", "qwertyuiop", "qqqqq", "!!!", "%", "jan bakker"])
async def test_what_is_nobodys_name_finds_nobody(company: Company, viewer: Person, typed: str) -> None:
    assert await company.found(viewer, typed) == []


async def test_whole_words_come_first_then_beginnings_then_errors(company: Company, viewer: Person) -> None:
    assert await company.found(viewer, "jan") == [
        "Jan van der Berg", "Jan-Willem 't Hart", "Jan de Vries", "Piet Jansen", "Janneke de Vries",
    ]  # fmt: skip
    late = await company.hire("Jansje", "Aal")
    assert (await company.found(viewer, "jansne"))[0] in ("Piet Jansen", "Jansje Aal")
    await company.depart(late)


async def test_without_a_query_everyone_is_listed_by_name(company: Company, viewer: Person) -> None:
    assert await company.found(viewer, " ") == [
        "Marjolein Bakker", "Jan van der Berg", "Renée Bos", "Jan-Willem 't Hart", "Piet Jansen", "Niamh O'Brien",
        "Jan de Vries", "Janneke de Vries", "Şeyma Yıldırım", "Zoë Zijlstra",
    ]  # fmt: skip


async def test_a_department_is_listed_and_searched(company: Company, viewer: Person) -> None:
    assert await company.found(viewer, "", department="Netten") == ["Jan de Vries", "Janneke de Vries", "Zoë Zijlstra"]
    assert await company.found(viewer, "jan", department="Netten") == ["Jan de Vries", "Janneke de Vries"]
    assert await company.found(viewer, "", department="Net") == []


@pytest.mark.parametrize("query", ["", "jan", "jansne"])
async def test_page_by_page_is_all_at_once(company: Company, viewer: Person, query: str) -> None:
    whole = await company.found(viewer, query)
    paged, token = [], "first"
    while token:
        request = SearchProfilesRequest(query=query, page_size=1, page_token=token.replace("first", ""))
        answer = await company.calls(viewer).SearchProfiles(request)
        paged += [profile.display_name for profile in answer.profiles]
        token = answer.next_page_token
    assert paged == whole


async def test_a_page_stays_where_it_is_when_others_come(company: Company, viewer: Person) -> None:
    first = await company.calls(viewer).SearchProfiles(SearchProfilesRequest(query="jan", page_size=3))
    late = await company.hire("Jan", "Aal")
    rest = SearchProfilesRequest(query="jan", page_token=first.next_page_token)
    answer = await company.calls(viewer).SearchProfiles(rest)
    assert [profile.display_name for profile in answer.profiles] == ["Piet Jansen", "Janneke de Vries"]
    await company.depart(late)


async def test_a_page_token_is_good_for_its_question_alone(company: Company, viewer: Person) -> None:
    first = await company.calls(viewer).SearchProfiles(SearchProfilesRequest(query="jan", page_size=3))
    request = SearchProfilesRequest(query="vries", page_token=first.next_page_token)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await company.calls(viewer).SearchProfiles(request)
    assert code(caught) is grpc.StatusCode.INVALID_ARGUMENT
    assert reason(caught.value) == "BAD_PAGE_TOKEN"


async def test_who_is_behind_a_barrier_is_neither_found_nor_counted(company: Company, viewer: Person) -> None:
    apart = await company.hire("Janna", "Zeeman", segments=("retail",), department="Netten")
    assert "Janna Zeeman" in await company.found(viewer, "janna")
    await company.world.bar(("network", "retail"))
    for query, department in (("janna", ""), ("jnana", ""), ("", "Netten"), ("", "")):
        request = SearchProfilesRequest(query=query, department=department, page_size=100)
        answer = await company.calls(viewer).SearchProfiles(request)
        assert apart.name not in [profile.person for profile in answer.profiles]
        assert not answer.next_page_token
    assert await company.found(apart, "zijlstra") == []
    assert "Janna Zeeman" in await company.found(apart, "janna")
    await company.world.bar()
    await company.depart(apart)


async def test_leavers_are_not_found(company: Company, viewer: Person) -> None:
    leaver = await company.hire("Quirijn", "Quist")
    assert await company.found(viewer, "quirijn") == ["Quirijn Quist"]
    await company.depart(leaver)
    assert await company.found(viewer, "quirijn") == []
    assert (await company.profile(viewer, leaver)).former


async def test_the_suspended_are_not_found_until_they_are_let_in_again(company: Company, viewer: Person) -> None:
    person = await company.hire("Quinten", "Quak", title="Monteur")
    await company.world.access(person, active=False)
    await company.world.tell(person.name, events_pb2.PersonSuspended(person=person.name))
    assert await company.found(viewer, "quinten") == []
    assert (await company.profile(viewer, person)).title == "Monteur"
    await company.world.access(person, active=True)
    assert await company.found(viewer, "quinten") == ["Quinten Quak"]
    await company.depart(person)
