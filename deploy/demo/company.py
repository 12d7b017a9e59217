"""Telwiek, an invented telecom: who works there, the same on every machine."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

import yaml

NAME = "Telwiek"
DOMAIN = "telwiek.example"
SEED = "telwiek-1"
# The network operator's staff and its retail staff are kept apart by law.
BARRIER = ("network", "retail")
LEAST_PEOPLE = 220
LEAST_UNIT = 3
SPAN = 12
SITE_SPLIT = 80
NEWCOMER_DAYS = 60
# Letters that have no accent to take off.
UNACCENTED = str.maketrans({"ı": "i", "ł": "l", "Ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "’": "", "'": "", " ": ""})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as HR knows them, with what a face is drawn from: `woman`, `scarf`, `tone` (0, the lightest, to 5)."""

    personnel_number: str
    given_name: str
    family_name: str
    email: str
    handle: str
    kind: str
    employer: str
    sponsor: str
    end_date: date | None
    division: str
    department: str
    title: str
    manager: str
    location: str
    phone: str
    segments: tuple[str, ...]
    language: str
    start_date: date
    roles: tuple[str, ...]
    woman: bool
    scarf: bool
    tone: int


@dataclass(frozen=True)
class Company:
    """Everybody on a day, the CEO first and each person after their manager."""

    people: tuple[Person, ...]
    today: date

    @cached_property
    def by_number(self) -> dict[str, Person]:
        return {person.personnel_number: person for person in self.people}

    @cached_property
    def leads(self) -> frozenset[str]:
        """The personnel numbers of those to whom somebody reports."""
        return frozenset(person.manager for person in self.people if person.manager)

    @cached_property
    def accounts(self) -> tuple[Person, ...]:
        """The people with whom a demonstration signs in, `ada` first."""
        handles = [account["handle"] for account in read("accounts")]
        named = {person.handle: person for person in self.people if person.handle in handles}
        return tuple(sorted(named.values(), key=lambda person: person.handle))

    def is_new(self, person: Person) -> bool:
        return person.start_date > self.today - timedelta(days=NEWCOMER_DAYS)


@dataclass(slots=True)
class _Seat:
    """A place in the tree, before somebody sits on it. `manager` is the index of another seat, -1 for the CEO's."""

    manager: int
    division: dict[str, Any]
    unit: str
    department: str
    titles: list[str]
    sites: list[str]
    leads: bool = False
    account: dict[str, Any] = field(default_factory=dict)


@cache
def read(name: str) -> Any:
    """Reads one of the files in texts/."""
    return yaml.safe_load((Path(__file__).parent / "texts" / f"{name}.yaml").read_text("utf-8"))


def apart(one: Person, other: Person) -> bool:
    """Tells whether the barrier stands between two people."""
    return sorted(one.segments + other.segments) == sorted(BARRIER)


def company(people: int = 300, *, today: date) -> Company:
    """Makes up the company as it is on a day. Fewer than LEAST_PEOPLE do not fill its departments."""
    if people < LEAST_PEOPLE:
        raise ValueError(f"{people} people are too few: the company has at least {LEAST_PEOPLE}.")
    seats = _seats(people)
    _place_accounts(seats)
    taken = {account["handle"] for account in read("accounts")}
    staff: list[Person] = []
    for index, seat in enumerate(seats):
        staff.append(_person(index, seat, today, taken))
    return Company(tuple(staff), today)


def _seats(people: int) -> list[_Seat]:
    board = {"key": "board", "name": "Directie", "outside": 0}
    seats = [_Seat(-1, board, "ceo", "Directie", ["Algemeen directeur"], ["Den Haag"], leads=True)]
    divisions = read("departments")
    for division, size in zip(divisions, _division_sizes(divisions, people), strict=True):
        head = len(seats)
        sites = division["units"][0]["sites"]
        seats.append(_Seat(0, division, division["key"], division["name"], [division["head"]], sites, leads=True))
        units = division["units"]
        weights = [unit["share"] for unit in units]
        for unit, unit_size in zip(units, _split(size - 1 - LEAST_UNIT * len(units), weights), strict=True):
            _fill_unit(seats, head, division, unit, unit_size + LEAST_UNIT)
    return seats


def _division_sizes(divisions: list[dict[str, Any]], people: int) -> list[int]:
    """How many people each division has: at least a head and its units at their smallest."""
    least = [1 + LEAST_UNIT * len(division["units"]) for division in divisions]
    sizes = [max(low, round(division["share"] * people / 100)) for low, division in zip(least, divisions, strict=True)]
    largest = sizes.index(max(sizes))
    sizes[largest] += people - 1 - sum(sizes)
    return sizes


def _split(total: int, weights: list[float]) -> list[int]:
    """Splits a whole number by weights, without a rest."""
    shares = [int(total * weight / sum(weights)) for weight in weights]
    for index in range(total - sum(shares)):
        shares[index % len(shares)] += 1
    return shares


def _fill_unit(seats: list[_Seat], boss: int, division: dict[str, Any], unit: dict[str, Any], size: int) -> None:
    """Seats a unit: its head and teams; a large one in several cities has a department in each."""
    name, sites = unit["name"], unit["sites"]
    head = len(seats)
    seats.append(_Seat(boss, division, name, name, [unit["head"]], sites[:1], leads=True))
    if size <= SITE_SPLIT or len(sites) == 1:
        _fill_team(seats, head, size - 1, _Seat(head, division, name, name, unit["titles"], sites))
        return
    for site, count in zip(sites, _split(size - 1, [1.0] * len(sites)), strict=True):
        department, lead = f"{name} {site}", len(seats)
        seats.append(_Seat(head, division, name, department, [f"{unit['head']} {site}"], [site], leads=True))
        _fill_team(seats, lead, count - 1, _Seat(lead, division, name, department, unit["titles"], [site]))


def _fill_team(seats: list[_Seat], boss: int, count: int, like: _Seat) -> None:
    """Seats so many people below a boss, through team leads as soon as they are more than one can lead."""
    leads = 0 if count <= SPAN else min(SPAN, ceil(count / SPAN))
    if not leads:
        seats.extend(
            _Seat(boss, like.division, like.unit, like.department, like.titles, like.sites) for _ in range(count)
        )
        return
    for team in _split(count - leads, [1.0] * leads):
        lead = len(seats)
        title = ["Teamleider", "Teamleider", "Teamcoach"]
        seats.append(_Seat(boss, like.division, like.unit, like.department, title, like.sites, leads=True))
        _fill_team(seats, lead, team, like)


def _place_accounts(seats: list[_Seat]) -> None:
    for account in read("accounts"):
        place = account["place"]
        heads = {"ceo"} | {division["key"] for division in read("departments")}
        free = (seat for seat in seats if seat.unit == place and not seat.account)
        next(seat for seat in free if place in heads or not seat.leads).account = account


def _person(index: int, seat: _Seat, today: date, taken: set[str]) -> Person:
    rng = Random(f"{SEED}/{index}")
    named = seat.account or _name(rng)
    kind = seat.account.get("kind") or _kind(rng, seat)
    location = seat.account.get("location") or rng.choice(seat.sites)
    start_date = _start_date(rng, kind, today, seat.leads)
    manager = _number(seat.manager) if seat.manager >= 0 else ""
    handle = seat.account.get("handle") or _handle(named["given_name"], named["family_name"], taken)
    inside = kind == "EMPLOYEE"
    return Person(
        personnel_number=_number(index), given_name=named["given_name"], family_name=named["family_name"],
        email=f"{handle}@{DOMAIN}", handle=handle, kind=kind,
        employer="" if inside else named.get("employer") or _employer(rng, kind, named),
        sponsor="" if inside else manager,
        end_date=None if inside else today + timedelta(days=rng.randrange(10, 500)),
        division=seat.division["key"], department=seat.department,
        title=seat.account.get("title") or rng.choice(seat.titles), manager=manager, location=location,
        phone=f"+31 {read('places')['area_codes'][location]} {_subscriber(index)}",
        segments=tuple(filter(None, [seat.division.get("segment")])), language=named["language"],
        start_date=start_date, roles=tuple(named.get("roles", ())), woman=named["women"],
        scarf=named.get("scarf", False), tone=named["tone"],
    )  # fmt: skip


def _number(index: int) -> str:
    return str(100000 + index)


def _subscriber(index: int) -> str:
    """A telephone number of its own for each index, beginning with the 0 with which none is ever given out."""
    digits = f"0{(index * 7919 + 204060) % 1_000_000:06d}"
    return f"{digits[:3]} {digits[3:5]} {digits[5:]}"


def _name(rng: Random) -> dict[str, Any]:
    root = rng.choices(read("names"), weights=[root["share"] for root in read("names")])[0]
    woman = rng.random() < 0.44
    return {
        "given_name": rng.choice(root["women" if woman else "men"]),
        "family_name": rng.choice(root["families"]),
        "women": woman,
        "scarf": woman and rng.random() < root.get("scarves", 0),
        "tone": rng.choice(root["tones"]),
        "language": "en" if rng.random() < root["english"] else "nl",
    }


def _kind(rng: Random, seat: _Seat) -> str:
    if seat.leads or rng.random() >= seat.division["outside"]:
        return "EMPLOYEE"
    return "EXTERNAL" if rng.random() < 0.65 else "FREELANCER"


def _employer(rng: Random, kind: str, named: dict[str, Any]) -> str:
    if kind == "EXTERNAL":
        return str(rng.choice(read("places")["employers"]))
    return f"{named['given_name']} {named['family_name']} {rng.choice(['Advies', 'Services', 'Projecten', 'ICT'])}"


def _start_date(rng: Random, kind: str, today: date, leads: bool) -> date:
    if not leads and rng.random() < 0.05:
        return today - timedelta(days=rng.randrange(1, 29))
    longest = 12500 if kind == "EMPLOYEE" else 900
    return today - timedelta(days=rng.randrange(60, min(rng.randrange(200, longest), rng.randrange(200, longest))))


def _handle(given_name: str, family_name: str, taken: set[str]) -> str:
    folded = f"{_ascii(given_name)}.{_ascii(family_name)}"
    handle = next(name for name in _numbered(folded) if name not in taken)
    taken.add(handle)
    return handle


def _ascii(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.translate(UNACCENTED))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).lower()


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}{number}"
        number += 1
