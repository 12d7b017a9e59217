"""Nobody reports everything."""

from asyncio import gather
from functools import partial

import pytest
from sqlalchemy import text

from chassis.testing import World
from services.moderation.service import SERVICE
from tests.conftest import Start
from tests.moderation.caller import Caller, Meet, patiently, refused
from tests.moderation.owners import Shelf


@pytest.fixture(scope="module")
async def world(start: Start, shelf: Shelf) -> World:
    return await start(SERVICE, shelf.answers, reports_an_hour=3, reports_a_day=5)


async def age(world: World, reporter: Caller, hours: int) -> None:
    """Lets what somebody reported be older."""
    change = "UPDATE reports SET create_time = create_time - make_interval(hours => :hours) WHERE reporter = :person"
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text(change), {"hours": hours, "person": reporter.id})


async def test_one_person_reports_so_much_in_an_hour_and_in_a_day(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    posts = [shelf.put(ada) for _ in range(8)]
    first = [await bob.report(post) for post in posts[:3]]
    told = await refused(bob.report(posts[3]))
    assert (told.code, told.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_REPORTS")
    assert await bob.report(posts[0]) == first[0]
    await eve.report(posts[3])
    await age(world, bob, 2)
    for post in posts[3:5]:
        await bob.report(post)
    assert (await refused(bob.report(posts[5]))).reason == "TOO_MANY_REPORTS"
    await age(world, bob, 24)
    await bob.report(posts[5])


async def test_many_at_once_are_no_more(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    posts = [shelf.put(ada) for _ in range(12)]
    answers = await gather(*(patiently(partial(bob.report, post)) for post in posts), return_exceptions=True)
    assert len([answer for answer in answers if not isinstance(answer, BaseException)]) == 3
    assert len(await bob.own_reports()) == 3
