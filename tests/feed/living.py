"""How people stand to each other, what identity tells of them, and what befalls the cache: in feed and in the model."""

from dataclasses import dataclass
from typing import Any

from tests.chassis.own_valkey import OwnValkey
from tests.feed.cached import back
from tests.feed.deciding import Deciding
from tests.feed.playing import EDITOR, PEOPLE, TAGS, WORDS, Said
from tests.feed.reader import Reader
from tests.feed.relating import (
    block,
    follow_group,
    follow_tag,
    mute,
    mute_group,
    mute_tag,
    mute_thread,
    unblock,
    unfollow_group,
    unfollow_tag,
    unmute,
    unmute_group,
    unmute_tag,
    unmute_thread,
)
from tests.feed.writing import id_of


@dataclass
class Play(Deciding):
    """Everything that happens."""

    async def warm_up(self) -> None:
        """A feed in which there is something to deal with."""
        for person in range(PEOPLE):
            await self.follow(person, (person + 1) % PEOPLE, begins=True)
            await self.follow_tag(person, person % len(TAGS), begins=True)
            sort = "announcement" if person == EDITOR else ""
            await self.post(person, Said(person % len(WORDS), person % len(TAGS)), kinds=0, group=-1, sort=sort)
            await self.settled()
        for person in (0, 2, 4):
            await self.join(person, 0, with_history=True, keeps=person == EDITOR)
            await self.follow_group(person, 0, begins=True)
            await self.post(person, Said(0), kinds=0, group=0, sort="poll")
            await self.settled()

    async def follow(self, one: int, other: int, *, begins: bool) -> None:
        if one == other or not self.acts(one, other):
            return
        caller, followee = self.callers[one], self.callers[other]
        known = (one, other) in self.model.follows
        await (caller.follow(followee) if begins else caller.unfollow(followee))
        if begins and not known:
            self.model.follows.add((one, other))
            self.inboxes.followed(one, other)
        elif known and not begins:
            self._unfollow(one, other)

    def _unfollow(self, one: int, other: int) -> None:
        self.model.follows.discard((one, other))
        self.inboxes.unfollowed(one, other)

    async def block(self, one: int, other: int, *, begins: bool) -> None:
        met = self.acts(one, other) or (one, other) in self.model.blocks
        if one == other or not self.acts(one) or (begins and not met):
            return
        await (block if begins else unblock)(self.callers[one], self.callers[other])
        if begins:
            self.model.blocks.add((one, other))
            for pair in ((one, other), (other, one)):
                self._unfollow(*pair)
        else:
            self.model.blocks.discard((one, other))

    async def follow_tag(self, person: int, tag: int, *, begins: bool) -> None:
        if self.acts(person):
            await (follow_tag if begins else unfollow_tag)(self.callers[person], TAGS[tag])
            keep(self.model.followed_tags, (person, TAGS[tag]), begins)

    async def follow_group(self, person: int, group: int, *, begins: bool) -> None:
        if self.acts(person) and ((person, group) in self.model.members or not begins):
            await (follow_group if begins else unfollow_group)(self.callers[person], id_of(self.groups[group]))
            keep(self.model.followed_groups, (person, group), begins)

    async def mute(self, one: int, other: int, *, begins: bool) -> None:
        if one != other and self.acts(one, other):
            await (mute if begins else unmute)(self.callers[one], self.callers[other])
            keep(self.model.muted_people, (one, other), begins)

    async def mute_tag(self, person: int, tag: int, *, begins: bool) -> None:
        if self.acts(person):
            await (mute_tag if begins else unmute_tag)(self.callers[person], TAGS[tag])
            keep(self.model.muted_tags, (person, TAGS[tag]), begins)

    async def mute_thread(self, person: int, nth: int, *, begins: bool) -> None:
        post = self.seen(person, nth)
        if post:
            await (mute_thread if begins else unmute_thread)(self.callers[person], post.name)
            keep(self.model.muted_threads, (person, post.root), begins)

    async def mute_group(self, person: int, group: int, *, begins: bool) -> None:
        if self.acts(person) and ((person, group) in self.model.members or not begins):
            await (mute_group if begins else unmute_group)(self.callers[person], self.groups[group])
            keep(self.model.muted_groups, (person, group), begins)

    async def read(self, person: int, nth: int) -> None:
        """Reads the own inbox from one place downwards."""
        notices = self.inboxes.visible(person)
        if notices and self.acts(person):
            place = nth % len(notices)
            reader = Reader(self.world, self.callers[person])
            await reader.read((await reader.page()).notifications[place].position)
            self.inboxes.read(person, notices[place][0])

    async def change_access(self, person: int, **changed: Any) -> None:
        """Identity tells another kind or other segments of somebody, or that the person is suspended, or back."""
        worker = self.model.people[person]
        for name, value in changed.items():
            setattr(worker, name, value)
        segments, who = sorted(worker.segments), self.callers[person].person
        await self.world.access(who, kind=worker.kind, segments=segments, active=worker.active)

    async def bar(self, *, barred: bool) -> None:
        await self.world.bar(*([("network", "retail")] if barred else []))
        self.model.barred = barred

    async def empty_cache(self) -> None:
        if not self.cache_away:
            await self.world.server.resources.cache.call(b"FLUSHDB")

    async def lose_cache(self, server: OwnValkey) -> None:
        if not self.cache_away:
            self.cache_away = True
            server.kill()

    async def regain_cache(self, server: OwnValkey) -> None:
        if self.cache_away:
            server.start()
            self.cache_away = False
            # This client notices only with its next command that its connection is gone.
            await self.world.server.resources.cache.slow.connection_pool.disconnect()
            await back(self.world)


def keep(kept: "set[Any]", fact: Any, stands: bool) -> None:
    """Puts a fact into a set, or takes it out."""
    (kept.add if stands else kept.discard)(fact)
