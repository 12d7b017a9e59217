"""Contributions as rows of a file that spreadsheets and programs can read."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from io import StringIO

# What a spreadsheet takes for the beginning of a formula, in both widths (OWASP, CSV Injection), and what it skips
# before one.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SKIPPED = " \t\r\n\v\f\u00a0\u200b\u2060\u2028\u2029\u3000\ufeff"
# So that spreadsheets take it for UTF-8.
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One contribution. Moments are ISO 8601 in UTC; what is not known, or not for the reader, is empty."""

    contribution: str
    written: str
    author: str
    author_name: str
    text: str
    state: str
    reason: str
    owner: str
    owner_name: str
    decided: str
    first_answered: str
    replies: int
    reactions: int


COLUMNS = tuple(field.name for field in fields(ExportRow))


def csv_pieces(rows: Iterable[ExportRow], *, first: bool) -> str:
    """Rows in CSV (RFC 4180), with the row of names before the first ones."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    if first:
        written.write(BYTE_ORDER_MARK)
        writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe_cell(value) for value in asdict(row).values()])
    return written.getvalue()


def json_pieces(rows: Iterable[ExportRow], *, first: bool) -> str:
    """Rows as items of a JSON array, which `JSON_END` ends."""
    return ("[" if first else "") + "".join(_items((asdict(row) for row in rows), first=first))


JSON_END = "\n]\n"


def _items(rows: Iterable[Mapping[str, object]], *, first: bool) -> Iterator[str]:
    for row in rows:
        yield ("\n" if first else ",\n") + json.dumps(row, ensure_ascii=False)
        first = False


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: before what could be one stands an apostrophe."""
    if not isinstance(value, str):
        return value
    if value.startswith(("\t", "\r", "\n")) or value.lstrip(_SKIPPED).startswith(_FORMULA):
        return f"'{value}"
    return value
