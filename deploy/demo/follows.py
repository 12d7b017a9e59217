"""Who follows whom: a small world of departments, bosses, well-known people and friends of friends."""

from collections import defaultdict
from random import Random

from deploy.demo.company import SEED, Company, Person, apart

# Three in ten look around more than they take part.
QUIET_SHARE = 0.3
CELEBRITY_SHARE = 0.02
NAMED_CHANCE = 0.6


def is_quiet(person: Person) -> bool:
    """Tells whether somebody reads rather than writes. Accounts of the demonstration never do."""
    named = "." not in person.handle
    return not named and Random(f"{SEED}/quiet/{person.personnel_number}").random() < QUIET_SHARE


def celebrities(company: Company) -> list[tuple[Person, float]]:
    """The people whom many follow, each with the chance that somebody does."""
    known = [(person, NAMED_CHANCE) for person in company.accounts]
    heads = [person for person in company.people[1:] if person.manager == company.people[0].personnel_number]
    known += [(person, 0.3) for person in heads if person not in company.accounts]
    rng = Random(f"{SEED}/celebrities")
    others = [person for person in company.people if "." in person.handle and person not in heads]
    popular = rng.sample(others, min(60, round(CELEBRITY_SHARE * len(others)) + 4))
    return known + [(person, 0.1 + 0.3 * rng.random()) for person in popular]


def follows(company: Company) -> dict[str, list[str]]:
    """Whom everybody follows: personnel number to personnel numbers, nobody across the barrier."""
    colleagues: dict[str, list[Person]] = defaultdict(list)
    for person in company.people:
        colleagues[person.department].append(person)
    famous = celebrities(company)
    chosen: dict[str, list[str]] = {}
    for person in company.people:
        rng = Random(f"{SEED}/follows/{person.personnel_number}")
        wanted = _first_choice(company, person, colleagues[person.department], famous, rng)
        _widen(company, person, wanted, chosen, rng)
        chosen[person.personnel_number] = list(wanted)
    return chosen


def _first_choice(
    company: Company, person: Person, colleagues: list[Person], famous: list[tuple[Person, float]], rng: Random
) -> dict[str, None]:
    """The own manager, part of the department and some celebrities, as an ordered set."""
    wanted: dict[str, None] = {}
    if person.manager:
        wanted[person.manager] = None
    nearby = rng.sample(colleagues, min(len(colleagues), rng.randint(3, 5) if is_quiet(person) else 16))
    chance = 0.4 if is_quiet(person) else 1.0
    nearby += [celebrity for celebrity, share in famous if rng.random() < share * chance]
    for other in nearby:
        if other is not person and not apart(person, other):
            wanted[other.personnel_number] = None
    return wanted


def _widen(
    company: Company, person: Person, wanted: dict[str, None], chosen: dict[str, list[str]], rng: Random
) -> None:
    """Adds friends of friends and strangers until the person follows as many as they like."""
    goal = rng.randint(5, 15) if is_quiet(person) else rng.randint(25, 60)
    friends = list(wanted)
    for _ in range(4 * goal):
        if len(wanted) >= goal:
            return
        theirs = chosen.get(rng.choice(friends), []) if friends else []
        number = rng.choice(theirs) if theirs and rng.random() < 0.6 else rng.choice(company.people).personnel_number
        other = company.by_number[number]
        if other is not person and not apart(person, other):
            wanted[number] = None
