"""Those who listen hear at once how many of their notifications are unread."""

import pytest
from sqlalchemy import text

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Meet, refusal
from tests.feed.listening import Listener, listening
from tests.feed.reader import Reader


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    return await start(SERVICE, answers, live_heartbeat_seconds=0.5)


async def test_a_notification_is_told_within_two_seconds_and_so_is_reading_it(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    async with listening(ada, notifications=True) as listener:
        assert (listener.heard[0].unread_count, listener.heard[0].changed) == (0, False)
        await bob.post("@ada")
        assert (await listener.unread(1, seconds=2)).changed
        assert not (await listener.next()).changed
        await Reader(world, ada).read((await Reader(world, ada).page()).notifications[0].position)
        await listener.unread(0)


async def test_what_one_may_not_see_is_not_counted(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada", segments=["trade"])
    (bob,) = await meet("bob", segments=["grid"])
    (cleo,) = await meet("cleo")
    await bob.post("@ada, before the barrier")
    async with listening(ada, notifications=True) as listener:
        await listener.unread(1)
        await world.bar(("trade", "grid"))
        await cleo.react((await ada.post()).name)
        await world.caught_up()
        assert (await listener.until(lambda told: told.changed)).unread_count == 1
        await cleo.follow(ada)
        await listener.unread(2)
    await world.bar()


async def test_who_comes_back_is_told_the_present_count_and_whether_it_is_news(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    async with listening(ada, notifications=True) as listener:
        await bob.post("@ada")
        cursor = (await listener.unread(1)).cursor
    async with listening(ada, cursor, notifications=True) as again:
        assert (again.heard[0].unread_count, again.heard[0].changed) == (1, False)
    await bob.follow(ada)
    await world.caught_up()
    async with listening(ada, cursor, notifications=True) as again:
        assert (again.heard[0].unread_count, again.heard[0].changed) == (2, True)


async def test_an_inbox_that_was_restored_has_to_be_read_anew(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.post("@ada")
    await world.caught_up()
    async with listening(ada, notifications=True) as listener:
        pass
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text("UPDATE inboxes SET changed = 0 WHERE recipient = :ada"), {"ada": ada.id})
    async with listening(ada, listener.heard[0].cursor, notifications=True) as again:
        assert again.heard[0].read_anew


async def test_it_ends_when_the_session_does(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    async with listening(ada, notifications=True) as listener:
        await world.access(ada.person, active=False)
        assert await listener.ended() == "SESSION_ENDED"


async def test_a_cursor_of_the_other_stream_is_refused(meet: Meet) -> None:
    (ada,) = await meet("ada")
    async with listening(ada) as home:
        pass
    error = await Listener(ada, home.heard[0].cursor, notifications=True).refused()
    assert refusal(error).reason == "BAD_CURSOR"
