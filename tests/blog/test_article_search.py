"""Articles are found by what they say, by who may read them."""

from datetime import UTC, datetime, timedelta

import pytest
from plein.blog.v1 import discovery_pb2, discovery_pb2_grpc

from chassis.testing import World
from services.blog.domain.search import question
from services.blog.store import search
from tests.blog.caller import Caller, Meet, leave, new_group, refused, walked
from tests.blog.publishing import publish

ORDERS = ["newest", "best"]


def discovery(caller: Caller) -> "discovery_pb2_grpc.ArticleDiscoveryServiceAsyncStub":
    """The methods, over the caller's own channel."""
    return discovery_pb2_grpc.ArticleDiscoveryServiceStub(caller.channel)


async def hits(caller: Caller, query: str, order_by: str = "", size: int = 50) -> list[discovery_pb2.FoundArticle]:
    """All that is found, page by page."""
    request = discovery_pb2.SearchArticlesRequest(query=query, order_by=order_by, page_size=size)
    return await walked(discovery(caller).SearchArticles, request)


async def found(caller: Caller, query: str, order_by: str = "", size: int = 50) -> list[str]:
    return [hit.article.name for hit in await hits(caller, query, order_by, size)]


async def test_words_are_found_in_their_dutch_and_english_forms(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    blog = await ada.begin_blog()
    dutch = await publish(world, ada, blog.name, "Over vergaderingen", "Wij bouwden een steiger bij de cafés.")
    english = await publish(world, ada, blog.name, "On gatherings", "She was running a *resumé* service.")
    for query in ("vergadering", "steigers", "CAFE", "cafés"):
        assert await found(ada, query) == [dutch], query
    for query in ("gathering", "runs", "resume services"):
        assert await found(ada, query) == [english], query
    assert await found(ada, "steiger running") == []
    assert await found(ada, "vergadering -steiger") == []


async def test_what_was_asked_is_highlighted_in_title_and_text(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    blog = await ada.begin_blog()
    text = (
        f"{'Inleiding <b> & meer. ' * 40}\n\nDe **kabelwachter** draait; alle kabelwachters draaien. {'Slot. ' * 200}"
    )
    await publish(world, ada, blog.name, "Een kabelwachter", text)
    [hit] = await hits(ada, "kabelwachter")
    assert [hit.article.title[place.start : place.end] for place in hit.title_highlights] == ["kabelwachter"]
    shown = [hit.excerpt[place.start : place.end] for place in hit.excerpt_highlights]
    assert shown == ["kabelwachter", "kabelwachters"]
    assert len(hit.excerpt) <= 300
    assert "\n" not in hit.excerpt
    assert not hit.article.text
    assert not hit.article.html


async def test_an_article_that_is_found_by_its_title_shows_how_it_begins(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    blog = await ada.begin_blog()
    await publish(world, ada, blog.name, "Zonneweide", "Zo begint het.")
    [hit] = await hits(ada, "zonneweide")
    assert (hit.excerpt, list(hit.excerpt_highlights)) == ("Zo begint het.", [])


async def test_a_phrase_does_not_go_from_the_title_into_the_text(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    blog = await ada.begin_blog()
    article = await publish(world, ada, blog.name, "Het rode kwartier", "kwartet speelt vandaag")
    assert await found(ada, '"rode kwartier"') == [article]
    assert await found(ada, '"kwartet speelt"') == [article]
    assert await found(ada, '"kwartier kwartet"') == []


async def test_an_article_is_found_by_its_author_blog_group_tag_and_day(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada.lovelace", "bob.bouwer")
    group = await new_group(world, ada, bob)
    hers, his = await ada.begin_blog(), await bob.begin_blog(group=group)
    moment = datetime(2026, 3, 1, 22, 59, tzinfo=UTC)
    first = await publish(world, ada, hers.name, "Kroniek", "Over #Zonnepark", moment=moment)
    second = await publish(world, bob, his.name, "Kroniek", group=group, moment=moment + timedelta(minutes=1))
    assert await found(ada, "kroniek") == [second, first]
    assert await found(ada, "kroniek from:me") == await found(bob, "kroniek from:ada.lovelace") == [first]
    assert await found(ada, "kroniek -from:me") == [second]
    assert await found(bob, f"blog:{hers.name.removeprefix('blogs/')}") == [first]
    assert await found(bob, f"kroniek group:{group.removeprefix('groups/')}") == [second]
    assert await found(bob, "kroniek #zonnepark") == await found(bob, "tag:ZONNEPARK") == [first]
    assert await found(bob, "kroniek before:2026-03-02") == [first]
    assert await found(bob, "kroniek after:2026-03-02") == [second]
    assert await found(bob, "-kroniek") == await found(bob, "") == []


@pytest.mark.parametrize("query", ["after:yesterday", "group:golf", "blog:mine"])
async def test_what_means_nothing_is_said(meet: Meet, query: str) -> None:
    [ada] = await meet("ada")
    refusal = await refused(found(ada, query))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("query",))


async def test_the_best_have_the_words_in_their_title(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    blog = await ada.begin_blog()
    in_title = await publish(world, ada, blog.name, "Windmolens", "Over energie in het algemeen en nog zo wat.")
    in_text = await publish(world, ada, blog.name, "Energie", "Over windmolens in het algemeen en nog zo wat.")
    assert await found(ada, "windmolens") == [in_text, in_title]
    assert await found(ada, "windmolens", "best") == [in_title, in_text]


@pytest.mark.parametrize("order_by", ORDERS)
async def test_pages_hold_everything_once(world: World, meet: Meet, order_by: str) -> None:
    [ada] = await meet("ada")
    blog = await ada.begin_blog()
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    # Several at the same moment: the order still is one.
    names = [await publish(world, ada, blog.name, f"Bladzijde{order_by}", moment=moment) for _ in range(5)]
    listed = await found(ada, f"bladzijde{order_by}", order_by, size=2)
    assert sorted(listed) == sorted(names)
    assert listed == await found(ada, f"bladzijde{order_by}", order_by)


@pytest.mark.parametrize("order_by", ORDERS)
async def test_what_one_may_not_read_is_not_found(world: World, meet: Meet, order_by: str) -> None:
    [ned] = await meet("ned", segments=["network"])
    [ria] = await meet("ria", segments=["retail"])
    [xavi] = await meet("xavi", kind="EXTERNAL")
    group = await new_group(world, ned, xavi)
    word = f"geheimtaal{order_by}"
    open_blog, closed_blog = await ned.begin_blog(), await ned.begin_blog(group=group)
    everyone = await publish(world, ned, open_blog.name, word)
    staff = await publish(world, ned, open_blog.name, word, kinds=["EMPLOYEE"])
    inside = await publish(world, ned, closed_blog.name, word, group=group)
    await ned.begin(open_blog.name, word, word)
    assert sorted(await found(ned, word, order_by)) == [everyone, staff, inside]
    assert sorted(await found(ria, word, order_by)) == [everyone, staff]
    assert sorted(await found(xavi, word, order_by)) == [everyone, inside]
    await leave(world, group, xavi)
    assert await found(xavi, word, order_by) == [everyone]
    await world.bar(("network", "retail"))
    try:
        assert await found(ria, word, order_by) == []
    finally:
        await world.bar()


async def test_a_question_about_what_one_may_not_know_is_as_one_about_nothing(world: World, meet: Meet) -> None:
    [ned] = await meet("ned.secret", segments=["network"])
    [ria] = await meet("ria.asks", segments=["retail"])
    group = await new_group(world, ned)
    blog = await ned.begin_blog(group=group)
    await publish(world, ned, blog.name, "Meetrapport", group=group)
    await world.bar(("network", "retail"))
    try:
        nothing = discovery_pb2.SearchArticlesResponse()
        unknown = "01993e54-0000-7000-8000-000000000000"
        for asked in (
            "from:ned.secret",
            "from:nobody.at.all",
            f"group:{group}",
            f"blog:{blog.name}",
            f"blog:{unknown}",
        ):
            for query in (asked, f"meetrapport {asked}", f"meetrapport -{asked}"):
                request = discovery_pb2.SearchArticlesRequest(query=query.replace("groups/", ""))
                assert await discovery(ria).SearchArticles(request) == nothing
    finally:
        await world.bar()


async def test_what_is_not_known_is_not_even_looked_for(world: World, meet: Meet) -> None:
    [ned] = await meet("ned", segments=["network"])
    [ria] = await meet("ria", segments=["retail"])
    group = await new_group(world, ned)
    blog = await ned.begin_blog(group=group)
    asked = question(f"from:ned {group.replace('groups/', 'group:')} {blog.name.replace('blogs/', 'blog:')}", UTC)
    resources = world.server.resources
    await world.bar(("network", "retail"))
    try:
        queries = []
        for caller in (ned, ria):
            sight = resources.access.sight(caller.id)
            async with resources.database.snapshot() as tx:
                seen = await search.visible_blog_ids(tx, sight, asked)
            queries.append(search.sought(asked, {}, sight, {"ned": ned.id}, seen).query)
        ids = (name.partition("/")[2] for name in (ned.name, group, blog.name))
        assert queries == [
            " & ".join(f"'{sign}{id_}'" for sign, id_ in zip("@%+", ids, strict=True)),
            "'@' & '@' & '@'",
        ]
    finally:
        await world.bar()
