"""The sentences of texts/, and how their slots are filled."""

import re
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from deploy.demo.company import read

LANGUAGES = ("nl", "en")
# Parts in a template's `who` that are not one person's handle.
SHARED_PARTS = ("", "lead", "newcomer")
CHOICE = re.compile(r"\[([^\]]+)\]")
SLOT = re.compile(r"\{(\w+)\}")
COUNTS = {"n": (3, 9), "tens": (12, 95), "hundreds": (110, 960), "years": (5, 35), "old": (78, 97)}


@dataclass(frozen=True, slots=True)
class Template:
    """A message with slots. Empty `divisions`, `kinds`, `who` and `when` set no limit."""

    text: str
    topic: str
    language: str
    divisions: tuple[str, ...]
    who: str
    when: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with slots, which fits under messages in which `word` occurs."""

    text: str
    word: str


@cache
def templates() -> tuple[Template, ...]:
    return tuple(
        Template(
            text=text,
            topic=group["topic"],
            language=language,
            divisions=tuple(group.get("from", ())),
            who=group.get("who", ""),
            when=group.get("when", ""),
            kinds=tuple(group.get("kinds", ())),
        )
        for language in LANGUAGES
        for group in read(f"posts.{language}")
        for text in group["posts"]
    )


@cache
def answers(language: str, topic: str) -> tuple[Answer, ...]:
    return tuple(_answer(entry) for entry in read("replies")[language].get(topic, ()))


def sober(topic: str) -> bool:
    """Tells whether jokes are out of place under a topic."""
    return topic in read("replies")["sober"]


def slots(template: str) -> set[str]:
    return set(SLOT.findall(template))


def fill(template: str, rng: Random, values: dict[str, str]) -> str:
    """Picks one of every choice and fills the slots, with `values` or else with a place or a number."""
    chosen = CHOICE.sub(lambda choice: rng.choice(choice[1].split("|")), template)
    known = dict(values)
    for name in SLOT.findall(chosen):
        if name not in known:
            known[name] = _made_up(name, rng, known)
    return SLOT.sub(lambda slot: known[slot[1]], chosen)


def _made_up(name: str, rng: Random, known: dict[str, str]) -> str:
    if name in COUNTS:
        return str(rng.randint(*COUNTS[name]))
    places = read("places")[name.rstrip("2")]
    return str(rng.choice([place for place in places if place not in known.values()]))


def _answer(entry: Any) -> Answer:
    if isinstance(entry, str):
        return Answer(entry, "")
    ((word, text),) = entry.items()
    return Answer(text, word)
