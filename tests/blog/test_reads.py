"""How often articles are read is a number, and nothing else."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from plein.blog.v1 import discovery_pb2, discovery_pb2_grpc

from chassis.cache import Cache
from chassis.testing import World
from services.blog.domain.reads import day_of, end_of, mark, told
from services.blog.store import reads
from tests.blog.caller import UNKNOWN_ARTICLE, Caller, Meet, refused
from tests.blog.publishing import publish


def api(caller: Caller) -> "discovery_pb2_grpc.ArticleDiscoveryServiceAsyncStub":
    """The methods, over the caller's own channel."""
    return discovery_pb2_grpc.ArticleDiscoveryServiceStub(caller.channel)


async def see(caller: Caller, article: str) -> None:
    await api(caller).CountRead(discovery_pb2.CountReadRequest(name=article))


async def counts(caller: Caller, *articles: str) -> list[tuple[str, int]]:
    answer = await api(caller).BatchGetReadCounts(discovery_pb2.BatchGetReadCountsRequest(names=articles))
    return [(found.article, found.count) for found in answer.read_counts]


async def kept(world: World, article: str) -> int:
    """The number that is kept, which nobody is told."""
    query = sa.text("SELECT reads FROM article_reads WHERE 'articles/' || article = :article")
    async with world.server.resources.database.snapshot() as tx:
        return int((await tx.execute(query, {"article": article})).scalar() or 0)


async def test_a_person_counts_once_a_day_and_authors_do_not(world: World, meet: Meet) -> None:
    ada, bob, cem = await meet("ada", "bob", "cem")
    blog = await ada.begin_blog()
    one, other = [await publish(world, ada, blog.name) for _ in range(2)]
    await asyncio.gather(*(see(reader, one) for reader in (ada, bob, bob, bob, cem)))
    await see(bob, other)
    assert (await kept(world, one), await kept(world, other)) == (2, 1)


async def test_numbers_are_told_in_tens(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    readers = await meet(*(f"reader{number}" for number in range(12)))
    article = await publish(world, ada, (await ada.begin_blog()).name)
    for reader in readers[:9]:
        await see(reader, article)
    assert await counts(ada, article) == [(article, 0)]
    for reader in readers[9:]:
        await see(reader, article)
    assert await counts(readers[0], article) == [(article, 10)]


async def test_what_somebody_may_not_read_has_no_number(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    [ext] = await meet("ext", kind="EXTERNAL")
    blog = await ada.begin_blog()
    staff, everyone = await publish(world, ada, blog.name, kinds=["EMPLOYEE"]), await publish(world, ada, blog.name)
    assert await counts(ext, staff, everyone, "articles/none", UNKNOWN_ARTICLE) == [(everyone, 0)]
    of_staff, of_nothing = [(await refused(see(ext, name))).without(name) for name in (staff, UNKNOWN_ARTICLE)]
    assert of_staff == of_nothing
    assert await kept(world, staff) == 0


async def test_who_has_the_database_cannot_tell_who_read(world: World, meet: Meet) -> None:
    """It has marks of days, made with a key that is in the cache alone and gone when the day is."""
    ada, bob = await meet("ada", "bob")
    article = await publish(world, ada, (await ada.begin_blog()).name)
    await see(bob, article)
    resources = world.server.resources
    async with resources.database.snapshot() as tx:
        rows = (await tx.execute(sa.text("SELECT * FROM read_marks"))).mappings().all()
    [day] = {row["day"] for row in rows}
    key = await resources.cache.call(b"GET", f"blog:reads:{day}")
    known = mark(key, UUID(article.removeprefix("articles/")), bob.id)
    assert [set(row) for row in rows] == [{"day", "mark"}] * len(rows)
    assert known in [row["mark"] for row in rows]
    assert 0 < await resources.cache.call(b"TTL", f"blog:reads:{day}") <= 25 * 3600


async def test_the_marks_of_a_day_go_with_the_day(world: World) -> None:
    database, today = world.server.resources.database, date(2026, 3, 2)
    async with database.transaction() as tx:
        for day in (today - timedelta(days=1), today):
            await tx.execute(sa.text("INSERT INTO read_marks VALUES (:day, 'x')"), {"day": day})
        await reads.forget_before(tx, today)
        left = (await tx.execute(sa.text("SELECT day FROM read_marks WHERE mark = 'x'"))).scalars().all()
        assert left == [today]
        await tx.rollback()


async def test_processes_share_the_key_of_a_day_and_each_day_has_another(world: World) -> None:
    one, other = reads.DayKeys(world.server.resources), reads.DayKeys(world.server.resources)
    zone, day = ZoneInfo("Europe/Amsterdam"), date(2099, 3, 2)
    keys = [await which.key(day, end_of(day, zone)) for which in (one, other, one)]
    assert len(set(keys)) == 1
    tomorrow = day + timedelta(days=1)
    assert await one.key(tomorrow, end_of(tomorrow, zone)) not in keys


async def test_without_a_cache_a_process_goes_on_with_a_key_of_its_own(world: World) -> None:
    nowhere = replace(world.server.resources, cache=Cache("redis://127.0.0.1:1"))
    keys, day = reads.DayKeys(nowhere), date(2099, 4, 2)
    first, again = [await keys.key(day, end_of(day, ZoneInfo("UTC"))) for _ in range(2)]
    assert len(first) == 32
    assert first == again


def test_a_mark_needs_article_person_and_key() -> None:
    one, other = UUID(int=1), UUID(int=2)
    marks = {mark(key, *ids) for key in (b"a", b"b") for ids in ((one, other), (other, one), (one, one))}
    assert len(marks) == 6


def test_a_day_is_the_organisations() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    assert day_of(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), zone) == date(2026, 3, 29)
    assert end_of(date(2026, 3, 29), zone) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert [told(count) for count in (0, 9, 10, 19, 20)] == [0, 0, 10, 10, 20]
