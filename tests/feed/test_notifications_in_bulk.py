"""Much at once: what is written takes as few statements for a thousand people as for one, and is counted as fast."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from plein.chassis.v1.event_log_pb2 import Event
from plein.feed.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from chassis.events import append_many
from chassis.testing import Answers, World
from services.feed.reactions import Inbox
from services.feed.service import SERVICE
from services.feed.store import marks, notifications
from tests.conftest import Start
from tests.feed.caller import Caller, Meet
from tests.feed.reader import Reader

MANY = 200


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    """Feed without the writer of inboxes, which the tests run themselves."""
    others = [follows for follows in SERVICE.follows if follows is not Inbox]
    return await start(replace(SERVICE, follows=others), answers)


def statements(tx: AsyncConnection) -> list[str]:
    """What is asked of the database in a transaction from now on."""
    asked: list[str] = []

    def ask(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    sa.event.listen(tx.sync_connection, "before_cursor_execute", ask)
    return asked


async def told_in_one_batch(world: World, events: Sequence[Event]) -> list[str]:
    """Writes the inboxes as the follower does, and answers the statements that it took."""
    resources = world.server.resources
    inbox = Inbox(resources)
    await inbox.gather(events)
    async with resources.database.transaction() as tx:
        asked = statements(tx)
        for event in events:
            await inbox.react(tx, event)
    return asked


async def newcomers(world: World, count: int) -> list[UUID]:
    """People of whom identity told."""
    people = [uuid7() for _ in range(count)]
    tick = "WITH clock AS (UPDATE access.clocks SET ticks = ticks + 1 WHERE name = 'people' RETURNING ticks) "
    tick += "INSERT INTO access.people SELECT unnest(CAST(:people AS uuid[])), 1, '{}', true, 0, ticks FROM clock"
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.text(tick), {"people": people})
    return people


async def new_events(world: World, after: int, count: int) -> list[Event]:
    resources = world.server.resources
    async with resources.database.snapshot() as tx:
        chain = sa.text("SELECT chain FROM eventlog.events WHERE position = :position")
        found = (await tx.execute(chain, {"position": after})).scalar_one()
    return (await resources.events.list_after(after, found, count))[0]


async def position(world: World) -> int:
    async with world.server.resources.database.snapshot() as tx:
        return int((await tx.execute(sa.text("SELECT position FROM eventlog.head"))).scalar_one())


async def reacted(world: World, author: Caller, posts: Sequence[str], people: Sequence[UUID]) -> list[str]:
    """Everybody reacts to every post; the statements that it took to tell it."""
    before = await position(world)
    pairs = [(UUID(post[6:]), person) for post in posts for person in people]
    async with world.server.resources.database.transaction() as tx:
        await marks.add_reactions(tx, [(post, person, 1) for post, person in pairs], datetime.now(UTC))
        told = [events_pb2.PostReactedTo(post=f"posts/{post}", person=f"people/{person}") for post, person in pairs]
        await append_many(tx, [(event.post, number, event) for number, event in enumerate(told)])
    await world.caught_up()
    return await told_in_one_batch(world, await new_events(world, before, len(pairs)))


async def test_a_batch_takes_as_few_statements_for_many_as_for_one(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    post, other = await ada.post(), await ada.post()
    await world.caught_up()
    one = await reacted(world, ada, [post.name], await newcomers(world, 1))
    many = await reacted(world, ada, [other.name], await newcomers(world, MANY))
    assert len(many) == len(one)
    newest, _ = (await Reader(world, ada).page()).notifications
    assert (newest.person_count, newest.entry_count, len(newest.people)) == (MANY, MANY, 3)


async def test_a_post_that_mentions_many_takes_as_few_statements(meet: Meet, world: World) -> None:
    ada, bob, *others = await meet("ada", "bob", *(f"m{number}" for number in range(49)))
    before = await position(world)
    await ada.post("@bob")
    await ada.post("@bob " + " ".join(f"@m{number}" for number in range(49)))
    await world.caught_up()
    first, second = await new_events(world, before, 2)
    assert len(await told_in_one_batch(world, [first])) == len(await told_in_one_batch(world, [second]))
    assert (await Reader(world, bob).page()).unread_count == 2
    assert [(await Reader(world, other).page()).unread_count for other in others] == [1] * 49


async def test_unread_ones_are_counted_in_one_statement(meet: Meet, world: World) -> None:
    ada, *_ = await meet("ada")
    posts = [await ada.post() for _ in range(5)]
    await world.caught_up()
    await reacted(world, ada, [post.name for post in posts], await newcomers(world, 2))
    resources = world.server.resources
    async with resources.database.snapshot() as tx:
        asked = statements(tx)
        count = await notifications.unread_count(tx, resources.access.sight(ada.id))
    assert (count, len(asked)) == (5, 1)
