"""How long a text is, for any text at all."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.feed.domain.texts import LINK_CHARACTERS, MOST_CHARACTERS, characters, graphemes, links, normalised
from tests.feed.caller import Meet, refused

FAMILY, FLAG, THUMB = "👨‍👩‍👧‍👦", "🇳🇱", "👍🏽"
LONG_LINK = "https://example.org/" + "a" * 500

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
# Whatever they are written in, words do not hold on to what follows a blank.
words = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=12)
addresses = st.from_regex(r"https?://[a-z0-9]{1,30}(\.[a-z]{2,6}){1,2}(/[a-zA-Z0-9#@=&%_-]{1,60}){0,3}", fullmatch=True)
many_times = settings(max_examples=100, deadline=None)


@many_times
@given(st.lists(words | st.sampled_from([FAMILY, FLAG, THUMB, "e\u0301"]), max_size=12))
def test_words_are_as_long_as_their_parts_and_the_blanks_between(parts: list[str]) -> None:
    assert characters(" ".join(parts)) == sum(map(graphemes, parts)) + max(0, len(parts) - 1)


@many_times
@given(st.lists(words | addresses, min_size=1, max_size=12))
def test_a_link_counts_the_same_whatever_its_length(parts: list[str]) -> None:
    lengths = [LINK_CHARACTERS if "://" in part else graphemes(part) for part in parts]
    assert characters(" ".join(parts)) == sum(lengths) + len(parts) - 1
    assert links(" ".join(parts)) == [part for part in parts if "://" in part]


@many_times
@given(texts)
def test_a_text_is_never_longer_than_its_code_points_but_for_links(text: str) -> None:
    assert 0 <= characters(text) <= len(text) + LINK_CHARACTERS * len(links(text))
    assert (characters(text) == 0) is (text == "")


@many_times
@given(texts, texts)
def test_what_is_added_never_makes_a_text_shorter(one: str, other: str) -> None:
    assert graphemes(one + other) >= max(graphemes(one), graphemes(other))
    assert graphemes(one + other) <= graphemes(one) + graphemes(other)


@many_times
@given(texts)
def test_a_text_is_as_long_however_it_is_composed(text: str) -> None:
    assert graphemes(normalised(unicodedata.normalize("NFD", text))) == graphemes(normalised(text))
    assert normalised(normalised(text)) == normalised(text)


@many_times
@given(words, st.integers(0, 30))
def test_marks_on_a_letter_count_nothing(word: str, marks: int) -> None:
    assert graphemes(word + "\u0301" * marks) == graphemes(word)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (LONG_LINK, 25),
        ("http://x.nl", 25),
        (f"HTTPS{LONG_LINK[5:]}", 25),
        (f"({LONG_LINK}).", 28),
        (f"See {LONG_LINK}, and {LONG_LINK}!", 4 + 25 + 6 + 25 + 1),
        (f"{LONG_LINK}\n{LONG_LINK}", 51),
        ("https:// nothing", 16),
        ("https://... nothing", 19),
        ("ftp://example.org", 17),
        ("example.org", 11),
        (f"{FAMILY}{FLAG}{THUMB}", 3),
    ],
)
def test_links_are_told_from_what_stands_around_them(text: str, length: int) -> None:
    assert characters(text) == length


async def test_a_text_of_500_characters_may_hold_links_of_any_length(meet: Meet) -> None:
    (ada,) = await meet("ada")
    fitting = f"{LONG_LINK} " * 19 + "b" * (MOST_CHARACTERS - 19 * 26)
    assert (await ada.post(fitting)).text == fitting
    refusal = await refused(ada.post(fitting + "b"))
    assert dict(refusal.facts) == {"most": "500", "count": "501"}
