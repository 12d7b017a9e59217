"""The demonstration company is the same on every machine, and hangs together."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from deploy.demo.company import LEAST_PEOPLE, Company, Person, company
from deploy.demo.faces import face
from deploy.demo.files import COLUMNS, people_csv, photographed, write

TODAY = date(2027, 3, 15)
# Changes with every change of the texts or the dice; then look at the company again and put the new one here.
CSV_SHA256 = "93f69d6555347b1f803a6d9ad998188ee9d3437cc7d3924f4b069304ca5af181"


@pytest.fixture(scope="module")
def staff() -> Company:
    return company(300, today=TODAY)


def test_the_same_people_come_out_everywhere(staff: Company) -> None:
    assert sha256(people_csv(staff)).hexdigest() == CSV_SHA256


@pytest.mark.parametrize("people", [LEAST_PEOPLE, 300, 5000])
def test_the_company_is_as_large_as_asked(people: int) -> None:
    assert len(company(people, today=TODAY).people) == people


def test_a_company_too_small_for_its_departments_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        company(LEAST_PEOPLE - 1, today=TODAY)


@pytest.mark.parametrize("people", [300, 5000])
def test_everyone_reports_to_the_chief_in_the_end(people: int) -> None:
    reached: set[str] = set()
    for person in company(people, today=TODAY).people:
        assert person.manager in reached or not reached
        reached.add(person.personnel_number)


@pytest.mark.parametrize("people", [300, 20_000])
def test_nobody_leads_more_than_twelve(people: int) -> None:
    team_sizes = Counter(person.manager for person in company(people, today=TODAY).people)
    assert max(team_sizes.values()) <= 12


def test_externals_and_freelancers_have_an_employee_as_sponsor_and_an_end_to_come(staff: Company) -> None:
    for person in staff.people:
        if person.kind == "EMPLOYEE":
            assert not person.sponsor
            assert not person.employer
            assert person.end_date is None
        else:
            assert staff.by_number[person.sponsor].kind == "EMPLOYEE"
            assert person.employer
            assert person.end_date is not None
            assert person.end_date > TODAY


def test_the_kinds_are_mixed_as_in_a_real_firm() -> None:
    large = company(20_000, today=TODAY)
    kinds = Counter(person.kind for person in large.people)
    assert 0.77 < kinds["EMPLOYEE"] / 20_000 < 0.83
    assert 0.11 < kinds["EXTERNAL"] / 20_000 < 0.15
    assert 0.05 < kinds["FREELANCER"] / 20_000 < 0.09


def test_handles_and_addresses_are_unique_and_plain() -> None:
    people = company(5000, today=TODAY).people
    assert len({person.handle for person in people}) == len({person.email for person in people}) == len(people)
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert not [person.handle for person in people if set(person.handle) - allowed]
    assert all(person.email.endswith(".example") for person in people)


def test_only_the_network_and_the_shops_are_segments(staff: Company) -> None:
    for person in staff.people:
        assert person.segments == ((person.division,) if person.division in ("network", "retail") else ())


def test_the_accounts_of_the_demonstration_show_every_kind_and_side(staff: Company) -> None:
    accounts = {person.handle: person for person in staff.accounts}
    assert accounts["ada"].roles == ("administrator",)
    assert accounts["fatima"].roles == ("community-manager", "moderator", "editor")
    assert accounts["sanne"].roles == ("moderator",)
    assert {person.kind for person in accounts.values()} == {"EMPLOYEE", "EXTERNAL", "FREELANCER"}
    assert {person.segments for person in accounts.values()} == {(), ("network",), ("retail",)}


def test_dates_move_with_the_day_and_nothing_else_does(staff: Company) -> None:
    later = company(300, today=TODAY + timedelta(days=40))
    for before, after in zip(staff.people, later.people, strict=True):
        assert after.start_date - before.start_date == timedelta(days=40)
        assert without_dates(before) == without_dates(after)


def test_the_export_has_the_documented_columns(staff: Company) -> None:
    rows = list(csv.DictReader(io.StringIO(people_csv(staff).decode())))
    assert list(rows[0]) == COLUMNS
    assert len(rows) == len(staff.people)
    assert {row["kind"] for row in rows} == {"EMPLOYEE", "EXTERNAL", "FREELANCER"}


def test_the_photos_lie_in_the_archive_by_personnel_number(tmp_path: Path) -> None:
    staff = company(LEAST_PEOPLE, today=TODAY)
    write(staff, tmp_path)
    with ZipFile(tmp_path / "photos.zip") as archive:
        assert set(archive.namelist()) == {f"{person.personnel_number}.jpg" for person in photographed(staff)}
        assert archive.read("100000.jpg").startswith(b"\xff\xd8")


def test_a_person_always_has_the_same_face_and_hardly_anyone_another_one(staff: Company) -> None:
    faces = [face(person) for person in staff.people[:60]]
    assert faces == [face(person) for person in staff.people[:60]]
    assert len(set(faces)) > 55


def without_dates(person: Person) -> list[object]:
    kept = set(COLUMNS) - {"start_date", "end_date"}
    return [getattr(person, column) for column in sorted(kept)]
