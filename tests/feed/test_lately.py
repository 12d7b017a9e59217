"""What a process wrote a moment ago is not read again by what follows the log, unless the log tells more of it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from plein.chassis.v1.event_log_pb2 import Event
from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import BEGINNING
from chassis.testing import World
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.reactions.fan_out import FanOut
from services.feed.store import lately, posts
from services.feed.store.lately import Lately
from tests.feed.caller import Caller, Meet


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The posts that were read from PostgreSQL for the cache."""
    found: list[UUID] = []
    by_ids = posts.by_ids

    async def noting(tx: AsyncConnection, ids: Sequence[UUID]) -> list[Post]:
        found.extend(ids)
        return await by_ids(tx, ids)

    monkeypatch.setattr(posts, "by_ids", noting)
    return found


async def test_a_new_post_comes_home_without_being_read_again(meet: Meet, world: World, read: list[UUID]) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    await bob.home()
    name = (await ada.post("Zonder omweg")).name
    await world.caught_up()
    assert wire.post_id(name) not in read
    assert await bob.home_names() == [name]


async def test_a_post_that_changed_in_the_same_batch_is_read_as_it_is_now(
    meet: Meet, world: World, read: list[UUID]
) -> None:
    (ada,) = await meet("ada")
    name, events = await told_of_an_edited_post(world, ada)
    fan_out, id_ = FanOut(world.server.resources), wire.post_id(name)
    read.clear()
    await fan_out.gather(events[:1])
    assert id_ not in read
    await fan_out.gather(events)
    assert id_ in read


async def told_of_an_edited_post(world: World, ada: Caller) -> tuple[str, list[Event]]:
    post = await ada.post("Eerst")
    edited = feed_pb2.Post(name=post.name, text="Daarna", etag=post.etag)
    await ada.api.UpdatePost(feed_pb2.UpdatePostRequest(post=edited))
    await world.caught_up()
    events, _ = await world.server.resources.events.list_after(*BEGINNING, 500)
    return post.name, [event for event in events if event.aggregate == post.name]


async def test_a_post_is_remembered_for_a_moment(meet: Meet, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lately, "KEPT_SECONDS", 0.0)
    (ada,) = await meet("ada")
    remembering = Lately(world.server.resources)
    async with world.server.resources.database.snapshot() as tx:
        found = await posts.by_ids(tx, [wire.post_id((await ada.post()).name)])
    remembering.keep(found)
    assert list(remembering.among([post.id for post in found])) == [post.id for post in found]
    later = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, later.set)
    await later.wait()
    assert not remembering.among([post.id for post in found])
