"""People as the organisation knows them, and their rules."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum
from typing import Any, NamedTuple
from uuid import UUID

from chassis.problems import NotAllowed, WrongState


class Kind(IntEnum):
    """What binds a person to the organisation; the numbers are those of WorkerKind."""

    EMPLOYEE = 1
    EXTERNAL = 2
    FREELANCER = 3


class Status(IntEnum):
    """Where a person is in the life cycle; the numbers are those of PersonStatus."""

    INVITED = 1
    ACTIVE = 2
    SUSPENDED = 3
    DEPARTED = 4


MOVES = {
    Status.INVITED: {Status.ACTIVE, Status.SUSPENDED, Status.DEPARTED},
    Status.ACTIVE: {Status.SUSPENDED, Status.DEPARTED},
    Status.SUSPENDED: {Status.INVITED, Status.ACTIVE, Status.DEPARTED},
    Status.DEPARTED: {Status.INVITED, Status.ACTIVE},
}
ADMINISTRATOR = "administrator"
MOST_HANDLE_CHARACTERS = 64
# Letters that have no accent to take off.
_UNACCENTED = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe"})


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who works, or worked, for the organisation. `manager` and `sponsor` are personnel numbers."""

    id: UUID
    personnel_number: str
    handle: str
    given_name: str
    family_name: str
    email: str
    kind: Kind
    create_time: datetime
    update_time: datetime
    employer: str = ""
    sponsor: str = ""
    start_date: date | None = None
    end_date: date | None = None
    department: str = ""
    title: str = ""
    manager: str = ""
    location: str = ""
    phone: str = ""
    language: str = "nl"
    segments: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    status: Status = Status.INVITED
    activated: bool = False
    # Until when moderators keep the person out, beside the status.
    held_until: datetime | None = None
    epoch: int = 0
    version: int = 1

    @property
    def name(self) -> str:
        return f"people/{self.id}"

    @property
    def may_come_in(self) -> bool:
        return self._works_here and self.held_until is None

    @property
    def _works_here(self) -> bool:
        return self.status in (Status.INVITED, Status.ACTIVE)

    @property
    def administers(self) -> bool:
        return ADMINISTRATOR in self.roles and self.may_come_in

    def suspended(self, now: datetime) -> "Person":
        """Kept out: every token of the person stops working."""
        return self if self.status is Status.SUSPENDED else self._moved(Status.SUSPENDED, now)

    def reinstated(self, now: datetime) -> "Person":
        """Let in again: whoever signed in once is active, others are still invited."""
        if self._works_here:
            return self
        return self._moved(Status.ACTIVE if self.activated else Status.INVITED, now)

    def held(self, until: datetime | None, now: datetime) -> "Person":
        """Kept out until then, or no more: every token of the person stops working when it begins."""
        if until == self.held_until:
            return self
        begins = self.held_until is None
        return self._changed(now, held_until=until, epoch=self.epoch + begins)

    def departed(self, now: datetime) -> "Person":
        """No longer works here, and holds no roles."""
        return self if self.status is Status.DEPARTED else replace(self._moved(Status.DEPARTED, now), roles=())

    def signed_in_first(self, now: datetime) -> "Person":
        """Active from the first sign-in on."""
        return self._moved(Status.ACTIVE, now) if self.status is Status.INVITED else self

    def with_role(self, role: str, now: datetime) -> "Person":
        """With one role more."""
        if role in self.roles:
            return self
        return self._changed(now, roles=tuple(sorted({*self.roles, role})))

    def without_role(self, role: str, now: datetime) -> "Person":
        """With one role less; the tokens that carry it stop working."""
        if role not in self.roles:
            return self
        return self._changed(now, roles=tuple(held for held in self.roles if held != role), epoch=self.epoch + 1)

    def with_tokens_ended(self, now: datetime) -> "Person":
        """All access tokens stop working; what sessions there are must be refreshed."""
        return self._changed(now, epoch=self.epoch + 1)

    def as_told(self, fields: Mapping[str, Any], now: datetime) -> "Person":
        """As HR tells it. Whoever had left and is told of again works here again."""
        told = replace(self, **fields).reinstated(now) if self.status is Status.DEPARTED else replace(self, **fields)
        return self if told == self else replace(told, version=self.version + 1, update_time=now)

    def renewed(self, now: datetime) -> "Person":
        """The same, for others to read once more: somebody whom the person names came to be known."""
        return self._changed(now)

    def _moved(self, status: Status, now: datetime) -> "Person":
        if status not in MOVES[self.status]:
            sentence = "Who is {before} cannot become {after}."
            raise WrongState("WRONG_STATUS", sentence, before=self.status.name.lower(), after=status.name.lower())
        ends_tokens = status in (Status.SUSPENDED, Status.DEPARTED)
        activated = self.activated or status is Status.ACTIVE
        return self._changed(now, status=status, activated=activated, epoch=self.epoch + ends_tokens)

    def _changed(self, now: datetime, **fields: Any) -> "Person":
        return replace(self, version=self.version + 1, update_time=now, **fields)


class Shown(NamedTuple):
    """A person with those whom the viewer may know of the person's sponsor and manager."""

    person: Person
    sponsor: UUID | None
    manager: UUID | None


def check_keeps_out(person: Person, actor: UUID | None, others_administer: bool) -> None:
    """Nobody keeps themselves out, and somebody always administers."""
    if person.id == actor:
        raise NotAllowed("NOT_YOURSELF", "You cannot suspend yourself.")
    check_administered(person, others_administer)


def check_administered(person: Person, others_administer: bool) -> None:
    """The last administrator stays one."""
    if person.administers and not others_administer:
        raise WrongState("LAST_ADMINISTRATOR", "The last administrator has to stay: appoint another one first.")


def contract_problem(person: Person) -> tuple[str, str] | None:
    """The field and the reason, if a person's fields do not fit together."""
    if person.kind is Kind.EMPLOYEE:
        for field in ("employer", "sponsor"):
            if getattr(person, field):
                return field, f"An employee has no {field}."
    else:
        for field in ("employer", "sponsor", "end_date"):
            if not getattr(person, field):
                return field, f"Someone who is {person.kind.name} needs this."
    for field in ("sponsor", "manager"):
        if getattr(person, field) == person.personnel_number:
            return field, f"Nobody is their own {field}."
    if person.start_date and person.end_date and person.end_date < person.start_date:
        return "end_date", "It ends before it starts."
    return None


class Handles:
    """Makes handles that nobody has: `anna.de.vries`, or else `anna.de.vries2` and so on."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._last: dict[str, int] = {}

    def made(self, given_name: str, family_name: str) -> str:
        """A handle for somebody of this name; nobody else gets it."""
        base = _ascii(f"{given_name} {family_name}") or "person"
        handle, number = base, self._last.get(base, 1)
        while handle in self._taken:
            number += 1
            handle = f"{base}{number}"
        self._last[base] = number
        self._taken.add(handle)
        return handle


def _ascii(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().translate(_UNACCENTED))
    plain = "".join(letter for letter in letters if letter.isascii() and letter not in "'`´")
    words = re.sub(r"[^a-z0-9]+", ".", plain).strip(".")
    return words[: MOST_HANDLE_CHARACTERS - 8].rstrip(".")
