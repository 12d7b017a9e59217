"""What people type to find something: the question in it, whatever else is typed."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

import regex

from chassis.problems import BadInput

# Longer questions are cut off: each term is a look into the index.
MOST_TERMS = 20
# Longer ones nobody has, or can look up.
MOST_HANDLE_LETTERS = 64

WORD, PHRASE, AUTHOR, TAG = "word", "phrase", "from", "tag"
WORDY = (WORD, PHRASE)
ME = "me"

# What follows the name of an operator, as it is looked up; "" for nothing. BadInput for what means nothing.
Reading = Callable[[str], str]

# As PostgreSQL's `search_words` has them.
_WORD = regex.compile(r"[\p{L}\p{N}]+")
_PIECE = r"""(?P<minus>(?<!\S)-)?
    (?:
        (?P<name>{names}):(?:"(?P<quoted>[^"\s]+)"|(?P<value>[^\s"]+))
        | \#(?P<tag>[^\s"\#]+)
        | "(?P<phrase>[^"]*)(?:"|$)
        | (?P<word>[^\s"]+)
    )"""
_DAYS = ("after", "before")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that something must have, or must not: `kind` is WORD, PHRASE or the name of an operator.

    A phrase's words stand apart by one space.
    """

    kind: str
    value: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Forms:
    """How a word is looked up: `plain` is lower case without accents, `lexemes` are that and its stems.

    A `common` one is in nearly every text.
    """

    plain: str
    lexemes: frozenset[str]
    common: bool


@dataclass(frozen=True, slots=True)
class Question:
    """All that was asked. `since` and `until` are the moments between which it was written, the last one excluded."""

    terms: tuple[Term, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def asks(self) -> bool:
        """Whether it asks for anything. Only to leave out is to ask for nothing."""
        return bool(self.since or self.until or any(term.wanted for term in self.terms))

    def values(self, kind: str) -> list[str]:
        """What is said of one kind, wanted or not."""
        return [term.value for term in self.terms if term.kind == kind]

    @property
    def words(self) -> set[str]:
        """The words of all terms that are made of words."""
        return {word for kind in WORDY for value in self.values(kind) for word in value.split(" ")}

    @property
    def handles(self) -> set[str]:
        """Those of the authors that it names, if somebody can have them."""
        return {handle for handle in set(self.values(AUTHOR)) - {ME} if len(handle) <= MOST_HANDLE_LETTERS}

    def terms_that_count(self, forms: Mapping[str, Forms]) -> list[Term]:
        """Without the words that nearly every text has, if it wants others."""
        rare = [term for term in self.terms if not (term.kind == WORD and term.wanted and forms[term.value].common)]
        has_rare_words = any(term.wanted and term.kind in WORDY for term in rare)
        return rare if has_rare_words else list(self.terms)


class Grammar:
    """What one can ask besides words, phrases and days: operators by name, with `tag` also written as "#"."""

    def __init__(self, operators: Mapping[str, Reading]) -> None:
        self._operators = operators
        names = "|".join([*operators, *_DAYS])
        self._piece = regex.compile(_PIECE.format(names=names), regex.VERBOSE | regex.IGNORECASE)

    def question(self, query: str, zone: tzinfo) -> Question:
        """Reads what was typed; days are those of the zone. BadInput for an operator whose value means nothing."""
        reader = _Reader(self._operators, zone)
        for found in self._piece.finditer(unicodedata.normalize("NFC", query)):
            reader.take(found)
        return Question(tuple(reader.terms), reader.since, reader.until)


@dataclass(slots=True)
class _Reader:
    operators: Mapping[str, Reading]
    zone: tzinfo
    terms: list[Term] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None

    def add(self, kind: str, value: str, wanted: bool) -> None:
        term = Term(kind, value, wanted)
        if value and term not in self.terms and len(self.terms) < MOST_TERMS:
            self.terms.append(term)

    def add_text(self, text: str, wanted: bool, *, quoted: bool = False) -> None:
        words = _WORD.findall(text)
        self.add(PHRASE if quoted or len(words) > 1 else WORD, " ".join(words), wanted)

    def take(self, found: "regex.Match[str]") -> None:
        wanted = found["minus"] is None
        if found["name"]:
            self._operate(found["name"].lower(), found["quoted"] or found["value"], wanted)
        elif found["tag"]:
            self._operate(TAG, found["tag"], wanted)
        elif found["phrase"] is not None:
            self.add_text(found["phrase"], wanted, quoted=True)
        else:
            self.add_text(found["word"], wanted)

    def _operate(self, name: str, value: str, wanted: bool) -> None:
        match name:
            case "after":
                begin = _day(name, value, self.zone)
                self.since = max(begin, self.since or begin)
            case "before":
                end = _day(name, value, self.zone)
                self.until = min(end, self.until or end)
            case _:
                self.add(name, self.operators[name](value), wanted)


def words_in(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text, each with its first code point and the one after its last."""
    for found in _WORD.finditer(text):
        yield found[0], *found.span()


def handle(value: str) -> str:
    """Reads whom `from:` names."""
    return value.removeprefix("@").lower()


def group(value: str) -> str:
    """Reads which group `group:` names."""
    try:
        return str(UUID(value.removeprefix("groups/")))
    except ValueError:
        sentence = "group:{value} names no group: write its id."
        raise BadInput("NO_GROUP", sentence, field="query", value=value) from None


def _day(name: str, value: str, zone: tzinfo) -> datetime:
    """When a day begins."""
    try:
        if not regex.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError(value)
        day = date.fromisoformat(value)
    except ValueError:
        sentence = "{name}:{value} has no date in it: write one as 2026-01-31."
        raise BadInput("NO_DATE", sentence, field="query", name=name, value=value) from None
    # Nothing is that old or that new, and in UTC it may be in no year that there is.
    day = min(max(day, date.min + timedelta(days=1)), date.max - timedelta(days=1))
    return datetime.combine(day, time.min, zone).astimezone(UTC)
