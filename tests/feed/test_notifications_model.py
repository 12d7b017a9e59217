"""Whatever happens to those who write the inboxes: each thing is told exactly once, to whom a model says."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
import sqlalchemy as sa
from plein.feed.v1 import feed_pb2

from chassis.events import Follower, LocalSource
from chassis.testing import Answers, World
from services.feed.domain.notifications import Kind
from services.feed.domain.telling import follow_cause, reaction_cause
from services.feed.reactions import Inbox
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, patiently
from tests.feed.reader import Reader

HANDLES = ["ada", "bob", "cleo", "dirk", "eva"]
STEPS = 20
Told = tuple[UUID, int, UUID]


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    """Feed without the writer of inboxes, which the tests run and kill themselves."""
    others = [follows for follows in SERVICE.follows if follows is not Inbox]
    return await start(replace(SERVICE, follows=others), answers)


@dataclass
class Model:
    """What happened, and whom it has to be told."""

    callers: dict[str, Caller]
    posts: dict[str, feed_pb2.Post] = field(default_factory=dict)
    told: Counter[Told] = field(default_factory=Counter)
    gone: set[str] = field(default_factory=set)

    def written(self, author: Caller, post: feed_pb2.Post) -> None:
        """Everybody is told for the first reason that there is."""
        thread = [above for above in self.posts.values() if above.root == post.root]
        reasons = [(Kind.REPLY, above.author) for above in thread if above.name == post.reply_to]
        reasons += [(Kind.MENTION, mention.person) for mention in post.mentions]
        reasons += [(Kind.REPLY_IN_OWN_THREAD, above.author) for above in thread if not above.reply_to]
        reasons += [(Kind.REPLY_IN_JOINED_THREAD, above.author) for above in thread if above.reply_to]
        first: dict[str, Kind] = {}
        for kind, person in reasons:
            first.setdefault(person, kind)
        first.pop(author.name, None)
        self.told.update((id_of(person), kind, id_of(post.name)) for person, kind in first.items())
        self.posts[post.name] = post

    def deleted(self, post: feed_pb2.Post) -> None:
        """What was said of it and in it is gone; the replies under it stay."""
        self.gone.add(post.name)
        causes = {id_of(post.name), *(reaction_cause(id_of(post.name), caller.id) for caller in self.callers.values())}
        self.told = Counter(told for told in +self.told if told[2] not in causes)

    def standing(self, told: Told, stands: bool) -> None:
        self.told[told] = int(stands)


async def test_each_thing_is_told_exactly_once_however_often_the_writer_dies(meet: Meet, world: World) -> None:
    callers = {caller.person.handle: caller for caller in await meet(*HANDLES)}
    model, chance = Model(callers), random.Random(9)
    async with dying_again_and_again(world, chance):
        for _ in range(STEPS):
            for caller in callers.values():
                await step(world, model, caller, chance)
        async with asyncio.timeout(20):
            while not await entries(world):
                pass  # Those who die have to have done something, however busy the machine is.
    async with writing(world) as follower:
        await follower.caught_up(20)
    assert Counter(await entries(world)) == +model.told
    assert await disorder(world) == []
    for caller in callers.values():
        mine = [told for told in +model.told if told[0] == caller.id]
        found = (await Reader(world, caller).page()).notifications
        assert sum(notification.entry_count for notification in found) == len(mine)
        await Reader(world, caller).unread()


async def step(world: World, model: Model, caller: Caller, chance: random.Random) -> None:
    """One person does something."""
    standing = [post for post in model.posts.values() if post.name not in model.gone]
    match chance.randrange(8):
        case 0 | 1:
            text = "Hi @" + chance.choice(HANDLES) if chance.random() < 0.5 else "Hi"
            model.written(caller, await patiently(lambda: caller.post(text)))
        case 2 | 3 if standing:
            above, text = chance.choice(standing), "Yes @" + chance.choice(HANDLES)
            model.written(caller, await patiently(lambda: caller.post(text, reply_to=above.name)))
        case 4 | 5 if standing:
            reacted = [post for post in standing if model.told[reaction_to(post, caller)]]
            await react(model, caller, chance.choice(reacted or standing), stands=not reacted)
        case 6:
            await follow(model, caller, model.callers[chance.choice(HANDLES)], stands=chance.random() < 0.6)
        case 7 if chance.random() < 0.3:
            await delete(model, caller, next((post for post in standing if is_own_root(post, caller)), None))
        case _:
            await patiently(lambda: Reader(world, caller).read(chance.randrange(50)))


def is_own_root(post: feed_pb2.Post, caller: Caller) -> bool:
    return post.author == caller.name and not post.reply_to


async def delete(model: Model, caller: Caller, post: feed_pb2.Post | None) -> None:
    if post is not None:
        await patiently(lambda: caller.delete(post.name))
        model.deleted(post)


async def react(model: Model, caller: Caller, post: feed_pb2.Post, *, stands: bool) -> None:
    await patiently(lambda: caller.react(post.name) if stands else caller.take_back(post.name))
    if post.author != caller.name:
        model.standing(reaction_to(post, caller), stands)


def reaction_to(post: feed_pb2.Post, caller: Caller) -> Told:
    return id_of(post.author), Kind.REACTION, reaction_cause(id_of(post.name), caller.id)


async def follow(model: Model, caller: Caller, other: Caller, *, stands: bool) -> None:
    if other is not caller:
        await patiently(lambda: caller.follow(other) if stands else caller.unfollow(other))
        model.standing((other.id, Kind.FOLLOWER, follow_cause(caller.id, other.id)), stands)


@asynccontextmanager
async def dying_again_and_again(world: World, chance: random.Random) -> AsyncIterator[None]:
    """Writers, two at a time, each cancelled after a moment, wherever it is by then; a few live longer."""

    async def life() -> None:
        while True:
            following = asyncio.create_task(follower_of(world, batch=chance.randint(1, 20)).run())
            await asyncio.wait({following}, timeout=min(1.0, 0.02 * chance.paretovariate(1)))
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    lives = [asyncio.create_task(life()) for _ in range(2)]
    yield
    for one in lives:
        one.cancel()
    await asyncio.gather(*lives, return_exceptions=True)


@asynccontextmanager
async def writing(world: World) -> AsyncIterator[Follower]:
    follower = follower_of(world, batch=200)
    task = asyncio.create_task(follower.run())
    yield follower
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def follower_of(world: World, batch: int) -> Follower:
    resources = world.server.resources
    return Follower(LocalSource(resources.events), resources.database, Inbox(resources), batch=batch)


async def entries(world: World) -> list[Told]:
    async with world.server.resources.database.snapshot() as tx:
        rows = await tx.execute(sa.text("SELECT recipient, kind, cause FROM notification_entries"))
        return [(row.recipient, row.kind, row.cause) for row in rows]


async def disorder(world: World) -> list[str]:
    """Notifications without entries, two at one place, or at another than their newest entry's."""
    query = sa.text("""
        SELECT n.id, 'empty or misplaced' AS fault FROM notifications n WHERE n.position IS DISTINCT FROM
            (SELECT max(position) FROM notification_entries WHERE notification = n.id)
        UNION ALL SELECT min(CAST(id AS text))::uuid, 'same place' FROM notifications
            GROUP BY recipient, position HAVING count(*) > 1
        UNION ALL SELECT recipient, 'beyond the newest' FROM notifications JOIN inboxes USING (recipient)
            WHERE position > newest OR newest > changed
        UNION ALL SELECT gen_random_uuid(), error FROM eventlog.parked""")
    async with world.server.resources.database.snapshot() as tx:
        return [f"{row.id} {row.fault}" for row in await tx.execute(query)]


def id_of(name: str) -> UUID:
    return UUID(name.rpartition("/")[2])
