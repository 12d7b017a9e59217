"""Which rows of HR's file go in, and what is said of those that do not."""

import grpc
import pytest
from plein.chassis.v1 import audience_pb2
from plein.identity.v1 import identity_pb2

from tests.identity.house import COLUMNS, House, Report, hr_file, outsider, row, why


def reasons(report: Report) -> list[tuple[int, str, str]]:
    """Line, personnel number and column of each bad row."""
    return [(bad.line, bad.personnel_number, bad.field) for bad in report.bad_rows]


async def test_a_row_becomes_a_person_with_all_that_hr_knows(house: House) -> None:
    boss = row("100", given_name="Ada", family_name="van der Linden")
    cells = {
        "given_name": "Zoë", "family_name": "O'Neil", "email": "Zoe@Telwiek.example", "handle": "zoe",
        "department": "Netwerk", "title": "Planner", "manager": "100", "location": "Den Haag", "phone": "+31 70 000",
        "language": "en", "segments": "network fibre", "start_date": "2020-01-01", "end_date": "2031-03-31",
        "kind": "FREELANCER", "employer": "Zoë Advies", "sponsor": "100",
    }  # fmt: skip
    report = await house.take_in(hr_file([boss, row("101", **cells)]))
    assert report.counts == (2, 0, 0, 0, 0)
    names = report.names()
    person = await house.person(names["101"])
    assert (person.given_name, person.family_name, person.email, person.handle) == (
        "Zoë", "O'Neil", "zoe@telwiek.example", "zoe",
    )  # fmt: skip
    assert (person.manager, person.sponsor) == (names["100"], names["100"])
    assert (person.department, person.title, person.location, person.phone) == (
        "Netwerk", "Planner", "Den Haag", "+31 70 000",
    )  # fmt: skip
    assert (person.language, person.start_date, person.end_date) == ("en", "2020-01-01", "2031-03-31")
    assert (person.kind, person.employer) == (audience_pb2.WORKER_KIND_FREELANCER, "Zoë Advies")
    assert (list(person.segments), person.status) == (["fibre", "network"], identity_pb2.PERSON_STATUS_INVITED)
    assert (person.personnel_number, bool(person.etag)) == ("101", True)


async def test_what_is_told_of_a_newcomer_is_identifiers_and_access(house: House) -> None:
    report = await house.take_in(hr_file([row("110", given_name="Secreta", segments="retail")]))
    name = report.names()["110"]
    told = await house.told(name)
    assert [type(event).__name__ for event in told] == ["PersonAccessChanged", "PersonChanged"]
    access = audience_pb2.PersonAccessChanged(
        person=name, kind=audience_pb2.WORKER_KIND_EMPLOYEE, segments=["retail"], active=True
    )
    assert told[0] == access
    assert b"Secreta" not in b"".join(event.SerializeToString() for event in told)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("personnel_number", ""),
        ("given_name", " "),
        ("family_name", "x" * 101),
        ("email", ""),
        ("email", "no address"),
        ("kind", "MANAGER"),
        ("kind", ""),
        ("handle", "under_score"),
        ("end_date", "31-12-2030"),
        ("language", "fr"),
        ("segments", "Netwerk!"),
        ("title", "bell\x07"),
        ("employer", "Detavast"),
        ("sponsor", "120"),
        ("manager", "nobody"),
        ("manager", "121"),
        ("phone", "\ufffd"),
    ],
)
async def test_a_wrong_cell_is_named_and_the_other_rows_go_in(house: House, column: str, value: str) -> None:
    good = row("120")
    wrong = row("121", **{column: value})
    report = await house.take_in(hr_file([good, wrong]))
    assert [(bad.line, bad.field) for bad in report.bad_rows] == [(3, column)]
    assert report.bad_rows[0].reason.endswith(".")
    assert (report.summary.bad, [person.personnel_number for person in report.people]) == (1, ["120"])


@pytest.mark.parametrize("column", ["employer", "sponsor", "end_date"])
@pytest.mark.parametrize("kind", ["EXTERNAL", "FREELANCER"])
async def test_who_is_not_employed_has_an_employer_a_sponsor_and_an_end(house: House, kind: str, column: str) -> None:
    report = await house.take_in(hr_file([row("130"), outsider("131", "130", kind=kind) | {column: ""}]))
    assert reasons(report) == [(3, "131", column)]


async def test_nobody_is_their_own_sponsor_and_no_contract_ends_before_it_starts(house: House) -> None:
    rows = [outsider("140", "140"), row("141", start_date="2030-01-02", end_date="2030-01-01")]
    assert reasons(await house.take_in(hr_file(rows))) == [(2, "140", "sponsor"), (3, "141", "end_date")]


async def test_sponsors_and_managers_may_stand_further_down(house: House) -> None:
    rows = [outsider("150", "152", manager="151"), row("151", manager="152"), row("152")]
    report = await house.take_in(hr_file(rows))
    names = report.names()
    person = await house.person(names["150"])
    assert (person.sponsor, person.manager) == (names["152"], names["151"])


async def test_everybody_is_told_of_after_their_manager(house: House) -> None:
    rows = [row("160", manager="161"), row("161", manager="162"), row("162")]
    report = await house.take_in(hr_file(rows))
    assert [person.personnel_number for person in report.people] == ["162", "161", "160"]


async def test_a_sponsor_whose_own_row_is_wrong_answers_for_nobody(house: House) -> None:
    rows = [row("170", email="wrong"), outsider("171", "170"), outsider("172", "171"), row("173", manager="170")]
    report = await house.take_in(hr_file(rows))
    assert reasons(report) == [(2, "170", "email"), (3, "171", "sponsor"), (4, "172", "sponsor")]
    assert [person.personnel_number for person in report.people] == ["173"]


async def test_a_manager_who_comes_later_is_linked_and_told(house: House) -> None:
    report = await house.take_in(hr_file([row("180", email="wrong"), row("181", manager="180")]))
    name = report.names()["181"]
    assert (await house.person(name)).manager == ""
    before = len(await house.told(name))
    report = await house.take_in(hr_file([row("180"), row("181", manager="180")]))
    assert (await house.person(name)).manager == report.names()["180"]
    assert [type(event).__name__ for event in (await house.told(name))[before:]] == ["PersonChanged"]


async def test_the_row_that_closes_a_circle_of_managers_is_bad(house: House) -> None:
    rows = [row("190", manager="192"), row("191", manager="190"), row("192", manager="191"), row("193", manager="192")]
    report = await house.take_in(hr_file(rows))
    assert reasons(report) == [(4, "192", "manager")]
    assert report.summary.created == 3


async def test_circles_with_people_outside_the_file_are_found(house: House) -> None:
    await house.take_in(hr_file([row("200"), row("201", manager="200")]))
    assert reasons(await house.take_in(hr_file([row("200", manager="201")]))) == [(2, "200", "manager")]
    wrong = row("201", manager="200", email="wrong")
    assert reasons(await house.take_in(hr_file([row("200", manager="201"), wrong]))) == [
        (2, "200", "manager"),
        (3, "201", "email"),
    ]
    turned = await house.take_in(hr_file([row("200", manager="201"), row("201")]))
    assert turned.counts == (0, 2, 0, 0, 0)


async def test_of_doubles_in_the_file_the_later_row_is_bad(house: House) -> None:
    rows = [
        row("210", handle="eefje"),
        row("210", handle="other"),
        row("211", email="EEFJE@telwiek.example"),
        row("212", handle="Eefje", email="x212@telwiek.example"),
    ]
    report = await house.take_in(hr_file(rows))
    assert reasons(report) == [(3, "210", "personnel_number"), (4, "211", "email"), (5, "212", "handle")]


async def test_addresses_and_handles_of_others_are_taken(house: House) -> None:
    await house.take_in(hr_file([row("220", handle="fenna")]))
    rows = [row("221", email="Fenna@telwiek.example"), row("222", handle="fenna", email="x222@telwiek.example")]
    report = await house.take_in(hr_file(rows))
    assert reasons(report) == [(2, "221", "email"), (3, "222", "handle")]
    assert "220" in report.bad_rows[0].reason


async def test_handles_are_made_from_names(house: House) -> None:
    rows = [
        row("230", given_name="Anna", family_name="de Vries"),
        row("231", given_name="Anna", family_name="de Vries"),
        row("232", given_name="Łukasz", family_name="Çağlar-O’Brien"),
        row("233", given_name="李", family_name="明"),
        row("234", given_name="Bo", family_name="Smit", handle="anna.de.vries3"),
        row("235", given_name="Anna", family_name="de Vries"),
    ]
    names = (await house.take_in(hr_file(rows))).names()
    handles = [(await house.person(names[f"23{number}"])).handle for number in range(6)]
    assert handles == [
        "anna.de.vries", "anna.de.vries2", "lukasz.caglar.obrien", "person", "anna.de.vries3", "anna.de.vries4",
    ]  # fmt: skip
    again = await house.take_in(hr_file(rows))
    assert again.counts == (0, 0, 6, 0, 0)


async def test_names_that_look_like_sql_are_names(house: House) -> None:
    name = "Robert'); DROP TABLE people;--"
    report = await house.take_in(hr_file([row("240", given_name=name, department="' OR 1=1 --", title='"; \\')]))
    person = await house.person(report.names()["240"])
    assert (person.given_name, person.department, person.title) == (name, "' OR 1=1 --", '"; \\')


async def test_an_absent_column_leaves_what_is_known(house: House) -> None:
    await house.take_in(hr_file([row("250", handle="gijs", title="Planner", segments="network")]))
    few = [column for column in COLUMNS if column not in ("handle", "title", "segments")]
    report = await house.take_in(hr_file([row("250", handle="gijs", department="Netwerk")], columns=few))
    assert report.changes() == {"250": {"department": ("", "Netwerk")}}
    person = await house.person(report.names()["250"])
    assert (person.title, person.handle, list(person.segments)) == ("Planner", "gijs", ["network"])


async def test_unknown_columns_are_reported_once_and_passed_over(house: House) -> None:
    report = await house.take_in(
        hr_file([row("260", shoe="42", pet="cat"), row("261")], columns=[*COLUMNS, "shoe", "pet"])
    )
    assert reasons(report) == [(1, "", "shoe, pet")]
    assert report.counts == (2, 0, 0, 0, 0)


async def test_missing_columns_make_the_file_useless(house: House) -> None:
    few = [column for column in COLUMNS if column not in ("email", "kind")]
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.take_in(hr_file([row("270")], columns=few))
    assert why(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, "COLUMNS_MISSING")
    assert "email, kind" in str(refusal.value.details())
