"""What one can ask about posts."""

from datetime import tzinfo
from enum import StrEnum

from chassis.problems import BadInput
from chassis.search import questions
from chassis.search.questions import Grammar, Question
from services.feed.domain.texts import folded_tag

SORTS = ("image", "link", "poll")


class Kind(StrEnum):
    """What a term is about, besides words."""

    AUTHOR = questions.AUTHOR
    GROUP = "group"
    TAG = questions.TAG
    HAS = "has"


def question(query: str, zone: tzinfo) -> Question:
    """Reads what was typed; days are those of the zone. BadInput for an operator whose value means nothing."""
    return _GRAMMAR.question(query, zone)


def _tag(value: str) -> str:
    return folded_tag(value).strip("#.,;:!?")


def _sort(value: str) -> str:
    if value.lower() not in SORTS:
        sentence = "has:{value} means nothing: it can be {sorts}."
        raise BadInput("UNKNOWN_SORT", sentence, field="query", value=value, sorts=", ".join(SORTS))
    return value.lower()


_GRAMMAR = Grammar({Kind.AUTHOR: questions.handle, Kind.GROUP: questions.group, Kind.TAG: _tag, Kind.HAS: _sort})
