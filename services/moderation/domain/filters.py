"""The filters for what people write, and what a filter may be."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.filters import MOST_DOMAIN_LETTERS, Effect, Filter, Kind, folded_domain, folded_words, is_domain
from chassis.problems import BadInput, Stale

MOST_FILTERS = 2000
MOST_WORDS = 10
# A filter for less would be found in most of what people write.
LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """A filter with all that is kept of it. `folded` is what it looks for: two rules that have it alike are one."""

    id: UUID
    kind: Kind
    text: str
    effect: Effect
    note: str
    folded: str
    create_time: datetime
    update_time: datetime
    version: int = 1

    @property
    def name(self) -> str:
        return f"filters/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    @property
    def filter(self) -> Filter:
        """What texts are looked through with."""
        return Filter(self.id, self.kind, self.text, self.effect)

    def changed(self, fields: dict[str, Any], etag: str, now: datetime) -> "Rule":
        """With another `text`, `effect` or `note`; itself when that is the same."""
        if etag not in ("", self.etag):
            raise Stale("FILTER_CHANGED", "The filter changed since you read it.", etag=self.etag)
        other = replace(self, **fields)
        if other == self:
            return self
        folded = folded_text(other.kind, other.text)
        return replace(other, text=other.text.strip(), folded=folded, update_time=now, version=self.version + 1)


def ruled(id_: UUID, kind: Kind, text: str, effect: Effect, note: str, now: datetime) -> Rule:
    """A new rule; BadInput for what cannot be looked for."""
    return Rule(id_, kind, text.strip(), effect, note, folded_text(kind, text), now, now)


def folded_text(kind: Kind, text: str) -> str:
    """What a filter of this kind looks for."""
    return _domain(text.strip()) if kind is Kind.DOMAIN else _words(text)


def _words(text: str) -> str:
    words = folded_words(text)
    if not words or len("".join(words)) < LEAST_LETTERS:
        sentence = "A filter needs a word of at least {least} letters."
        raise BadInput("NO_WORD", sentence, field="filter.text", least=LEAST_LETTERS)
    if len(words) > MOST_WORDS:
        raise BadInput("TOO_MANY_WORDS", "A filter has at most {most} words.", field="filter.text", most=MOST_WORDS)
    return " ".join(words)


def _domain(text: str) -> str:
    if len(text) > MOST_DOMAIN_LETTERS or not is_domain(text):
        raise BadInput("NO_DOMAIN", "A domain is written as in example.com.", field="filter.text")
    return folded_domain(text)
