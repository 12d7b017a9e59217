"""When a program that reads again is sent nothing, as RFC 9110 says; and how articles become an Atom document."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.blog.domain.subscriptions import is_unchanged, last_modified
from services.blog.wire.atom import Entry, Feed, document
from services.blog.wire.subscriptions import http_date, moment_in
from tests.blog.atom_reading import texts, valid

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("known", "since", "unchanged"),
    [
        (None, None, False),
        ('"a"', None, True),
        ('W/"a"', None, True),
        ('"b", "a"', None, True),
        ("*", None, True),
        ('"b"', None, False),
        ('"b"', LATER, False),
        ("", LATER, False),
        (None, NOW, True),
        (None, LATER, True),
        (None, NOW - timedelta(seconds=1), False),
    ],
)
def test_a_tag_decides_before_a_time(known: str | None, since: datetime | None, unchanged: bool) -> None:
    assert is_unchanged('"a"', NOW, known, since) is unchanged


def test_no_time_is_known_no_time_decides() -> None:
    assert not is_unchanged('"a"', None, None, LATER)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6), st.integers(0, 5000))
def test_who_has_a_time_has_seen_all_that_changed_before_it(changes: list[int], read: int) -> None:
    """Changes and reads at any milliseconds: a change after the read is never taken for one that was read."""
    moments = [NOW + timedelta(milliseconds=change) for change in sorted(changes)]
    reading = NOW + timedelta(milliseconds=read)
    before = [moment for moment in moments if moment <= reading]
    told = last_modified(before[-1], reading) if before else None
    if told is None:
        return
    assert told <= reading
    assert moment_in(http_date(told)) == told
    later = [moment for moment in moments if moment > reading]
    for moment, again in product(later, (timedelta(0), timedelta(seconds=3))):
        assert not is_unchanged('"b"', last_modified(moment, moment + again), None, told)


@pytest.mark.parametrize("text", [None, "", "now", "Sun, 01 Nov 2026 09:30:16", "99"])
def test_what_is_no_date_is_passed_by(text: str | None) -> None:
    assert moment_in(text) is None


anything = st.text(st.characters(exclude_categories=["Cs"]))
pieces = st.text(st.sampled_from("<>&\"']\0\x0b\x85\ufffe😀é \n"), max_size=8) | anything


@given(pieces, pieces, st.lists(pieces, max_size=3))
def test_whatever_people_write_is_valid(title: str, html: str, tags: list[str]) -> None:
    entry = Entry(
        UUID(int=1),
        title,
        "https://plein/articles/a",
        title or "A",
        "",
        NOW,
        LATER,
        title,
        html,
        [t or "t" for t in tags],
    )
    url, home = "https://plein/v1/articles:atom?token=a&b", "https://plein"
    feed = valid(document(Feed(UUID(int=2), title, html, url, f"{home}/blogs/b", home, LATER, [entry])))
    assert len(texts(feed, "a:entry/a:content")) == 1
    assert texts(feed, "a:link[@rel='self']/@href") == [url]
