"""What is recognised in a text: mentions and tags."""

from random import Random

import pytest

from services.feed.domain.texts import MOST_MENTIONS, MOST_TAGS
from tests.feed.caller import Caller, Meet
from tests.feed.conftest import Handles


async def mentioned(author: Caller, text: str) -> list[tuple[str, str]]:
    post = await author.post(text)
    assert post.text == text, "a text stays as it was written"
    return [(mention.handle, mention.person) for mention in post.mentions]


async def tags(author: Caller, text: str) -> list[str]:
    post = await author.post(text)
    assert post.text == text, "a text stays as it was written"
    return [tag.removeprefix("tags/") for tag in post.tags]


# Mentions


@pytest.mark.parametrize(
    "text",
    ["@grace", "Ask @Grace!", "(@grace)", "@grace, please", "Thanks @grace.", "@GRACE's idea", "“@grace”", "@grace…"],
)
async def test_a_handle_is_a_mention(meet: Meet, text: str) -> None:
    ada, grace = await meet("ada", "grace")
    assert await mentioned(ada, text) == [("grace", grace.name)]


async def test_a_handle_with_points_and_hyphens_is_one(meet: Meet) -> None:
    ada, jan = await meet("ada", "jan-willem.de.vries2")
    assert await mentioned(ada, "@jan-willem.de.vries2.") == [("jan-willem.de.vries2", jan.name)]


@pytest.mark.parametrize(
    "text",
    [
        "mail ada@grace or a.b@grace",
        "x@grace.example",
        "@@grace",
        "https://social.example/@grace",
        "https://example.org/?by=@grace",
        "@ grace",
        "grace",
    ],
)
async def test_what_only_looks_like_a_mention_is_none(meet: Meet, text: str) -> None:
    ada, _ = await meet("ada", "grace")
    assert await mentioned(ada, text) == []


@pytest.mark.parametrize("handle", ["nobody-knows", "n" * 64, "n" * 65, "n" * 400])
async def test_a_handle_of_nobody_stays_text(meet: Meet, handle: str) -> None:
    ada, grace = await meet("ada", "grace")
    assert await mentioned(ada, f"@{handle} and @grace") == [("grace", grace.name)]


async def test_whom_identity_keeps_from_the_author_stays_text(meet: Meet, handles: Handles) -> None:
    ada, _ = await meet("ada", "hidden")
    del handles["hidden"]
    assert await mentioned(ada, "Hello @hidden") == []


async def test_mentions_come_once_in_the_order_of_the_text(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    expected = [("cleo", cleo.name), ("ada", ada.name), ("bob", bob.name)]
    assert await mentioned(ada, "@cleo @ada @Cleo @bob @ADA") == expected


async def test_a_text_mentions_only_so_many(meet: Meet, handles: Handles) -> None:
    (ada,) = await meet("ada")
    many = [f"m{number}" for number in range(MOST_MENTIONS + 1)]
    handles.update(dict.fromkeys(many, ada.name))
    assert len(await mentioned(ada, " ".join(f"@{handle}" for handle in many))) == MOST_MENTIONS


# Tags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Lunch at noon", ["lunch"]),
        ("#één #ÉÉN #één", ["één"]),
        ("#Straße #STRASSE", ["strasse"]),
        ("#日本語 and #Ελλάδα", ["日本語", "ελλάδα"]),
        ("#हिन्दी", ["हिन्दी"]),
        ("#plan_b #plan-b #2026plan", ["plan_b", "plan-b", "2026plan"]),
        ("(#a), #b. #c! #d-", ["a", "b", "c", "d"]),
        ("#b #a #b", ["b", "a"]),
    ],
)
async def test_a_word_after_a_number_sign_is_a_tag(meet: Meet, text: str, expected: list[str]) -> None:
    (ada,) = await meet("ada")
    assert await tags(ada, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "#2026",
        "#1",
        "#",
        "##",
        "##heading",
        "a#b",
        "&#amp",
        "https://example.org/page#part",
        "https://example.org/#part",
        "https://example.org/?q=#part",
        "# word",
    ],
)
async def test_what_only_looks_like_a_tag_is_none(meet: Meet, text: str) -> None:
    (ada,) = await meet("ada")
    assert await tags(ada, text) == []


@pytest.mark.parametrize("written", ["Straße", "STRASSE", "strasse", "#straße"])
async def test_a_tag_is_found_however_it_is_written(meet: Meet, written: str) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("In our #Straße")
    assert post.name in await ada.tagged(written)


async def test_a_text_has_only_so_many_tags(meet: Meet) -> None:
    (ada,) = await meet("ada")
    assert len(await tags(ada, " ".join(f"#t{number}" for number in range(MOST_TAGS + 1)))) == MOST_TAGS


async def test_a_word_that_is_too_long_to_look_up_is_no_tag(meet: Meet) -> None:
    (ada,) = await meet("ada")
    chance = Random(1)
    endless = "#" + "".join(chance.choice("bcdfg") + chr(chance.randrange(0x300, 0x36F)) * 7 for _ in range(290))
    post = await ada.post(f"#{'x' * 100} #{'y' * 101} {endless}")
    assert list(post.tags) == [f"tags/{'x' * 100}"]
    assert await ada.tagged("x" * 100) == [post.name]
