"""Imports as a whole: repeated, rehearsed, cut off, and two at once."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from plein.chassis.v1 import audience_pb2
from plein.identity.v1 import events_pb2, identity_pb2
from sqlalchemy import text

from tests.identity.house import House, Report, hr_file, outsider, row, why

INVITED, ACTIVE = identity_pb2.PERSON_STATUS_INVITED, identity_pb2.PERSON_STATUS_ACTIVE
DEPARTED = identity_pb2.PERSON_STATUS_DEPARTED


def department(first: int, size: int) -> list[dict[str, str]]:
    """A head and those who report to it."""
    return [row(str(first))] + [row(str(number), manager=str(first)) for number in range(first + 1, first + size)]


async def test_of_a_thousand_rows_ten_are_bad_and_the_rest_goes_in(house: House) -> None:
    rows = department(10000, 1000)
    broken = {
        100: {"email": ""}, 200: {"kind": "?"}, 300: {"personnel_number": "10001"}, 400: {"email": rows[7]["email"]},
        500: {"manager": "404"}, 600: {"end_date": "soon"}, 700: {"segments": "A B"}, 800: {"kind": "EXTERNAL"},
        900: {"given_name": ""}, 999: {"manager": "10999"},
    }  # fmt: skip
    for index, cells in broken.items():
        rows[index] = rows[index] | cells
    report = await house.take_in(hr_file(rows))
    assert report.counts == (990, 0, 0, 0, 10)
    assert [bad.line for bad in report.bad_rows] == [index + 2 for index in broken]
    again = await house.take_in(hr_file(rows))
    assert again.counts == (0, 0, 990, 0, 10)


async def test_the_same_file_again_changes_nothing(house: House) -> None:
    file = hr_file([*department(11000, 300), outsider("11500", "11000", segments="network")])
    await house.take_in(file)
    before = await house.dump()
    assert (await house.take_in(file)).counts == (0, 0, 301, 0, 0)
    assert await house.dump() == before


async def test_what_changed_is_told_field_by_field(house: House) -> None:
    first = row("12000", department="Netwerk", title="Planner", segments="network")
    name = (await house.take_in(hr_file([first]))).names()["12000"]
    changed = first | {"title": "", "segments": "", "department": "Winkels", "email": "Nieuw12000@telwiek.example"}
    report = await house.take_in(hr_file([changed]))
    assert report.counts == (0, 1, 0, 0, 0)
    assert report.changes() == {
        "12000": {
            "title": ("Planner", ""),
            "segments": ("network", ""),
            "department": ("Netwerk", "Winkels"),
            "email": ("p12000@telwiek.example", "nieuw12000@telwiek.example"),
        }
    }
    told = await house.told(name)
    assert told[2:] == [
        audience_pb2.PersonAccessChanged(person=name, kind=audience_pb2.WORKER_KIND_EMPLOYEE, active=True),
        events_pb2.PersonChanged(person=name),
    ]


async def test_a_dry_run_tells_every_change_and_changes_nothing(house: House) -> None:
    await house.take_in(hr_file([row("13000", title="Planner"), row("13001")]))
    before = await house.dump()
    file = hr_file([row("13000", title="Regisseur"), row("13002"), row("13003", email="wrong")])
    rehearsed = await house.take_in(file, dry_run=True, depart_missing=False)
    assert await house.dump() == before
    assert rehearsed.counts == (1, 1, 0, 0, 1)
    assert rehearsed.changes() == {"13000": {"title": ("Planner", "Regisseur")}}
    assert rehearsed.names()["13002"] == ""
    assert (await house.take_in(file)).counts == rehearsed.counts


async def test_who_is_not_in_the_file_leaves_only_when_that_is_asked(house: House) -> None:
    await house.world.clean()
    await house.take_in(hr_file([row("14000"), row("14001"), row("14002")]))
    assert (await house.take_in(hr_file([row("14000")]))).summary.departed == 0
    wrong = hr_file([row("14000"), row("14001", email="wrong")])
    rehearsed = await house.take_in(wrong, dry_run=True, depart_missing=True)
    assert (rehearsed.summary.departed, [person.personnel_number for person in rehearsed.people][1:]) == (1, ["14002"])
    report = await house.take_in(wrong, depart_missing=True)
    assert [(person.personnel_number, person.line) for person in report.people][1:] == [("14002", 0)]
    name = report.names()["14002"]
    assert (await house.person(name)).status == DEPARTED
    told = await house.told(name)
    assert [type(event).__name__ for event in told[2:]] == ["PersonAccessChanged", "PersonDeparted", "PersonChanged"]
    assert (await house.take_in(wrong, depart_missing=True)).summary.departed == 0


async def test_a_row_that_does_not_tell_whose_it_is_keeps_everybody_here(house: House) -> None:
    await house.world.clean()
    await house.take_in(hr_file([row("15000"), row("15001")]))
    report = await house.take_in(hr_file([row("15000"), row("")]), depart_missing=True)
    assert (report.summary.departed, report.summary.bad) == (0, 1)
    assert "Nobody departs" in report.bad_rows[0].reason
    report = await house.take_in(hr_file([]), depart_missing=True)
    assert (report.summary.departed, report.bad_rows[0].line) == (0, 0)


async def test_the_last_administrator_does_not_depart(house: House) -> None:
    await house.world.clean()
    ada = await house.hire("ada", personnel_number="16000", role="administrator")
    await house.hire("bob", personnel_number="16001")
    report = await house.take_in(hr_file([row("16002")]), depart_missing=True)
    assert (report.summary.departed, report.bad_rows[0].personnel_number) == (1, "16000")
    assert (await house.person(ada.name)).status == ACTIVE


async def test_who_left_and_is_in_the_file_again_is_hired_again(house: House) -> None:
    await house.world.clean()
    known = await house.hire("known", personnel_number="17000", role="moderator")
    await house.take_in(hr_file([row("17001"), row("17002")]))
    await house.take_in(hr_file([row("17002")]), depart_missing=True)
    report = await house.take_in(hr_file([row("17000", handle="known"), row("17001"), row("17002")]))
    assert report.counts == (0, 2, 1, 0, 0)
    assert report.changes()["17001"] == {"status": ("DEPARTED", "INVITED")}
    back = await house.person(known.name)
    assert (back.status, list(back.roles), back.handle) == (ACTIVE, [], "known")
    assert (await house.sign_in("known")).person == known.name


async def test_the_address_of_a_leaver_may_be_given_to_another(house: House) -> None:
    await house.world.clean()
    left = (await house.take_in(hr_file([row("18000", email="info@telwiek.example")]))).names()["18000"]
    await house.take_in(hr_file([row("18001")]), depart_missing=True)
    report = await house.take_in(hr_file([row("18002", email="info@telwiek.example")]))
    assert report.counts == (1, 0, 0, 0, 0)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.stub("operator").ReinstatePerson(identity_pb2.ReinstatePersonRequest(name=left))
    assert why(refusal) == (grpc.StatusCode.ALREADY_EXISTS, "EMAIL_TAKEN")
    report = await house.take_in(hr_file([row("18000", email="info@telwiek.example")]))
    assert [(bad.field, bad.line) for bad in report.bad_rows] == [("email", 2)]


async def test_a_second_import_at_the_same_time_is_refused(house: House) -> None:
    begun, released = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[identity_pb2.ImportPeopleRequest]:
        yield identity_pb2.ImportPeopleRequest(options=identity_pb2.ImportOptions())
        yield identity_pb2.ImportPeopleRequest(chunk=hr_file([row("19000")]))
        begun.set()
        await released.wait()

    async def first() -> list[identity_pb2.ImportPeopleResponse]:
        return [answer async for answer in house.stub("operator").ImportPeople(slow())]

    running = asyncio.create_task(first())
    await begun.wait()
    await import_runs(house)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.take_in(hr_file([row("19001")]))
    assert why(refusal) == (grpc.StatusCode.FAILED_PRECONDITION, "IMPORT_RUNNING")
    released.set()
    assert (await running)[-1].summary.created == 1
    assert (await house.take_in(hr_file([row("19001")]))).summary.created == 1


async def test_an_import_that_was_cut_off_can_be_repeated(house: House) -> None:
    rows = department(20000, 700)
    file = hr_file(rows)

    async def parts() -> AsyncIterator[identity_pb2.ImportPeopleRequest]:
        yield identity_pb2.ImportPeopleRequest(options=identity_pb2.ImportOptions())
        yield identity_pb2.ImportPeopleRequest(chunk=file)

    call = house.stub("operator").ImportPeople(parts())
    async for _ in call:
        break
    call.cancel()
    created, _, unchanged, _, bad = (await when_the_other_ended(house, file)).counts
    assert (created + unchanged, bad) == (700, 0)
    assert created < 700
    assert (await house.take_in(file)).counts == (0, 0, 700, 0, 0)


async def test_only_administrators_and_the_operator_import(house: House) -> None:
    member = await house.hire("lid")
    for caller in (member, "feed"):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            async for _ in house.stub(caller).ImportPeople(iter([])):
                pass
        assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED


async def when_the_other_ended(house: House, file: bytes) -> Report:
    """Imports as soon as no other import runs."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await house.take_in(file)
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.FAILED_PRECONDITION:
                    raise


async def import_runs(house: House) -> None:
    """Waits until an import holds its lock."""
    query = text("""
        SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE datname = current_database() AND locktype = 'advisory' AND granted
        AND objid = CAST(hashtext('identity.imports') AS bigint) & 4294967295""")
    async with asyncio.timeout(5):
        while True:
            async with house.world.server.resources.database.snapshot() as tx:
                if (await tx.execute(query)).first():
                    return
