"""Homes against a simple model of them, through whatever happens in whatever order."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import feed_pb2

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.chassis.own_valkey import OwnValkey
from tests.conftest import Start
from tests.feed.cached import back
from tests.feed.caller import Caller, Meet
from tests.feed.importing import bring_in_posts, imported

STEPS = 80
SEGMENTS = ["network", "retail", "network", "retail", "", ""]
SORTS = ["LIKE", "HEART", "SAD"]


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, own_valkey: OwnValkey) -> World:
    return await start(SERVICE, answers, redis_url=own_valkey.url)


@dataclass
class Written:
    """A post as the model knows it; `reactions` are by person."""

    name: str
    author: int
    reply_count: int = 0
    reactions: dict[int, int] = field(default_factory=dict)

    def shown_to(self, reader: int) -> tuple[str, int, int, int]:
        return self.name, self.reactions.get(reader, 0), len(self.reactions), self.reply_count


@dataclass
class Model:
    """What homes have to be. `posts` are those that stand; names of posts sort by time."""

    people: list[Caller]
    posts: list[Written] = field(default_factory=list)
    follows: set[tuple[int, int]] = field(default_factory=set)
    barred: bool = False

    def home(self, reader: int) -> list[tuple[str, int, int, int]]:
        newest_first = sorted(self.posts, key=lambda post: post.name, reverse=True)
        return [post.shown_to(reader) for post in newest_first if self.shows(reader, post.author)]

    def shows(self, reader: int, author: int) -> bool:
        return reader == author or ((reader, author) in self.follows and self.meets(reader, author))

    def meets(self, one: int, other: int) -> bool:
        return not self.barred or {SEGMENTS[one], SEGMENTS[other]} != {"network", "retail"}


class History:
    """Random things that happen to feed and to the model."""

    def __init__(self, world: World, server: OwnValkey, people: list[Caller], chance: Random) -> None:
        self.world, self.server, self.chance = world, server, chance
        self.model = Model(people)
        self.returns_after: int | None = None
        self.losses_left = 2

    async def step(self) -> None:
        likely: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (6, self.follow), (4, self.unfollow), (8, self.post), (4, self.reply), (3, self.delete), (8, self.react),
            (2, self.bring_in), (2, self.bar), (2, self.empty), (1, self.lose),
        ]  # fmt: skip
        weights, events = zip(*likely, strict=True)
        await self.chance.choices(events, weights)[0]()
        if self.returns_after is not None:
            self.returns_after -= 1
            if self.returns_after < 0:
                await self.regain()

    def pair(self) -> tuple[int, int]:
        """Two people who meet."""
        while True:
            one, other = self.chance.sample(range(len(self.model.people)), 2)
            if self.model.meets(one, other):
                return one, other

    def seen_post(self) -> tuple[int, Written] | None:
        """A post and somebody who sees it."""
        person = self.chance.randrange(len(self.model.people))
        seen = [post for post in self.model.posts if self.model.meets(person, post.author)]
        return (person, self.chance.choice(seen)) if seen else None

    async def follow(self) -> None:
        follower, followee = self.pair()
        await self.model.people[follower].follow(self.model.people[followee])
        self.model.follows.add((follower, followee))

    async def unfollow(self) -> None:
        follower, followee = self.pair()
        await self.model.people[follower].unfollow(self.model.people[followee])
        self.model.follows.discard((follower, followee))

    async def post(self) -> None:
        author = self.chance.randrange(len(self.model.people))
        post = await self.model.people[author].post()
        self.model.posts.append(Written(post.name, author))

    async def reply(self) -> None:
        if found := self.seen_post():
            person, post = found
            await self.model.people[person].post(reply_to=post.name)
            post.reply_count += 1

    async def delete(self) -> None:
        if self.model.posts:
            post = self.chance.choice(self.model.posts)
            await self.model.people[post.author].delete(post.name)
            self.model.posts.remove(post)

    async def react(self) -> None:
        if found := self.seen_post():
            person, post = found
            if self.chance.random() < 0.3:
                await self.model.people[person].take_back(post.name)
                post.reactions.pop(person, None)
            else:
                sort = self.chance.choice(SORTS)
                await self.model.people[person].react(post.name, sort)
                post.reactions[person] = feed_pb2.Reaction.Value(f"REACTION_{sort}")

    async def bring_in(self) -> None:
        author = self.chance.randrange(len(self.model.people))
        caller = self.model.people[author]
        moment = datetime.now(UTC) - timedelta(seconds=self.chance.uniform(0, 3))
        before = set(await caller.written_by(caller))
        await bring_in_posts(self.world, [imported(caller, str(uuid4()), moment)])
        (name,) = set(await caller.written_by(caller)) - before
        self.model.posts.append(Written(name, author))

    async def bar(self) -> None:
        self.model.barred = not self.model.barred
        pairs = [("network", "retail")] if self.model.barred else []
        barriers = [audience_pb2.Barrier(segment=one, other_segment=other) for one, other in pairs]
        await self.world.tell("barrierPolicy", audience_pb2.BarriersChanged(barriers=barriers))

    async def empty(self) -> None:
        if self.returns_after is None:
            await self.world.server.resources.cache.call(b"FLUSHDB")

    async def lose(self) -> None:
        if self.returns_after is None and self.losses_left:
            self.losses_left -= 1
            self.server.freeze()
            self.returns_after = self.chance.randrange(5)

    async def regain(self) -> None:
        self.returns_after = None
        self.server.thaw()
        await back(self.world)

    async def check(self) -> None:
        if self.returns_after is None:
            await self.world.caught_up()
        for reader in self.chance.sample(range(len(self.model.people)), 3):
            home = [
                (post.name, post.viewer.reaction, sum(count.count for count in post.reaction_counts), post.reply_count)
                for post in await self.model.people[reader].home(self.chance.choice([3, 100]))
            ]
            assert home == self.model.home(reader)


@pytest.mark.parametrize("seed", [1, 2])
async def test_homes_are_what_a_simple_model_says(meet: Meet, world: World, own_valkey: OwnValkey, seed: int) -> None:
    await world.bar()
    people = [(await meet(f"p{n}", segments=[segment] if segment else []))[0] for n, segment in enumerate(SEGMENTS)]
    history = History(world, own_valkey, people, Random(seed))
    try:
        for _ in range(STEPS):
            await history.step()
            await history.check()
    finally:
        await history.regain()
