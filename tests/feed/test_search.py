"""Finding posts by what is in them."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from plein.feed.v1 import discovery_pb2
from sqlalchemy import text

from chassis.testing import World
from services.feed.store import search
from tests.feed.caller import Caller, Meet, refused
from tests.feed.importing import bring_in_posts, imported
from tests.feed.searching import discovery, found, highlighted, hits
from tests.feed.writing import edit, id_of, poll, reshare, write


async def test_a_post_has_to_have_all_words(meet: Meet) -> None:
    (ada,) = await meet("ada")
    both = await ada.post("Een zwaluw maakt nog geen zomerdienst")
    await ada.post("Een zwaluw in de stalling")
    assert await found(ada, "zwaluw zomerdienst") == [both.name]
    assert await found(ada, "zomerdienst   ZWALUW!") == [both.name]
    assert await found(ada, "zwaluw winterdienst") == []


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Drie vergaderzalen zijn vrij", "vergaderzaal"),
        ("De vergaderingenreeks begint", "vergaderingenreeksen"),
        ("Two workshops tomorrow", "workshop"),
        ("We are connecting turbines", "connected turbine"),
        ("Nieuwe cafés aan het plein", "cafe"),
        ("Nieuwe cafés langs de Maas", "café maas"),
        ("Een crème brûlée voor Zoë", "creme brulee zoe"),
        ("Lees example.org/jaarverslag", "jaarverslag"),
        ("Een e-mailadres per persoon", "e-mailadres"),
        ("Straße gesperrt", "strasse"),
    ],
)
async def test_forms_and_accents_do_not_matter(meet: Meet, written: str, typed: str) -> None:
    (ada,) = await meet("ada")
    post = await ada.post(written)
    assert post.name in await found(ada, typed)


async def test_words_that_every_text_has_do_not_matter_unless_they_are_all(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("Kroketten met mosterd")
    assert await found(ada, "de kroketten") == [post.name]
    assert await found(ada, "the kroketten") == [post.name]
    song = await ada.post("To be or not to be")
    assert await found(ada, "to be from:me") == [song.name]


async def test_a_phrase_is_found_as_it_stands(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("De kop van jut staat op de markt")
    await ada.post("Jut van de kop, en een markt")
    assert await found(ada, '"kop van jut"') == [post.name]
    assert await found(ada, '"Kop van Jut" markt') == [post.name]
    assert await found(ada, '"kop van jut') == [post.name], "somebody is still typing"
    assert await found(ada, '"koppen van jut"') == []


async def test_what_is_not_wanted_is_left_out(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    plain, other = await ada.post("Pannenkoek met stroop"), await bob.post("Pannenkoek met spek #zondag")
    assert await found(ada, "pannenkoek") == [other.name, plain.name]
    assert await found(ada, "pannenkoek -spek") == [plain.name]
    assert await found(ada, 'pannenkoek -"met stroop"') == [other.name]
    assert await found(ada, "pannenkoek -#zondag") == [plain.name]
    assert await found(ada, f"pannenkoek -from:{bob.person.handle}") == [plain.name]
    assert await found(ada, "pannenkoek -from:nobody.at.all") == [other.name, plain.name]
    assert await found(ada, "-spek") == []


async def test_one_finds_by_author_tag_and_link(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    from_ada = await ada.post("Rooster https://example.org/rooster #Planning")
    from_bob = await bob.post("Rooster #planning #week-12")
    assert await found(ada, f"rooster from:{bob.person.handle}") == [from_bob.name]
    assert await found(ada, f"FROM:@{bob.person.handle.upper()} rooster") == [from_bob.name]
    assert await found(bob, "rooster from:me") == [from_bob.name]
    assert await found(ada, "rooster tag:PLANNING") == [from_bob.name, from_ada.name]
    assert await found(ada, "#planning #week-12") == [from_bob.name]
    assert await found(ada, "rooster has:link") == [from_ada.name]
    assert await found(ada, "rooster from:nobody") == []
    assert await found(ada, f"rooster from:{'x' * 100}") == []


async def test_replies_are_found_and_deleted_posts_are_not(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("Wie heeft een trekhaak?")
    reply = await bob.post("Ik heb een trekhaak", reply_to=post.name)
    assert await found(ada, "trekhaak") == [reply.name, post.name]
    await bob.delete(reply.name)
    await ada.delete(post.name)
    assert await found(ada, "trekhaak") == []


async def test_what_has_an_image_or_a_poll_is_found_by_that(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    asked, image, _ = await write(ada, "Giraf?", poll=poll()), await ada.post("Giraf b"), await ada.post("Giraf c")
    async with world.server.resources.database.transaction() as tx:
        images = f'[["{uuid4()}", "", 1, 1]]'
        changed = "UPDATE posts SET images = CAST(:images AS jsonb) WHERE id = :id"
        await tx.execute(text(changed), {"images": images, "id": id_of(image.name)})
    assert await found(ada, "giraf has:image") == [image.name]
    assert await found(ada, "giraf has:poll") == [asked.name]


async def test_a_changed_text_is_found_by_its_new_words_alone(meet: Meet) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("Een okapi in de tuin #dierentuin")
    await edit(ada, post.name, "text", text="Een tapir in de tuin #safari")
    assert await found(ada, "okapi") == await found(ada, "#dierentuin tuin") == []
    assert await found(ada, "tapir") == await found(ada, "#safari tuin") == [post.name]


async def test_a_reshare_is_found_by_what_it_says_itself(meet: Meet) -> None:
    ada, bob, cem = await meet("ada", "bob", "cem")
    post = await ada.post("Nijlpaard")
    await reshare(bob, post.name)
    comment = await reshare(cem, post.name, "Neushoorn")
    assert await found(ada, "nijlpaard") == [post.name]
    (hit,) = await hits(ada, "neushoorn")
    assert (hit.post.name, hit.post.original.name) == (comment.name, post.name)
    assert await found(ada, f"from:{bob.person.handle}") == []


async def test_days_begin_where_the_organisation_is(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    # In Amsterdam it is an hour later.
    await brought_in(world, ada, (datetime(2025, 1, 30, 22, 59, tzinfo=UTC), "Dagbegin laat"))
    await brought_in(world, ada, (datetime(2025, 1, 30, 23, 1, tzinfo=UTC), "Dagbegin vroeg"))
    assert await texts(ada, "dagbegin after:2025-01-31") == ["Dagbegin vroeg"]
    assert await texts(ada, "dagbegin before:2025-01-31") == ["Dagbegin laat"]
    assert await texts(ada, "dagbegin after:2025-01-30 before:2025-01-31") == ["Dagbegin laat"]
    assert await texts(ada, "after:2025-01-31 before:2025-02-01 from:me") == ["Dagbegin vroeg"]
    assert await texts(ada, "after:2025-01-30 before:2025-02-01") == ["Dagbegin vroeg", "Dagbegin laat"]
    assert await texts(ada, "dagbegin after:0001-01-01 before:9999-12-31") == ["Dagbegin vroeg", "Dagbegin laat"]
    assert await texts(ada, "dagbegin before:1969-07-20") == []


async def brought_in(world: World, author: Caller, *written: tuple[datetime, str]) -> None:
    await bring_in_posts(world, [imported(author, str(uuid4()), moment, said) for moment, said in written])


async def texts(caller: Caller, query: str) -> list[str]:
    return [hit.post.text for hit in await hits(caller, query)]


@pytest.mark.parametrize(
    "query",
    [
        "koffie after:yesterday",
        "before:2026-02-30",
        "after:2026-1-1",
        "has:nothing",
        "group:ours",
        "-has:x",
        "before:٢٠٢٦-٠١-٠١",
    ],
)
async def test_an_operator_whose_value_means_nothing_is_told(meet: Meet, query: str) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(discovery(ada).SearchPosts(discovery_pb2.SearchPostsRequest(query=query)))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("query",))


@pytest.mark.parametrize(
    "query",
    [
        "'",
        "\\",
        "a' & 'b",
        "!!!",
        "from:",
        "tag:#",
        '""',
        "-",
        "--",
        "( | )",
        "a:*",
        "<->",
        "#\\'",
        "tag:'\\",
        "½",
        "²",
        '"²"',
        "٣ ⅷ ª ㎞ 日本語 ก็",
        "https://x.nl/?a=b&c",
        "  ",
    ],
)
async def test_odd_questions_are_answered(meet: Meet, query: str) -> None:
    (ada,) = await meet("ada")
    for order_by in ("newest", "best"):
        await found(ada, query, order_by)


async def test_highlights_are_the_places_of_what_was_asked(meet: Meet) -> None:
    (ada,) = await meet("ada")
    await ada.post("👩‍🚀 Ruimtevaarders! De ruimtevaarder van het jaar is een Ruimtevaarder uit Curaçao 🇨🇼")
    assert await highlighted(ada, "ruimtevaarder curacao") == [
        ["Ruimtevaarders", "ruimtevaarder", "Ruimtevaarder", "Curaçao"]
    ]
    assert await highlighted(ada, '"van het jaar" ruimtevaarder -spek') == [
        ["Ruimtevaarders", "ruimtevaarder", "van het jaar", "Ruimtevaarder"]
    ]
    assert await highlighted(ada, "ruimtevaarder") == await highlighted(ada, "de ruimtevaarder")
    assert await highlighted(ada, "from:me") == [[]]


async def test_best_first_is_what_has_the_words_as_they_were_typed(meet: Meet) -> None:
    (ada,) = await meet("ada")
    exact = await ada.post("Stroomstoring")
    often = await ada.post("Stroomstoring, stroomstoring, stroomstoring")
    stem = await ada.post("Over stroomstoringen in het algemeen gesproken")
    assert await found(ada, "stroomstoring") == [stem.name, often.name, exact.name]
    best = await found(ada, "stroomstoring", "best")
    assert best == [often.name, exact.name, stem.name]
    assert await found(ada, "stroomstoring", "best", size=1) == best


async def test_pages_neither_skip_nor_repeat_while_people_write(meet: Meet) -> None:
    (ada,) = await meet("ada")
    written = [(await ada.post(f"Regenboog {number}")).name for number in range(5)]
    for order_by in ("newest", "best"):
        request = discovery_pb2.SearchPostsRequest(query="regenboog", order_by=order_by, page_size=2)
        first = await discovery(ada).SearchPosts(request)
        late = await ada.post("Regenboog")
        request.page_token = first.next_page_token
        request.page_size = 100
        rest = await discovery(ada).SearchPosts(request)
        assert [hit.post.name for hit in [*first.found, *rest.found]] == written[::-1]
        assert not rest.next_page_token
        await ada.delete(late.name)


@pytest.mark.parametrize("first_posts", [1, 3, 4000])
async def test_posts_of_many_years_are_found_in_their_order(
    meet: Meet, world: World, monkeypatch: pytest.MonkeyPatch, first_posts: int
) -> None:
    monkeypatch.setattr(search, "FIRST_POSTS", first_posts)
    (ada,) = await meet("ada")
    years = [(year, month) for year in (1971, 2003, 2019, 2024) for month in range(1, 13)]
    moments = [datetime(year, month, 3, tzinfo=UTC) for year, month in years]
    moments += [datetime(2025, 3, 3, hour, tzinfo=UTC) for hour in range(24)]
    word = f"jubileum{first_posts}"
    await brought_in(world, ada, *((moment, f"{word} {number}") for number, moment in enumerate(moments)))
    expected = [f"{word} {number}" for number in reversed(range(len(moments)))]
    for query in (word, f"{word} after:1970-01-02 before:2026-01-01", f"from:me {word} -spek"):
        assert [hit.post.text for hit in await hits(ada, query, size=7)] == expected
        assert sorted(hit.post.text for hit in await hits(ada, query, "best", size=7)) == sorted(expected)
    assert await texts(ada, f"{word} after:2003-02-03 before:2003-04-03") == [f"{word} 14", f"{word} 13"]
