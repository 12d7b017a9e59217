"""What one can ask about articles, and what is shown of the text in which it was found."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from enum import StrEnum
from uuid import UUID

from chassis.markdown import folded_tag
from chassis.problems import BadInput
from chassis.search import questions
from chassis.search.highlights import Highlighter, Range
from chassis.search.questions import Forms, Grammar, Question, words_in

# Of each text: what comes after that is found, and not highlighted.
MOST_HIGHLIGHTED = 20_000
EXCERPT = 300
# Before the first highlight, so that it is read in its sentence.
LEAD = 60


class Kind(StrEnum):
    """What a term is about, besides words."""

    AUTHOR = questions.AUTHOR
    BLOG = "blog"
    GROUP = "group"
    TAG = questions.TAG


def question(query: str, zone: tzinfo) -> Question:
    """Reads what was typed; days are those of the zone. BadInput for an operator whose value means nothing."""
    return _GRAMMAR.question(query, zone)


def words_to_look_up(texts: Iterable[str], asked: Question, forms: Mapping[str, Forms]) -> set[str]:
    """The words of texts that may be among what was asked: stemming never changes how a word begins.

    Of what does not begin with one of 26 letters nobody knows what it is without its accents.
    """
    begins = {lexeme[:1] for word in asked.words for lexeme in (forms[word].plain, *forms[word].lexemes)}
    words = {word for text in texts for word, _, _ in words_in(text)}
    return {word for word in words if not word[0].isascii() or word[0].lower() in begins}


def excerpt(text: str, highlighter: Highlighter) -> tuple[str, list[Range]]:
    """A piece of a plain text, on one line, and the places in it of what was asked."""
    found = highlighter.ranges(text)
    begin = _begin(text, found[0][0]) if found else 0
    end = _end(text, begin)
    inside = [(start - begin, stop - begin) for start, stop in found if stop <= end]
    return text[begin:end].replace("\n", " "), inside


def _begin(text: str, first: int) -> int:
    """Where an excerpt begins that shows a place: with a word before it."""
    if first <= LEAD:
        return 0
    blanks = [place for place in range(first - LEAD, first) if text[place].isspace()]
    return blanks[0] + 1 if blanks else first


def _end(text: str, begin: int) -> int:
    """After the last word that has room."""
    most = begin + EXCERPT
    if len(text) <= most:
        return len(text)
    blanks = [place for place in range(most - LEAD, most + 1) if text[place].isspace()]
    return blanks[-1] if blanks else most


def _blog(value: str) -> str:
    try:
        return str(UUID(value.removeprefix("blogs/")))
    except ValueError:
        sentence = "blog:{value} names no blog: write its id."
        raise BadInput("NO_BLOG", sentence, field="query", value=value) from None


def _tag(value: str) -> str:
    return folded_tag(value).strip("#.,;:!?")


_GRAMMAR = Grammar({Kind.AUTHOR: questions.handle, Kind.BLOG: _blog, Kind.GROUP: questions.group, Kind.TAG: _tag})
