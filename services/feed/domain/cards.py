"""Cards: what the organisation's systems tell, typed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import IntEnum
from typing import Any
from uuid import UUID

from chassis.problems import BadInput, WrongState


class Sort(IntEnum):
    """Of what sort a card is; the numbers are those of CardSort."""

    OUTAGE = 1
    VACANCY = 2


class Severity(IntEnum):
    """How bad an outage is; the numbers are those of OutageSeverity."""

    MINOR = 1
    MAJOR = 2
    CRITICAL = 3


class OutageState(IntEnum):
    """How far it is with an outage; the numbers are those of the .proto."""

    OPEN = 1
    INVESTIGATING = 2
    MONITORING = 3
    SOLVED = 4


class VacancyState(IntEnum):
    """Whether one can apply; the numbers are those of the .proto."""

    OPEN = 1
    CLOSED = 2


# Forward, with steps left out where there is nothing to tell; what comes back is investigated again.
MOVES = {
    OutageState.OPEN: {OutageState.INVESTIGATING, OutageState.MONITORING, OutageState.SOLVED},
    OutageState.INVESTIGATING: {OutageState.MONITORING, OutageState.SOLVED},
    OutageState.MONITORING: {OutageState.INVESTIGATING, OutageState.SOLVED},
    OutageState.SOLVED: {OutageState.INVESTIGATING},
}
MOST_UPDATES = 200

# In Dutch and in English, since a post has one text for all its readers.
_SEVERITIES = {
    Severity.MINOR: ("klein", "minor"),
    Severity.MAJOR: ("groot", "major"),
    Severity.CRITICAL: ("kritiek", "critical"),
}
_STATES = {
    OutageState.OPEN: ("gemeld", "reported"),
    OutageState.INVESTIGATING: ("wordt onderzocht", "being investigated"),
    OutageState.MONITORING: ("wordt in de gaten gehouden", "being monitored"),
    OutageState.SOLVED: ("opgelost", "solved"),
}


@dataclass(frozen=True, slots=True)
class OutageUpdate:
    """What was told at one time, and the state from then on."""

    time: datetime
    state: OutageState
    text: str


@dataclass(frozen=True, slots=True)
class Outage:
    """Something that does not work."""

    title: str
    severity: Severity
    start_time: datetime
    affected_services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    state: OutageState = OutageState.OPEN
    solve_time: datetime | None = None
    updates: tuple[OutageUpdate, ...] = ()

    @property
    def words(self) -> str:
        """What it says to those who see no card."""
        (erg, severity), (stand, state) = _SEVERITIES[self.severity], _STATES[self.state]
        return f"{self.title}\nStoring ({erg}): {stand} · Outage ({severity}): {state}"

    def told(self, state: OutageState | None, text: str, now: datetime) -> "Outage":
        """With one update more, and in another state if one is given."""
        after = state or self.state
        if after is not self.state and after not in MOVES[self.state]:
            sentence = "An outage that is {before} cannot become {after}."
            raise WrongState("WRONG_OUTAGE_STATE", sentence, before=self.state.name, after=after.name)
        if after is self.state and not text:
            raise BadInput("NOTHING_TOLD", "Tell something, or move it to another state.", field="text")
        if len(self.updates) >= MOST_UPDATES:
            raise WrongState("TOO_MANY_UPDATES", "An outage has at most {most} updates.", most=MOST_UPDATES)
        solved = (self.solve_time or now) if after is OutageState.SOLVED else None
        return replace(self, state=after, solve_time=solved, updates=(*self.updates, OutageUpdate(now, after, text)))


@dataclass(frozen=True, slots=True)
class Vacancy:
    """Somebody who is wanted. `closing_date` is the last day on which one can apply."""

    title: str
    closing_date: date
    department: str = ""
    place: str = ""
    referral_url: str = ""
    state: VacancyState = VacancyState.OPEN

    @property
    def words(self) -> str:
        """What it says to those who see no card."""
        where = "".join(f", {part}" for part in (self.department, self.place) if part)
        if self.state is VacancyState.CLOSED:
            return f"{self.title}\nVacature{where}: gesloten · Vacancy: closed"
        day = self.closing_date.isoformat()
        return f"{self.title}\nVacature{where}: open tot en met {day} · Vacancy: open until {day}"

    def closes_at(self, zone: tzinfo) -> datetime:
        """The midnight that ends the closing date."""
        return datetime.combine(self.closing_date + timedelta(days=1), time(), zone)

    def closed(self) -> "Vacancy":
        """Nobody can apply any more."""
        return self if self.state is VacancyState.CLOSED else replace(self, state=VacancyState.CLOSED)


@dataclass(frozen=True, slots=True)
class Card:
    """What a service account tells, and what it was called when it did. `external_id` is the system's own."""

    account: UUID
    via: str
    content: Outage | Vacancy
    update_time: datetime
    external_id: str = ""

    @property
    def sort(self) -> Sort:
        return Sort.OUTAGE if isinstance(self.content, Outage) else Sort.VACANCY

    @property
    def outage(self) -> Outage:
        """The outage that it is about; another card is not for this."""
        if not isinstance(self.content, Outage):
            raise WrongState("NO_OUTAGE", "This card is about no outage.")
        return self.content

    @property
    def vacancy(self) -> Vacancy:
        """The vacancy that it is about; another card is not for this."""
        if not isinstance(self.content, Vacancy):
            raise WrongState("NO_VACANCY", "This card is about no vacancy.")
        return self.content

    def with_content(self, content: Outage | Vacancy, now: datetime) -> "Card":
        """The card when what it tells has changed; itself when nothing has."""
        return self if content == self.content else replace(self, content=content, update_time=now)


def outage(fields: Mapping[str, Any], before: Outage | None, now: datetime) -> Outage:
    """An outage with these fields, or one that was reported before and gets them."""
    after = replace(before, **fields) if before else Outage(**{"start_time": now} | dict(fields))
    if not after.title.strip():
        raise BadInput("NO_TITLE", "An outage needs a title.", field="outage.title")
    return replace(after, title=after.title.strip())


def vacancy(fields: Mapping[str, Any], zone: tzinfo, now: datetime) -> Vacancy:
    """A new vacancy, which is still open today."""
    made = Vacancy(**fields)
    if not made.title.strip():
        raise BadInput("NO_TITLE", "A vacancy needs a title.", field="vacancy.title")
    if made.closes_at(zone) <= now:
        raise BadInput("CLOSING_DATE_PASSED", "Its closing date is over.", field="vacancy.closing_date")
    return replace(made, title=made.title.strip())


def check_announcement(content: Outage | Vacancy, *, for_group: bool) -> None:
    """What stands in everyone's home is for everyone."""
    if not isinstance(content, Outage) or for_group:
        sentence = "Only an outage that is for no group can be announced."
        raise BadInput("NOT_ANNOUNCED", sentence, field="announcement")
