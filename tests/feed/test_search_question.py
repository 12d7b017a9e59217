"""What is made of what people type, and where in time it is looked for; whatever they type."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.problems import BadInput
from chassis.search.highlights import Highlighter
from chassis.search.questions import MOST_TERMS, PHRASE, WORD, Forms, Question, Term, words_in
from services.feed.domain.search import Kind, question
from services.feed.domain.spans import FIRST_POSTS, NEWEST, OLDEST, Span, first_id, hour, spans, time_marks

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
GROUP = "0199a0b0-0000-7000-8000-000000000000"

operators = st.sampled_from(["from:", "group:", "tag:", "after:", "before:", "has:", "#", "-", '"', " ", ":", "'"])
values = st.sampled_from(["ada", "image", "2026-01-31", "2026-13-01", GROUP, "ünïcödé", "me", "\\", "&|!<->"])
typed = st.lists(operators | values | st.text(max_size=8)).map("".join)
plain_words = st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=1, max_size=8, unique=True)


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("koffie thee", [Term(WORD, "koffie"), Term(WORD, "thee")]),
        ("koffie koffie", [Term(WORD, "koffie")]),
        ('"warme  thee" -koud', [Term(PHRASE, "warme thee"), Term(WORD, "koud", wanted=False)]),
        ('"thee"', [Term(PHRASE, "thee")]),
        ("e-mail", [Term(PHRASE, "e mail")]),
        ("from:@Ada.B -from:bob", [Term(Kind.AUTHOR, "ada.b"), Term(Kind.AUTHOR, "bob", wanted=False)]),
        ("tag:Koffie #THEE", [Term(Kind.TAG, "koffie"), Term(Kind.TAG, "thee")]),
        (f"group:groups/{GROUP.upper()} has:Poll", [Term(Kind.GROUP, GROUP), Term(Kind.HAS, "poll")]),
        ("10:30 http://plein", [Term(PHRASE, "10 30"), Term(PHRASE, "http plein")]),
        ('from: - # "" !', [Term(WORD, "from")]),
        ("niet-roken", [Term(PHRASE, "niet roken")]),
    ],
)
def test_a_question_is_read_as_it_is_meant(query: str, terms: list[Term]) -> None:
    assert list(question(query, AMSTERDAM).terms) == terms


def test_days_begin_in_the_zone_and_the_narrowest_ones_count() -> None:
    asked = question("after:2026-07-01 after:2026-06-01 before:2026-07-03 before:2026-08-01", AMSTERDAM)
    assert asked.since == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert asked.until == datetime(2026, 7, 2, 22, tzinfo=UTC)


@given(typed)
def test_whatever_is_typed_is_read_or_told_to_be_wrong(query: str) -> None:
    asked = question_or_problem(query)
    if isinstance(asked, BadInput):
        assert asked.field == "query"
        assert any(name in query.lower() for name in ("after:", "before:", "group:", "has:"))
        return
    assert len(asked.terms) <= MOST_TERMS
    assert all(term.value.strip() for term in asked.terms)
    assert all(len(list(words_in(word))) == 1 for word in asked.words)


def question_or_problem(query: str) -> Question | BadInput:
    try:
        return question(query, AMSTERDAM)
    except BadInput as problem:
        return problem


@given(plain_words)
def test_words_without_signs_are_all_wanted(words: list[str]) -> None:
    assert question(" ".join(words), AMSTERDAM).values(WORD) == words
    assert question(f'"{" ".join(words)}"', AMSTERDAM).values(PHRASE) == [" ".join(words)]


@given(st.text(), st.lists(plain_words.map(" ".join), max_size=3))
def test_highlights_lie_in_the_text_in_their_order(text: str, wanted: list[str]) -> None:
    asked = Question(tuple(Term(PHRASE if " " in words else WORD, words) for words in wanted))
    text = f"{text} {' '.join(wanted)}"
    words = {word for word, _, _ in words_in(text)} | asked.words
    forms = {word: Forms(word.lower(), frozenset({word.lower()}), common=False) for word in words}
    ranges = Highlighter(asked, forms).ranges(text)
    assert bool(ranges) == bool(wanted)
    ends = [0, *(end for _, end in ranges)]
    assert all(before <= start < end for before, (start, end) in zip(ends, ranges, strict=False))
    assert ends[-1] <= len(text)


moments = st.integers(0, 2_000_000).map(lambda hours: EPOCH + timedelta(hours=hours))


@given(moments, st.timedeltas(timedelta(0), timedelta(days=4000)), moments)
def test_spans_hold_every_post_once_under_one_of_their_marks(
    newest: datetime, length: timedelta, other: datetime
) -> None:
    last, edge = first_id(newest), first_id(max(newest - length, EPOCH))
    made = list(spans(OLDEST, NEWEST, last, edge))
    assert made[0].high == NEWEST
    assert made[-1].low == OLDEST
    assert all(span.low == following.high for span, following in pairwise(made))
    post = min(first_id(other), last)
    (span,) = [span for span in made if span.low <= post < span.high]
    assert holds(span, post)
    assert holds(made[0], edge)


def holds(span: Span, post: UUID) -> bool:
    return not span.marks or not set(span.marks).isdisjoint(
        {f"~a{hour(post) // 8}", f"~b{hour(post) // 128}", f"~c{hour(post) // 2048}"}
    )


def test_few_posts_are_one_span() -> None:
    assert list(spans(OLDEST, NEWEST, first_id(datetime(2026, 1, 1, tzinfo=UTC)), None)) == [Span(OLDEST, NEWEST)]
    assert FIRST_POSTS > 1


def test_marks_cover_hours_with_few_steps() -> None:
    assert time_marks(16, 31) == ("~a2", "~a3")
    assert time_marks(0, 1000) == tuple(f"~b{number}" for number in range(8))
    assert time_marks(0, 20_000) == tuple(f"~c{number}" for number in range(10))
    assert time_marks(0, 1_000_000) == ()
