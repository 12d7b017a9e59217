"""Words and links that the organisation does not want to be written without a second look, found in texts.

A word is found whole, and however it is written: capitals, accents, ligatures, letters of full width and invisible
characters make no difference. A domain is found with all that is below it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import idna
import regex

# A letter may carry marks, and something invisible may be hidden in a word.
_WORD = regex.compile(r"[\p{L}\p{N}_][\p{L}\p{M}\p{N}\p{Cf}_]*+")
_LABEL = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\p{Cf}-]*+"
# Begins where a name begins, so that each letter is looked at once. The other dots are those of IDNA (UTS 46).
_HOST = regex.compile(rf"(?<![\p{{L}}\p{{M}}\p{{N}}\p{{Cf}}-])(?:{_LABEL}[.。．｡]\p{{Cf}}*+)+{_LABEL}")
_MARKS = regex.compile(r"[\p{M}\p{Cf}]+")
_UNSEEN = regex.compile(r"\p{Cf}+")
_DOTS = regex.compile("[。．｡]")
# Longer ones lead nowhere (RFC 1035).
MOST_DOMAIN_LETTERS = 253


class Kind(IntEnum):
    """What a filter finds."""

    WORD = 1
    DOMAIN = 2


class Effect(IntEnum):
    """What becomes of a text in which it is found: its author is asked again, or moderators look first."""

    WARN = 1
    HOLD = 2


class Filter(NamedTuple):
    """What is looked for: a word, several that stand in this order, or a domain."""

    id: UUID
    kind: Kind
    text: str
    effect: Effect


class Match(NamedTuple):
    """Where a filter found something: from the character `start` up to `end`."""

    filter: Filter
    start: int
    end: int


class Filters:
    """Filters made ready for looking through texts; a look costs a step a word, however many filters there are."""

    def __init__(self, filters: Iterable[Filter] = ()) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], Filter]]] = {}
        self._domains: dict[str, list[Filter]] = {}
        for each in filters:
            if each.kind is Kind.DOMAIN:
                self._domains.setdefault(folded_domain(each.text), []).append(each)
            elif words := folded_words(each.text):
                self._phrases.setdefault(words[0], []).append((words, each))

    def matches(self, text: str) -> list[Match]:
        """All that is found in a text, in its order."""
        found = [*self._words_in(text), *self._domains_in(text)] if self else []
        return sorted(found, key=lambda match: (match.start, match.end))

    def __bool__(self) -> bool:
        return bool(self._phrases or self._domains)

    def _words_in(self, text: str) -> Iterator[Match]:
        if not self._phrases:
            return
        places = [(match.start(), match.end()) for match in _WORD.finditer(text)]
        words = [folded(text[start:end]) for start, end in places]
        for index, word in enumerate(words):
            for phrase, found in self._phrases.get(word, ()):
                if tuple(words[index : index + len(phrase)]) == phrase:
                    yield Match(found, places[index][0], places[index + len(phrase) - 1][1])

    def _domains_in(self, text: str) -> Iterator[Match]:
        if not self._domains:
            return
        for match in _HOST.finditer(text):
            name = _UNSEEN.sub("", match.group())
            if len(name) > MOST_DOMAIN_LETTERS:
                continue
            labels = folded_domain(name).split(".")
            for first in range(len(labels) - 1):
                for found in self._domains.get(".".join(labels[first:]), ()):
                    yield Match(found, match.start(), match.end())


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared."""
    return tuple(folded(word) for word in _WORD.findall(text))


@lru_cache(maxsize=4096)
def folded(word: str) -> str:
    """A word as it is compared: without capitals, accents, and what cannot be seen."""
    return word.lower() if word.isascii() else _stripped(_stripped(word).casefold())


def folded_domain(name: str) -> str:
    """A domain as it is compared: in the letters of ASCII, as IDNA writes it (UTS 46)."""
    visible = _UNSEEN.sub("", name)
    if visible.isascii():
        return visible.lower()
    try:
        return idna.encode(visible, uts46=True, transitional=False).decode().lower()
    except idna.IDNAError:
        return _DOTS.sub(".", unicodedata.normalize("NFKC", visible)).casefold()


def is_domain(name: str) -> bool:
    """Whether a text is the name of a domain, of at least two parts, and nothing else."""
    match = _HOST.fullmatch(name)
    try:
        return match is not None and bool(idna.encode(name, uts46=True, strict=False))
    except idna.IDNAError:
        return False


def _stripped(word: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKD", word))
