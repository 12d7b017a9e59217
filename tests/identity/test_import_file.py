"""The shapes in which HR's file comes, and what becomes of broken ones."""

from collections.abc import AsyncIterator

import grpc
import pytest
from plein.identity.v1 import identity_pb2

from tests.identity.house import COLUMNS, House, hr_file, row, why

HEADER = "personnel_number;given_name;family_name;email;kind;department\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";"])
async def test_commas_and_semicolons_in_three_encodings_are_read(house: House, delimiter: str, encoding: str) -> None:
    number = f"{encoding}{delimiter}"
    cells = {"given_name": "Zoë", "family_name": "Größe", "department": "Kosten € en, baten; soms", "handle": "zoe"}
    rows = [row(number, **cells | {"handle": "", "email": f"{encoding}{ord(delimiter)}@telwiek.example"})]
    report = await house.take_in(hr_file(rows, delimiter=delimiter, encoding=encoding))
    person = await house.person(report.names()[number])
    assert (person.given_name, person.family_name, person.department) == (
        "Zoë",
        "Größe",
        "Kosten € en, baten; soms",
    )


async def test_headers_may_be_written_freely(house: House) -> None:
    columns = "Personnel Number,GIVEN_NAME, Family-Name ,E" + "mail,kind\n"
    report = await house.take_in(f"{columns}300,Ann,Bos,bos300@telwiek.example,employee\n".encode())
    assert report.counts == (1, 0, 0, 0, 0)


async def test_lines_are_those_of_the_file_after_quoted_line_ends_and_blank_lines(house: House) -> None:
    file = HEADER + (
        '310;"Ann\nMarie";Bos;bos310@telwiek.example;EMPLOYEE;"Net\r\nwerk\nNoord"\r\n'
        "\n"
        ";;;;;\n"
        "311;Bo;Bos;wrong;EMPLOYEE;\n"
        "312;Cor;Bos;bos312@telwiek.example;EMPLOYEE;"
    )
    report = await house.take_in(file.encode())
    assert [(person.personnel_number, person.line) for person in report.people] == [("310", 2), ("312", 9)]
    assert [(bad.line, bad.field) for bad in report.bad_rows] == [(8, "email")]
    person = await house.person(report.names()["310"])
    assert (person.given_name, person.department) == ("Ann Marie", "Net werk Noord")


async def test_a_wrong_quote_costs_one_row(house: House) -> None:
    file = HEADER + (
        '320;"Ann;Bos;bos320@telwiek.example;EMPLOYEE;\n'
        "321;Bo;Bos;bos321@telwiek.example;EMPLOYEE;\n"
        '322;"Cor" de;Bos;bos322@telwiek.example;EMPLOYEE;\n'
        "323;Dirk;Bos;bos323@telwiek.example;EMPLOYEE;\n"
        '324;Eva;Bos;bos324@telwiek.example;EMPLOYEE;"open\n'
    )
    report = await house.take_in(file.encode())
    assert [person.personnel_number for person in report.people] == ["321", "323"]
    assert [bad.line for bad in report.bad_rows] == [2, 4, 6]


async def test_rows_with_too_few_or_too_many_cells_are_bad(house: House) -> None:
    file = HEADER + (
        "330;Ann;Bos;bos330@telwiek.example\n"
        "331;Bo;Bos;bos331@telwiek.example;EMPLOYEE;Net;werk\n"
        "332;Cor;Bos;bos332@telwiek.example;EMPLOYEE;Netwerk;;\n"
    )
    report = await house.take_in(file.encode())
    assert [(bad.line, bad.personnel_number) for bad in report.bad_rows] == [(2, "330"), (3, "331")]
    assert [person.personnel_number for person in report.people] == ["332"]


async def test_characters_that_are_none_make_a_row_bad(house: House) -> None:
    rows = hr_file([row("340"), row("341", title="Plan\x00ner")])
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.take_in(rows)
    assert why(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, "NOT_A_CSV")
    undefined = hr_file([row("342", title="Zoë"), row("343", title="@")], encoding="cp1252").replace(b",@,", b",\x81,")
    report = await house.take_in(undefined)
    assert [(bad.line, bad.field) for bad in report.bad_rows] == [(3, "title")]


@pytest.mark.parametrize("file", [b"", b"\n\n", b"\xef\xbb\xbf", b"PK\x03\x04 a zip", b'"open'])
async def test_what_is_no_hr_file_is_refused(house: House, file: bytes) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.take_in(file)
    assert why(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, "COLUMNS_MISSING")


async def test_a_column_that_stands_twice_is_refused(house: House) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.take_in(hr_file([row("350")], columns=[*COLUMNS, "email"]))
    assert why(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, "COLUMNS_DOUBLE")


async def test_a_file_may_come_in_small_pieces(house: House) -> None:
    report = await house.take_in(hr_file([row("360", given_name="Zoë")]), chunk_bytes=1)
    assert (await house.person(report.names()["360"])).given_name == "Zoë"


async def test_a_file_above_64_mib_is_refused(house: House) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.take_in(b"x" * (64 * 1024 * 1024 + 1), chunk_bytes=1024 * 1024)
    assert why(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, "FILE_TOO_LARGE")


async def test_options_come_first_and_once(house: House) -> None:
    chunk = identity_pb2.ImportPeopleRequest(chunk=b"x")
    options = identity_pb2.ImportPeopleRequest(options=identity_pb2.ImportOptions())

    async def sent(*requests: identity_pb2.ImportPeopleRequest) -> AsyncIterator[identity_pb2.ImportPeopleRequest]:
        for request in requests:
            yield request

    first, twice = "OPTIONS_FIRST", "OPTIONS_TWICE"
    for requests, expected in [([], first), ([chunk], first), ([options, options], twice)]:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            async for _ in house.stub("operator").ImportPeople(sent(*requests)):
                pass
        assert why(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, expected)
