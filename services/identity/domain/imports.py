"""What an import will do, worked out over the whole file before anything is written.

Only what compares rows with each other is kept of a row, so that a large file needs little memory; the rows themselves
are read again when they are written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.identity.domain.hr_file import BadRow, HrFile, Row, told
from services.identity.domain.people import Handles, Person, Status, contract_problem

NOBODY = UUID(int=0)


class Change(NamedTuple):
    """A field's value before and after, as they would stand in the file."""

    field: str
    before: str
    after: str


class _Claim(NamedTuple):
    """A row that is right by itself. `names` are the given and family name of who needs a handle."""

    line: int
    manager: str
    sponsor: str
    names: tuple[str, str] | None


@dataclass
class Plan:
    """`bad` and the `handles` that were made by line, `newcomers` by personnel number; `notes` concern no row."""

    file: HrFile
    bad: dict[int, BadRow] = field(default_factory=dict)
    notes: list[BadRow] = field(default_factory=list)
    handles: dict[int, str] = field(default_factory=dict)
    leavers: list[Person] = field(default_factory=list)
    newcomers: set[str] = field(default_factory=set)

    def rows(self) -> Iterator[Row]:
        """The rows that go in. A row waits for that of a new manager: nobody hears of people before their manager."""
        missing = set(self.newcomers)
        waiting: dict[str, list[Row]] = {}
        for row in self.file.rows():
            if not isinstance(row, Row) or row.line in self.bad:
                continue
            manager = row.fields.get("manager", "")
            if manager in missing:
                waiting.setdefault(manager, []).append(row)
                continue
            ready = [row]
            while ready:
                next_row = ready.pop()
                missing.discard(next_row.personnel_number)
                ready += waiting.pop(next_row.personnel_number, ())
                yield next_row


def planned(content: bytes, people: Mapping[str, Person], now: datetime, *, depart_missing: bool) -> Plan:
    """Reads the file against everybody who is known, by personnel number. BadInput when the file is of no use."""
    file = HrFile(content)
    planner = _Planner(Plan(file), people, now)
    for row in file.rows():
        planner.consider(row)
    planner.check_references()
    planner.welcome()
    if file.unknown_columns:
        names = ", ".join(file.unknown_columns)
        planner.plan.notes.append(BadRow(1, "", names, "This column is not known, and was passed over."))
    if depart_missing:
        planner.find_leavers()
    return planner.plan


def person_told(person_id: UUID, row: Row, handle: str, now: datetime) -> Person:
    """Somebody new, as a row tells. `handle` is for who has none in the row."""
    fields = row.fields | {"handle": row.fields.get("handle") or handle}
    return Person(id=person_id, create_time=now, update_time=now, **fields)


def person_told_again(person: Person, row: Row, now: datetime) -> Person:
    """Somebody known, as a row tells; the handle stays when the row has none."""
    fields = dict(row.fields)
    if not fields.get("handle"):
        fields.pop("handle", None)
    return person.as_told(fields, now)


def changes(before: Person, after: Person) -> list[Change]:
    """What differs, column by column."""
    if after is before:
        return []
    old, new = told(before), told(after)
    found = [Change(name, old[name], new[name]) for name in old if old[name] != new[name]]
    if before.status is not after.status:
        found.append(Change("status", before.status.name, after.status.name))
    return found


class _Planner:
    def __init__(self, plan: Plan, people: Mapping[str, Person], now: datetime) -> None:
        self.plan = plan
        self._now = now
        self._people = people
        self._claims: dict[str, _Claim] = {}
        self._lines: dict[str, int] = {}
        self._emails = {person.email: person for person in people.values() if person.status is not Status.DEPARTED}
        self._handles = {person.handle: person for person in people.values()}
        self._claimed: dict[str, int] = {}

    def consider(self, row: Row | BadRow) -> None:
        """Checks a row by itself and against those before it."""
        number = row.personnel_number
        earlier = self._lines.setdefault(number, row.line) if number else row.line
        if earlier != row.line:
            self._refuse(row.line, number, "personnel_number", f"It is on line {earlier} already.")
        elif isinstance(row, BadRow):
            self.plan.bad[row.line] = row
        else:
            self._claim(row)

    def _claim(self, row: Row) -> None:
        number, now = row.personnel_number, self._now
        known = self._people.get(number)
        person = person_told_again(known, row, now) if known else person_told(NOBODY, row, "", now)
        problem = contract_problem(person) or self._taken("email", person.email, row, self._emails)
        if person.handle:
            problem = problem or self._taken("handle", person.handle, row, self._handles)
        if problem:
            self._refuse(row.line, number, *problem)
            return
        self._claimed |= {person.email: row.line, person.handle: row.line}
        names = None if person.handle else (person.given_name, person.family_name)
        self._claims[number] = _Claim(row.line, person.manager, person.sponsor, names)

    def _taken(self, name: str, value: str, row: Row, holders: Mapping[str, Person]) -> tuple[str, str] | None:
        """An address or handle has one owner; e-mail addresses have an "@", handles never."""
        holder = holders.get(value)
        if holder and holder.personnel_number != row.personnel_number:
            return name, f"“{value}” belongs to personnel number {holder.personnel_number}."
        if value in self._claimed:
            return name, f"“{value}” is on line {self._claimed[value]} already."
        return None

    def check_references(self) -> None:
        """Refuses rows whose sponsor or manager cannot be, until those that are left agree with each other."""
        for number, claim in list(self._claims.items()):
            if claim.manager and claim.manager not in self._people and claim.manager not in self._lines:
                self._unclaim(number, "manager", f"There is nobody with personnel number {claim.manager}.")
        while self._refuse_orphans() or self._refuse_circles():
            pass

    def _refuse_orphans(self) -> bool:
        orphans = [number for number, claim in self._claims.items() if claim.sponsor and not self._here(claim.sponsor)]
        for number in orphans:
            reason = f"There is nobody with personnel number {self._claims[number].sponsor} to answer for this person."
            self._unclaim(number, "sponsor", reason)
        return bool(orphans)

    def _here(self, number: str) -> bool:
        known = self._people.get(number)
        return number in self._claims or (known is not None and known.status is not Status.DEPARTED)

    def _refuse_circles(self) -> bool:
        """Of the rows that make a circle of managers, the last in the file closed it."""
        managers = {number: person.manager for number, person in self._people.items()}
        managers |= {number: claim.manager for number, claim in self._claims.items()}
        found = False
        for circle in _circles(managers):
            rows = [number for number in circle if number in self._claims]
            if rows:
                closing = max(rows, key=lambda number: self._claims[number].line)
                self._unclaim(closing, "manager", f"It makes a circle of managers: {', '.join(circle)}.")
                found = True
        return found

    def welcome(self) -> None:
        """Finds who is new, and makes handles for those of them who have none."""
        self.plan.newcomers = self._claims.keys() - self._people.keys()
        handles = Handles([*self._handles, *self._claimed])
        for claim in self._claims.values():
            if claim.names:
                self.plan.handles[claim.line] = handles.made(*claim.names)

    def find_leavers(self) -> None:
        """Everyone who is not in the file leaves, if the file can be trusted with it."""
        nameless = next((row.line for row in self.plan.bad.values() if not row.personnel_number), None)
        if nameless or not self._claims:
            why = f"line {nameless} does not tell whose it is" if nameless else "the file has nobody in it"
            self.plan.notes.append(BadRow(0, "", "", f"Nobody departs, since {why}."))
            return
        leavers = {
            number: person
            for number, person in self._people.items()
            if number not in self._lines and person.status is not Status.DEPARTED
        }
        administrators = [person for person in self._people.values() if person.administers]
        if administrators and all(person.personnel_number in leavers for person in administrators):
            last = leavers.pop(administrators[0].personnel_number)
            reason = "The last administrator does not depart: appoint another one first."
            self.plan.notes.append(BadRow(0, last.personnel_number, "", reason))
        self.plan.leavers = list(leavers.values())

    def _unclaim(self, number: str, name: str, reason: str) -> None:
        self._refuse(self._claims.pop(number).line, number, name, reason)

    def _refuse(self, line: int, number: str, name: str, reason: str) -> None:
        self.plan.bad[line] = BadRow(line, number, name, reason)


def _circles(managers: Mapping[str, str]) -> Iterator[list[str]]:
    """The circles among people who have one manager each, every circle once."""
    seen: dict[str, str] = {}
    for start in managers:
        path: list[str] = []
        number = start
        while number in managers and number not in seen:
            seen[number] = start
            path.append(number)
            number = managers[number]
        if seen.get(number) == start:
            yield path[path.index(number) :]
