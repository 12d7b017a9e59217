"""What mail, push and live streams read of inboxes."""

from collections.abc import Callable

import pytest

from chassis.testing import World
from services.feed.domain.notifications import Kind
from services.feed.store import notifications
from services.feed.store.notifications import Unpushed
from tests.feed.caller import Caller, Meet
from tests.feed.reader import Reader

Of = Callable[[Caller], Reader]


@pytest.fixture
def of(world: World) -> Of:
    return lambda caller: Reader(world, caller)


async def sent(world: World, reader: Caller, position: int, *kinds: Kind) -> list[tuple[Kind, int, tuple[str, ...]]]:
    """Kind, count and people of what is unread and came after a position."""
    resources = world.server.resources
    async with resources.database.snapshot() as tx:
        found = await notifications.since(tx, resources.access.sight(reader.id), position, 100, kinds=kinds)
    return [(item.kind, item.entry_count, tuple(f"people/{person}" for person in item.people)) for item in found]


async def changes(world: World, *people: Caller) -> list[int]:
    await world.caught_up()
    async with world.server.resources.database.snapshot() as tx:
        found = await notifications.changed(tx, [person.id for person in people])
    return [found.get(person.id, 0) for person in people]


async def test_only_what_is_new_and_unread_is_sent(meet: Meet, world: World, of: Of) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    post = await ada.post()
    await bob.react(post.name)
    (first,) = await of(ada).inbox()
    await cleo.react(post.name)
    await bob.post("@ada")
    await world.caught_up()
    everything = [(Kind.MENTION, 1, (bob.name,)), (Kind.REACTION, 2, (cleo.name, bob.name))]
    assert await sent(world, ada, 0) == everything
    assert await sent(world, ada, 0, Kind.REACTION) == everything[1:]
    assert await sent(world, ada, first.position) == [everything[0], (Kind.REACTION, 1, (cleo.name,))]
    newest = await of(ada).inbox()
    assert await sent(world, ada, newest[0].position) == []
    await of(ada).read(newest[0].position)
    assert await sent(world, ada, 0) == []
    async with world.server.resources.database.snapshot() as tx:
        assert await notifications.newest_position(tx, ada.id) == newest[0].position


async def test_what_is_to_be_pushed_is_handed_out_until_it_is_kept(meet: Meet, world: World, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    database = world.server.resources.database
    async with database.transaction() as tx:
        await notifications.keep_pushed(
            tx, [waiting.recipient for waiting in await notifications.unsent_for_push(tx, 99)]
        )
    await bob.post("@ada")
    (told,) = await of(ada).inbox()
    for _ in range(2):
        async with database.transaction() as tx:
            assert await notifications.unsent_for_push(tx, 10) == [Unpushed(ada.id, 0, told.position)]
            async with database.transaction() as other:
                assert await notifications.unsent_for_push(other, 10) == [], "another process leaves it to the first"
    async with database.transaction() as tx:
        await notifications.keep_pushed(tx, [ada.id])
        assert await notifications.unsent_for_push(tx, 10) == []
    await bob.post("@ada")
    (newest, _) = await of(ada).inbox()
    async with database.transaction() as tx:
        assert await notifications.unsent_for_push(tx, 10) == [Unpushed(ada.id, told.position, newest.position)]


async def test_whoever_polls_notices_what_changed_in_an_inbox(meet: Meet, world: World, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    seen = [await changes(world, ada, bob)]
    await bob.react(post.name)
    seen.append(await changes(world, ada, bob))
    await of(ada).read((await of(ada).inbox())[0].position)
    seen.append(await changes(world, ada, bob))
    await bob.take_back(post.name)
    seen.append(await changes(world, ada, bob))
    assert [mine for mine, _ in seen] == sorted({mine for mine, _ in seen})
    assert {others for _, others in seen} == {0}
