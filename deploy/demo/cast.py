"""Who may play which part in the four weeks: who writes what, who sees it, and whom one would mention."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from random import Random

from deploy.demo.company import Company, Person, apart
from deploy.demo.follows import is_quiet
from deploy.demo.texts import Template, templates

# A demonstration's own accounts write more than others, so that there is something to see on their pages.
NAMED_WEIGHT = 4
MENTION_ATTEMPTS = 200
# What Dutch people in IT write in English too; the other topics are about being new to the country.
ENGLISH_BY_CHOICE = ("tech", "phone", "office", "friday")


@dataclass(frozen=True)
class Cast:
    """The company's people and whom each follows (personnel numbers)."""

    company: Company
    follows: dict[str, list[str]]

    @cached_property
    def writers(self) -> list[Person]:
        return [person for person in self.company.people if not is_quiet(person)]

    @cached_property
    def followers(self) -> dict[str, list[str]]:
        known: dict[str, list[str]] = defaultdict(list)
        for follower, followees in self.follows.items():
            for followee in followees:
                known[followee].append(follower)
        return known

    @cached_property
    def parts(self) -> dict[Template, list[Person]]:
        """Who could write a template, accounts of the demonstration several times."""
        return {template: self._able(template) for template in templates()}

    @cached_property
    def newcomers(self) -> list[Person]:
        return [person for person in self.company.people if self.company.is_new(person)]

    def readers(self, author: Person, kinds: tuple[str, ...], rng: Random, count: int) -> list[Person]:
        """People who may see what an author wrote, mostly followers, each once and never the author."""
        numbers = self.followers[author.personnel_number]
        close = rng.sample(numbers, min(len(numbers), count))
        candidates = [self.company.by_number[number] for number in close]
        candidates += rng.sample(self.writers, min(len(self.writers), count))
        seen = {person.personnel_number: person for person in candidates if person is not author}
        return [person for person in seen.values() if may_see(person, author, kinds)][:count]

    def friend(self, author: Person, kinds: tuple[str, ...], besides: set[str], rng: Random) -> Person:
        """Somebody to mention whom the author follows, and none of `besides` (handles)."""
        followees = self.follows[author.personnel_number]
        for _ in range(MENTION_ATTEMPTS):
            person = self.company.by_number[rng.choice(followees)]
            if person.handle not in besides and may_see(person, author, kinds):
                return person
        raise LookupError(f"{author.handle} has nobody to mention.")

    def newcomer(self, author: Person, rng: Random) -> Person | None:
        """A new colleague of the author's department, or else of the division."""
        new = [person for person in self.newcomers if person is not author and person.division == author.division]
        near = [person for person in new if person.department == author.department]
        return rng.choice(near or new) if new else None

    def _able(self, template: Template) -> list[Person]:
        able = [person for person in self.writers if self._fits(person, template)]
        return [person for person in able for _ in range(1 if "." in person.handle else NAMED_WEIGHT)]

    def _fits(self, person: Person, template: Template) -> bool:
        if template.who == person.handle:
            return True
        right_person = {
            "": not self.company.is_new(person),
            "lead": person.personnel_number in self.company.leads,
            "newcomer": self.company.is_new(person),
        }.get(template.who, False)
        speaks = person.language == template.language or (
            person.division == "it" and template.language == "en" and template.topic in ENGLISH_BY_CHOICE
        )
        here = not template.divisions or person.division in template.divisions
        return right_person and speaks and here and (not template.kinds or person.kind in template.kinds)


def may_see(person: Person, author: Person, kinds: tuple[str, ...]) -> bool:
    """Tells whether a person may see what an author wrote for the kinds (empty for everyone)."""
    return not apart(person, author) and (not kinds or person.kind in kinds)
