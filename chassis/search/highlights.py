"""Where the words that were asked stand in a text."""

from collections.abc import Iterator, Mapping, Sequence

from chassis.search.questions import PHRASE, WORD, Forms, Question, words_in

Range = tuple[int, int]
# A word that is not what was asked.
_OTHER = Forms("", frozenset(), common=False)


class Highlighter:
    """What was asked, ready to be found in many texts.

    `forms` has every word of the question, and of the texts those that may be among what was asked.
    """

    def __init__(self, asked: Question, forms: Mapping[str, Forms]) -> None:
        self._forms = forms
        wanted = [term for term in asked.terms_that_count(forms) if term.wanted]
        words = [forms[term.value].lexemes for term in wanted if term.kind == WORD]
        self._lexemes = frozenset[str]().union(*words)
        phrases = [term.value.split(" ") for term in wanted if term.kind == PHRASE]
        self._phrases = [[forms[word].plain for word in phrase] for phrase in phrases]

    def ranges(self, text: str) -> list[Range]:
        """From the first code point to the one after the last, in their order, none within another."""
        words = list(words_in(text)) if self._lexemes or self._phrases else []
        forms = [self._forms.get(word, _OTHER) for word, _, _ in words]
        plain = [form.plain for form in forms]
        shown = zip(words, forms, strict=True)
        found = [(begin, end) for (_, begin, end), form in shown if not self._lexemes.isdisjoint(form.lexemes)]
        for phrase in self._phrases:
            for place in _places(plain, phrase):
                found.append((words[place][1], words[place + len(phrase) - 1][2]))
        return list(_joined(sorted(found)))


def _places(words: Sequence[str], phrase: Sequence[str]) -> Iterator[int]:
    for place in range(len(words) - len(phrase) + 1):
        if words[place : place + len(phrase)] == phrase:
            yield place


def _joined(ranges: Sequence[Range]) -> Iterator[Range]:
    """What overlaps becomes one."""
    current: Range | None = None
    for begin, end in ranges:
        if current is not None and begin < current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = begin, end
    if current is not None:
        yield current
