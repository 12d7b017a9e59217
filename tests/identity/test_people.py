"""Who may see whom, and what of them."""

import grpc
import pytest
from plein.identity.v1 import identity_pb2

from chassis.testing import Person
from tests.identity.house import House, hr_file, outsider, row, why

NOT_FOUND = (grpc.StatusCode.NOT_FOUND, "PERSON_NOT_FOUND")
NOBODY = "people/018f0000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
async def network(house: House) -> Person:
    return await house.hire("nel", segments="network", title="Planner")


@pytest.fixture(scope="module")
async def retail(house: House) -> Person:
    await house.bar(("network", "retail"))
    return await house.hire("rob", segments="retail")


@pytest.fixture(scope="module")
async def plain(house: House) -> Person:
    return await house.hire("pim")


@pytest.fixture(scope="module")
async def admin(house: House) -> Person:
    return await house.hire("ada", role="administrator")


async def answer_about(house: House, name: str, caller: Person | str) -> bytes:
    """All that goes over the wire about somebody who is not there, with the name taken out."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.person(name, caller=caller)
    assert why(refusal) == NOT_FOUND
    error = refusal.value
    parts = [str(error.details()).encode()] + [
        value if isinstance(value, bytes) else value.encode() for _, value in error.trailing_metadata() or ()
    ]
    return b"|".join(parts).replace(name.encode(), b"NAME")


async def test_colleagues_see_each_other_but_not_what_hr_keeps(house: House, network: Person, plain: Person) -> None:
    seen = await house.person(network.name, caller=plain)
    assert (seen.handle, seen.title, seen.email) == ("nel", "Planner", "nel@telwiek.example")
    assert (seen.personnel_number, list(seen.roles), list(seen.segments)) == ("", [], [])


async def test_people_see_their_own_number_and_roles_but_not_their_segments(house: House, network: Person) -> None:
    seen = await house.person("people/me", caller=network)
    assert (seen.name, bool(seen.personnel_number), list(seen.segments)) == (network.name, True, [])


async def test_administrators_and_services_see_everything(
    house: House, network: Person, retail: Person, admin: Person
) -> None:
    admin = Person(admin.id, "ada", (await house.sign_in("ada")).access_token)
    for caller in (admin, "profile", "operator"):
        seen = await house.person(network.name, caller=caller)
        assert (list(seen.segments), bool(seen.personnel_number)) == (["network"], True)
        assert (await house.person(retail.name, caller=caller)).handle == "rob"


async def test_someone_behind_a_barrier_is_exactly_as_someone_who_does_not_exist(
    house: House, network: Person, retail: Person, plain: Person
) -> None:
    assert (await house.person(network.name, caller=plain)).name == network.name
    assert (await house.person(retail.name, caller=plain)).name == retail.name
    unknown = await answer_about(house, NOBODY, network)
    assert await answer_about(house, retail.name, network) == unknown
    assert await answer_about(house, f"people/{'nonsense':x<36}", network) == unknown
    assert await answer_about(house, network.name, retail) == unknown
    assert (await house.person(network.name, caller=network)).name == network.name


async def test_managers_and_sponsors_behind_a_barrier_are_not_named(
    house: House, retail: Person, plain: Person
) -> None:
    boss = row("v1", segments="network")
    rows = [boss, row("v2", manager="v1"), outsider("v3", "v1")]
    names = (await house.take_in(hr_file(rows))).names()
    for caller, seen in ((plain, names["v1"]), (retail, "")):
        assert (await house.person(names["v2"], caller=caller)).manager == seen
        assert (await house.person(names["v3"], caller=caller)).sponsor == seen


async def test_a_batch_comes_in_the_order_asked_or_not_at_all(
    house: House, network: Person, retail: Person, plain: Person
) -> None:
    names = [retail.name, network.name, retail.name, "people/me"]
    batch = identity_pb2.BatchGetPeopleRequest(names=names)
    answer = await house.stub(plain).BatchGetPeople(batch)
    assert [person.handle for person in answer.people] == ["rob", "nel", "rob", "pim"]
    for caller, name in ((network, retail.name), (plain, NOBODY)):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await house.stub(caller).BatchGetPeople(identity_pb2.BatchGetPeopleRequest(names=[plain.name, name]))
        assert why(refusal) == NOT_FOUND
        assert name in str(refusal.value.details())


async def test_handles_of_nobody_and_behind_a_barrier_are_left_out(
    house: House, network: Person, retail: Person, plain: Person
) -> None:
    request = identity_pb2.ResolveHandlesRequest(handles=["NEL", "nel", "rob", "nobody", "' OR 1=1 --"])
    seen = await house.stub(plain).ResolveHandles(request)
    assert dict(seen.people) == {"NEL": network.name, "nel": network.name, "rob": retail.name}
    assert dict((await house.stub(retail).ResolveHandles(request)).people) == {"rob": retail.name}


async def test_who_is_kept_out_or_left_can_still_be_looked_up(house: House, plain: Person) -> None:
    gone = await house.hire("gone")
    await house.stub("operator").SuspendPerson(identity_pb2.SuspendPersonRequest(name=gone.name))
    await house.world.caught_up()
    seen = await house.person(gone.name, caller=plain)
    assert (seen.handle, seen.status) == ("gone", identity_pb2.PERSON_STATUS_SUSPENDED)


async def test_everybody_is_listed_in_pages_in_the_order_of_arrival(house: House, plain: Person) -> None:
    await house.take_in(hr_file([row(f"w{number}") for number in range(7)]))
    found, token = [], ""
    while True:
        request = identity_pb2.ListPeopleRequest(page_size=3, page_token=token)
        page = await house.stub("operator").ListPeople(request)
        found += [person.name for person in page.people]
        token = page.next_page_token
        if not token:
            break
    everybody = [f"people/{row[0]}" for row in (await house.dump())["people"]]
    assert found == everybody
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.stub(plain).ListPeople(identity_pb2.ListPeopleRequest())
    assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED
