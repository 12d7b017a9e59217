"""Words and domains are found however they are written, and nothing else is."""

from uuid import uuid4

import pytest

from chassis.filters import Effect, Filter, Filters, Kind, folded_domain, is_domain


def found(kind: Kind, sought: str, text: str) -> list[str]:
    filters = Filters([Filter(uuid4(), kind, sought, Effect.HOLD)])
    return [text[match.start : match.end] for match in filters.matches(text)]


@pytest.mark.parametrize(
    ("sought", "text", "what"),
    [
        ("sukkel", "Wat een sukkel!", ["sukkel"]),
        ("Sukkel", "SUKKEL. sUkKeL", ["SUKKEL", "sUkKeL"]),
        ("sukkel", "súkkël", ["súkkël"]),
        ("súkkel", "sukkel", ["sukkel"]),
        ("sukkel", "su\u0301kkel", ["su\u0301kkel"]),
        ("sukkel", "suk\u200bkel suk\u00adkel suk\u2060kel", ["suk\u200bkel", "suk\u00adkel", "suk\u2060kel"]),
        ("sukkel", "ｓｕｋｋｅｌ", ["ｓｕｋｋｅｌ"]),
        ("sukkel", "𝐬𝐮𝐤𝐤𝐞𝐥", ["𝐬𝐮𝐤𝐤𝐞𝐥"]),
        ("ijs", "ĳs", ["ĳs"]),
        ("straße", "STRASSE", ["STRASSE"]),
        ("istanbul", "İstanbul", ["İstanbul"]),
        ("дурак", "ДУРАК", ["ДУРАК"]),
        ("sukkel", "#sukkel @sukkel (sukkel)", ["sukkel", "sukkel", "sukkel"]),
        ("hele grote sukkel", "Hele,  grote-sukkel", ["Hele,  grote-sukkel"]),
        ("can't", "I CAN'T. I can’t.", ["CAN'T", "can’t"]),
    ],
)
def test_a_word_is_found(sought: str, text: str, what: list[str]) -> None:
    assert found(Kind.WORD, sought, text) == what


@pytest.mark.parametrize(
    ("sought", "text"),
    [
        ("sukkel", "sukkels"),
        ("sukkel", "gesukkel"),
        ("sukkel", "sukkel2"),
        ("sukkel", "sukkel_"),
        ("sukkel", "suk kel"),
        ("grote sukkel", "sukkel grote"),
        ("grote sukkel", "grote"),
        ("sukkel", ""),
    ],
)
def test_other_words_are_not(sought: str, text: str) -> None:
    assert found(Kind.WORD, sought, text) == []


@pytest.mark.parametrize(
    ("sought", "text", "what"),
    [
        ("evil.example", "see https://evil.example/path?x=1.", ["evil.example"]),
        ("evil.example", "EVIL.Example", ["EVIL.Example"]),
        ("evil.example", "http://www.deep.evil.example:8080", ["www.deep.evil.example"]),
        ("evil.example", "//user:secret@evil.example/", ["evil.example"]),
        ("evil.example", "mail to jan@evil.example.", ["evil.example"]),
        ("evil.example", "evil。example evil．example", ["evil。example", "evil．example"]),
        ("evil.example", "ev\u00adil.\u200bexample", ["ev\u00adil.\u200bexample"]),
        ("bücher.example", "https://xn--bcher-kva.example", ["xn--bcher-kva.example"]),
        ("xn--bcher-kva.example", "BU\u0308CHER.example", ["BU\u0308CHER.example"]),
        ("evil.example", "[evil.example](https://evil.example)", ["evil.example", "evil.example"]),
    ],
)
def test_a_domain_is_found_with_all_below_it(sought: str, text: str, what: list[str]) -> None:
    assert found(Kind.DOMAIN, sought, text) == what


@pytest.mark.parametrize(
    "text", ["notevil.example", "evil.example.com", "evil.examples", "evil example", "example", "evil"]
)
def test_other_domains_are_not(text: str) -> None:
    assert found(Kind.DOMAIN, "evil.example", text) == []


def test_everything_is_found_in_its_order() -> None:
    word, domain = (Filter(uuid4(), kind, "evil.example", Effect.WARN) for kind in (Kind.WORD, Kind.DOMAIN))
    text = "a.evil.example evil"
    assert [(match.filter, match.start) for match in Filters([word, domain]).matches(text)] == [(domain, 0), (word, 2)]


@pytest.mark.parametrize("text", ["a" * 100_000, "a." * 50_000, "a-" * 50_000, "é" * 100_000, "a\u200b." * 30_000])
@pytest.mark.timeout(2)
def test_no_text_takes_long(text: str) -> None:
    many = [Filter(uuid4(), kind, f"evil{number}.example", Effect.HOLD) for number in range(1000) for kind in Kind]
    assert Filters(many).matches(text) == []


@pytest.mark.parametrize("name", ["example.com", "a.b.example.com", "bücher.example", "xn--bcher-kva.example"])
def test_what_a_domain_is(name: str) -> None:
    assert is_domain(name)
    assert folded_domain(name).isascii()


@pytest.mark.parametrize(
    "name", ["", "example", "https://example.com", "example.com/path", "*.example.com", "a b.com", "-.com"]
)
def test_what_no_domain_is(name: str) -> None:
    assert not is_domain(name)
