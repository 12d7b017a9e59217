"""HR's file: a CSV with one person a line, read row by row. docs/hr-import.md describes it for HR."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from chassis.problems import BadInput
from services.identity.domain.people import MOST_HANDLE_CHARACTERS, Kind, Person

MOST_BYTES = 64 * 1024 * 1024
# An open quote is taken for a mistake after so many lines, and does not swallow the rest of the file.
MOST_LINES_OF_A_ROW = 20
_EMAIL = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+\.[^@\s,;<>\"()]+")
_HANDLE = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_SEGMENT = re.compile(r"[a-z][a-z0-9-]{0,39}")
_UTF8_MARK = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """A line of the file whose cells can be read: the fields of `Person` that the file has columns for."""

    line: int
    personnel_number: str
    fields: dict[str, Any]


class BadRow(NamedTuple):
    """A line that does not go in, and why. `field` is the column that is wrong, if it is one."""

    line: int
    personnel_number: str
    field: str
    reason: str


class HrFile:
    """The file, whole: UTF-8 or Windows-1252, with commas or semicolons. BadInput when it cannot be such a file."""

    def __init__(self, content: bytes) -> None:
        if b"\0" in content:
            raise BadInput("NOT_A_CSV", "The file is not a CSV in UTF-8 or Windows-1252.", field="chunk")
        self._content = content
        self._encoding = "utf-8-sig" if _is_utf8(content) else "cp1252"
        first = self._lines().readline()
        self._delimiter = ";" if first.count(";") > first.count(",") else ","
        _, header = next(_records(self._lines(), self._delimiter), (1, None))
        self._columns = [_column(cell) for cell in header or []]
        self.unknown_columns = [name for name in self._columns if name not in COLUMNS]
        self._check_columns()

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row, with the line on which it begins. Empty rows are passed over."""
        width = len(self._columns)
        records = _records(self._lines(), self._delimiter, width)
        next(records, None)
        for line, cells in records:
            if cells is None:
                yield BadRow(line, "", "", "The quotes in this row do not match.")
            elif (len(cells) < width and any(cells)) or any(cells[width:]):
                reason = f"The row has {len(cells)} cells and the header {width}."
                yield BadRow(line, self._number(cells), "", reason)
            elif any(cell.strip() for cell in cells):
                yield self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Row | BadRow:
        number = self._number(cells)
        fields = {}
        for name, cell in zip(self._columns, cells, strict=False):
            if name not in COLUMNS:
                continue
            try:
                fields[name] = COLUMNS[name](_text(cell))
            except ValueError as error:
                return BadRow(line, number, name, str(error))
        return Row(line, number, fields)

    def _number(self, cells: list[str]) -> str:
        position = self._columns.index("personnel_number")
        return " ".join(cells[position].split())[:40] if position < len(cells) else ""

    def _check_columns(self) -> None:
        missing = [name for name in REQUIRED if name not in self._columns]
        if missing:
            names = ", ".join(missing)
            raise BadInput("COLUMNS_MISSING", "The file has no column {columns}.", field="chunk", columns=names)
        double = sorted({name for name in self._columns if name in COLUMNS and self._columns.count(name) > 1})
        if double:
            sentence = "The file has more than one column {columns}."
            raise BadInput("COLUMNS_DOUBLE", sentence, field="chunk", columns=", ".join(double))

    def _lines(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(self._content), self._encoding, errors="replace", newline="")


def told(person: Person) -> dict[str, str]:
    """A person's fields as they would stand in the file, by column."""
    return {name: _shown(getattr(person, name)) for name in COLUMNS}


def _records(lines: Iterator[str], delimiter: str, width: int = 0) -> Iterator[tuple[int, list[str] | None]]:
    """The line on which each record begins, and its cells, or None when its quotes do not match.

    So it is with a record of several lines that has not `width` cells. Reading then goes on with the next line: one
    wrong quote costs one row.
    """
    ahead: list[str] = []
    line = 0
    while True:
        taken: list[str] = []
        try:
            cells = next(csv.reader(_taking(lines, ahead, taken), delimiter=delimiter, strict=True), None)
        except csv.Error:
            cells = None
        if not taken:
            return
        if cells is None or (width and len(taken) > 1 and len(cells) != width):
            cells = None
            ahead[:0] = taken[1:]
            del taken[1:]
        yield line + 1, cells
        line += len(taken)


def _taking(lines: Iterator[str], ahead: list[str], taken: list[str]) -> Iterator[str]:
    """Lines one by one, noted in `taken`; first those `ahead` that were put back."""
    while len(taken) < MOST_LINES_OF_A_ROW:
        line = ahead.pop(0) if ahead else next(lines, None)
        if line is None:
            return
        taken.append(line)
        yield line


def _is_utf8(content: bytes) -> bool:
    try:
        for text in io.TextIOWrapper(io.BytesIO(content), "utf-8", newline=""):
            del text
    except UnicodeDecodeError:
        return content.startswith(_UTF8_MARK)
    return True


def _column(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.strip().lower())


def _text(cell: str) -> str:
    text = unicodedata.normalize("NFC", " ".join(cell.split()))
    if "\ufffd" in text:
        raise ValueError("It holds a character that cannot be read.")
    if not text.isprintable() and any(unicodedata.category(letter) == "Cc" for letter in text):
        raise ValueError("It holds a control character.")
    return text


def _up_to(most: int, *, needed: bool = False) -> Callable[[str], str]:
    def read(text: str) -> str:
        if needed and not text:
            raise ValueError("It is empty.")
        if len(text) > most:
            raise ValueError(f"It has more than {most} characters.")
        return text

    return read


def _email(text: str) -> str:
    if not text:
        raise ValueError("It is empty.")
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise ValueError("It is not an e-mail address.")
    return text.lower()


def _handle(text: str) -> str:
    folded = text.removeprefix("@").lower()
    if folded and (len(folded) > MOST_HANDLE_CHARACTERS or not _HANDLE.fullmatch(folded)):
        raise ValueError("A handle has up to 64 lower-case letters, digits, dots and hyphens.")
    return folded


def _kind(text: str) -> Kind:
    try:
        return Kind[text.upper()]
    except KeyError:
        raise ValueError("It is none of EMPLOYEE, EXTERNAL and FREELANCER.") from None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("It is not a date such as 2027-03-31.") from None


def _language(text: str) -> str:
    if text.lower() not in ("", "nl", "en"):
        raise ValueError("It is neither nl nor en.")
    return text.lower() or "nl"


def _segments(text: str) -> tuple[str, ...]:
    segments = sorted({segment for segment in re.split(r"[\s,;|]+", text) if segment})
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            raise ValueError(f"“{segment}” is not a segment: lower-case letters, digits and hyphens.")
    return tuple(segments)


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case Kind():
            return value.name
        case date():
            return value.isoformat()
        case tuple():
            return " ".join(value)
    return str(value)


COLUMNS: dict[str, Callable[[str], object]] = {
    "personnel_number": _up_to(40, needed=True),
    "given_name": _up_to(100, needed=True),
    "family_name": _up_to(100, needed=True),
    "email": _email,
    "kind": _kind,
    "handle": _handle,
    "employer": _up_to(200),
    "sponsor": _up_to(40),
    "start_date": _date,
    "end_date": _date,
    "department": _up_to(200),
    "title": _up_to(200),
    "manager": _up_to(40),
    "location": _up_to(200),
    "phone": _up_to(50),
    "language": _language,
    "segments": _segments,
}
REQUIRED = ("personnel_number", "given_name", "family_name", "email", "kind")
