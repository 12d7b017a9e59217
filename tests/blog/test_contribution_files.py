"""Contributions as files: what is read back is what was written, and no spreadsheet computes it."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.blog.domain.contribution_files import (
    BYTE_ORDER_MARK,
    COLUMNS,
    JSON_END,
    ExportRow,
    csv_pieces,
    json_pieces,
    safe_cell,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def row(text: str = "Hello", reason: str = "", replies: int = 0) -> ExportRow:
    return ExportRow("comments/1", "2026-11-26", "", "", text, "OPEN", reason, "", "", "", "", replies, 0)


def in_two(rows: Sequence[ExportRow]) -> tuple[str, str]:
    """As CSV and as JSON, written in two pieces."""
    first, second = rows[:1], rows[1:]
    as_csv = csv_pieces(first, first=True) + csv_pieces(second, first=False)
    return as_csv, json_pieces(first, first=True) + json_pieces(second, first=False) + JSON_END


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+31 20 123",
        "-2",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "\n@SUM(A1)",
        "\u00a0=1+1",
        "\ufeff=1+1",
        "＝1+1",
        "\t",
        '=HYPERLINK("https://example.org","click")',
    ],
)
def test_what_a_spreadsheet_would_compute_is_text(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Hello", "", "1 = 1", "a-b", 12, "'=1"])
def test_what_is_no_formula_stays_as_it_is(cell: object) -> None:
    assert safe_cell(cell) == cell


@given(texts=st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_what_is_read_back_is_what_was_written(texts: list[tuple[str, str]]) -> None:
    rows = [row(text, reason, replies=number) for number, (text, reason) in enumerate(texts)]
    as_csv, as_json = in_two(rows)
    assert json.loads(as_json) == [asdict(one) for one in rows]
    assert as_csv.startswith(BYTE_ORDER_MARK)
    header, *cells = csv.reader(StringIO(as_csv.removeprefix(BYTE_ORDER_MARK), newline=""))
    assert tuple(header) == COLUMNS
    assert cells == [[str(safe_cell(value)) for value in asdict(one).values()] for one in rows]


@given(text=TEXTS)
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = str(safe_cell(text))
    assert not cell.lstrip(" \t\r\n\u00a0\u3000").startswith(("=", "+", "-", "@"))
