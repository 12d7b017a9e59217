"""Articles come out at their time: once, after restarts too, and not for those who may not publish them any more."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from plein.blog.v1 import articles_pb2, events_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis.access import Access
from chassis.service import Server
from chassis.testing import Answers, World
from services.blog.jobs.schedule import Schedule
from services.blog.service import SERVICE
from tests.blog.caller import Caller, Meet, kinds_told, leave, new_group, refused, told
from tests.conftest import Start


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Asks until it holds."""
    async with asyncio.timeout(20):
        while not await holds():
            pass


async def is_out(reader: Caller, name: str) -> bool:
    return name in await reader.listed()


async def is_draft(author: Caller, name: str) -> bool:
    return (await author.read(name)).state == articles_pb2.ARTICLE_STATE_DRAFT


async def test_an_article_comes_out_at_its_time_as_its_draft_is_then(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    article = await ada.begin((await ada.begin_blog()).name)
    scheduled = await ada.schedule(article.name, 1)
    assert scheduled.state == articles_pb2.ARTICLE_STATE_SCHEDULED
    await ada.save(article.name, text="Later words for @bob")
    assert (await refused(bob.read(article.name))).code == "NOT_FOUND"
    await until(partial(is_out, bob, article.name))
    assert (await bob.read(article.name)).text == "Later words for @bob"
    [(kind, payload)] = await told(world, article.name)
    assert (kind, list(events_pb2.ArticlePublished.FromString(payload).mentioned)) == ("ArticlePublished", [bob.name])


async def test_a_time_can_be_changed_and_taken_away(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    article = await ada.begin((await ada.begin_blog()).name)
    assert (await refused(ada.schedule(article.name, -60))).reason == "TIME_OUT_OF_RANGE"
    assert (await refused(ada.schedule(article.name, 400 * 86400))).reason == "TIME_OUT_OF_RANGE"
    await ada.schedule(article.name, 0.5)
    await ada.schedule(article.name, 3600)
    await ada.articles.UnscheduleArticle(articles_pb2.UnscheduleArticleRequest(name=article.name))
    found = await ada.read(article.name)
    assert (found.state, found.HasField("schedule_time")) == (articles_pb2.ARTICLE_STATE_DRAFT, False)
    assert await kinds_told(world, article.name) == []
    out = await ada.write(article.blog)
    assert (await refused(ada.schedule(out.name, 60))).reason == "ALREADY_PUBLISHED"


@asynccontextmanager
async def another_process(world: World) -> AsyncIterator[World]:
    """The same service once more, with the same database."""
    server = Server(SERVICE, world.server.settings)
    await server.start()
    try:
        yield replace(world, server=server, _channels=[])
    finally:
        await server.stop()


async def test_of_two_processes_that_are_in_a_hurry_one_publishes(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    blog = (await ada.begin_blog()).name
    names = [(await ada.begin(blog, f"{number}")).name for number in range(6)]
    async with another_process(world) as other:
        await other.caught_up()
        hurrying = [Schedule(process.server.resources) for process in (world, other) for _ in range(4)]
        for name in names:
            await ada.schedule(name, 1)

        async def all_are_out() -> bool:
            await asyncio.gather(*(schedule.publish_due() for schedule in hurrying))
            return set(names) <= set(await ada.listed(parent=blog))

        await until(all_are_out)
    assert [await kinds_told(world, name) for name in names] == [["ArticlePublished"]] * 6


async def test_what_was_scheduled_before_a_restart_comes_out_after_it(start: Start, answers: Answers) -> None:
    before = await start(SERVICE, answers)
    ada = Caller(before, await before.person("ada"))
    article = await ada.begin((await ada.begin_blog()).name)
    await ada.schedule(article.name, 1)
    await ada.channel.close()
    await before.server.stop()
    async with another_process(before) as after:
        again = Caller(after, ada.person)
        await until(partial(is_out, again, article.name))
        assert await kinds_told(after, article.name) == ["ArticlePublished"]
        await again.channel.close()


@pytest.mark.parametrize("reason", ["role", "group", "mute", "departure of the author", "no words"])
async def test_who_lost_the_right_publishes_nothing(world: World, meet: Meet, reason: str) -> None:
    ada, ed, sam = await meet("ada", "ed", "sam")
    group = await new_group(world, ada, ed, sam)
    blog = (await ada.begin_blog(group=group)).name
    await ada.give_role(blog, ed, "EDITOR")
    await ada.give_role(blog, sam, "AUTHOR")
    article = await sam.begin(blog)
    await (ed if reason == "departure of the author" else sam).schedule(article.name, 1.5)
    match reason:
        case "role":
            await ada.take_role(blog, sam)
        case "group":
            await leave(world, group, sam)
        case "mute":
            muted = moderation_pb2.PersonMuted(person=sam.name)
            muted.until.FromDatetime(datetime.now(UTC) + timedelta(days=1))
            await world.tell(sam.name, muted, source="moderation")
        case "departure of the author":
            await world.access(sam.person, active=False)
        case "no words":
            await sam.save(article.name, "", "text")
    await until(partial(is_draft, ed, article.name))
    assert (await ed.read(article.name)).schedule_problem == ("NOTHING_TO_SAY" if reason == "no words" else "NO_RIGHT")
    assert await kinds_told(world, article.name) == ["ArticleNotPublished"]


async def test_nothing_comes_out_while_it_is_not_known_who_may_publish(start: Start, answers: Answers) -> None:
    world = await start(replace(SERVICE, background=[]), answers)
    ada = Caller(world, await world.person("ada"))
    article = await ada.begin((await ada.begin_blog()).name)
    due = (await ada.schedule(article.name, 0.2)).schedule_time.ToDatetime(tzinfo=UTC)
    resources = world.server.resources

    async def is_due() -> bool:
        await ada.read(article.name)
        return datetime.now(UTC) > due

    await until(is_due)
    await Schedule(replace(resources, access=Access())).publish_due()
    assert (await ada.read(article.name)).state == articles_pb2.ARTICLE_STATE_SCHEDULED
    await Schedule(resources).publish_due()
    assert await is_out(ada, article.name)
    await ada.channel.close()
