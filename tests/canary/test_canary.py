"""Nobody is told what is not for them, by whatever they ask; and who may know it finds it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest

from tests.canary.cast import EVERYBODY, STRANGER, Cast, stage
from tests.canary.crawl import Api, Canary, Crawler, api
from tests.canary.scenes import SCENES, clear_away, set_apart
from tests.shape.source import ROOT


@pytest.fixture(scope="module")
async def crawled() -> AsyncIterator[tuple[list[Canary], list[Crawler]]]:
    with stage() as cast:
        await set_apart(cast)
        canaries = [canary for scene in SCENES for canary in scene(cast)]
        await clear_away(cast)
        yield canaries, await _crawled(cast, canaries)


def test_nobody_is_told_what_is_not_for_them(crawled: tuple[list[Canary], list[Crawler]]) -> None:
    _, crawlers = crawled
    leaks = {(leak.viewer, leak.canary, leak.asked): leak for crawler in crawlers for leak in crawler.leaks}
    assert not leaks, f"{len(leaks)} leaks:\n" + "\n".join(map(str, list(leaks.values())[:40]))


def test_each_canary_is_found_by_somebody_who_may_see_it(crawled: tuple[list[Canary], list[Crawler]]) -> None:
    canaries, crawlers = crawled
    found = {word for crawler in crawlers for word in crawler.found}
    assert [canary.word for canary in canaries if canary.seen_by and canary.word not in found] == []


def test_every_method_was_asked(crawled: tuple[list[Canary], list[Crawler]]) -> None:
    asked = sum((Counter(crawler.asked) for crawler in crawled[1]), Counter[str]())
    reachable = api(ROOT / "gen" / "api.binpb").readers
    print(f"\n{sum(asked.values())} questions by {len(crawled[1])} viewers to {len(reachable)} methods")
    assert [method.path for method in reachable if not asked[method.path]] == []


async def _crawled(cast: Cast, canaries: Sequence[Canary]) -> list[Crawler]:
    asked: Api = api(ROOT / "gen" / "api.binpb")
    names = [*(name for canary in canaries for name in canary.names), *cast.names.values()]
    crawlers = []
    for place, viewer in enumerate(sorted({*EVERYBODY, STRANGER})):
        http = cast.crawling(viewer, f"127.0.1.{place + 1}")
        crawlers.append(Crawler(viewer, http, partial(cast.renew, viewer), asked, canaries))

    async def one(crawler: Crawler) -> None:
        async with crawler.http:
            await crawler.crawl(names)
            await crawler.oracles()

    await asyncio.gather(*map(one, crawlers))
    return crawlers
