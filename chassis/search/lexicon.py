"""How words are looked up in PostgreSQL, and questions as tsqueries.

A database that is searched has the functions `search_words`, `search_plain` and `search_vector` of its service's
migrations. A vector has the words of a text as they stand, their stems, and marks for all else that one can ask.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.search.questions import PHRASE, WORD, Forms, Term

# About 5 MiB.
MOST_KNOWN_WORDS = 10_000
# The mark of an author who is nobody: it is in no vector.
NOBODY = "@"

_FORMS = sa.text("""
    SELECT word, lower(search_plain(word)) AS plain, tsvector_to_array(search_vector(word)) AS lexemes,
        to_tsvector('pg_catalog.dutch', search_words(word)) = '' OR
        to_tsvector('pg_catalog.english', search_words(word)) = '' AS common
    FROM unnest(CAST(:words AS text[])) AS word""")

Mark = Callable[[Term], str]


class Lexicon:
    """How words are looked up, as PostgreSQL has it. It is asked about each word once: most texts share theirs."""

    def __init__(self) -> None:
        self._known: dict[str, Forms] = {}

    async def forms(self, tx: AsyncConnection, words: AbstractSet[str]) -> Mapping[str, Forms]:
        """Has all of these words, and maybe others."""
        if len(self._known) > MOST_KNOWN_WORDS:
            self._known = {}
        known = self._known
        unknown = sorted(words - known.keys())
        if unknown:
            rows = await tx.execute(_FORMS, {"words": unknown})
            known |= {row.word: Forms(row.plain.strip(), frozenset(row.lexemes), row.common) for row in rows}
        return known


def tsquery(terms: Iterable[Term], forms: Mapping[str, Forms], mark: Mark) -> str:
    """All of these terms as a tsquery; `mark` answers the lexeme for what is not made of words."""
    return " & ".join(("" if term.wanted else "!") + _piece(term, forms, mark) for term in terms)


def joined(operator: str, lexemes: Sequence[str]) -> str:
    """Lexemes with an operator between them. What PostgreSQL takes for no word at all is in no text."""
    return f"({operator.join(map(quoted, lexemes or [NOBODY]))})"


def quoted(lexeme: str) -> str:
    """A lexeme in a tsquery, whatever is in it."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _piece(term: Term, forms: Mapping[str, Forms], mark: Mark) -> str:
    if term.kind == WORD:
        return joined(" | ", sorted(forms[term.value].lexemes))
    if term.kind == PHRASE:
        return joined(" <-> ", [plain for word in term.value.split(" ") for plain in forms[word].plain.split()])
    return quoted(mark(term))
