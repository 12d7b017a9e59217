"""How people stand to each other, what others tell of them, and what befalls the cache: in feed and in the model."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from plein.groups.v1 import events_pb2 as groups_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from tests.chassis.own_valkey import OwnValkey
from tests.feed.cached import back
from tests.feed.playing import EDITOR, PEOPLE, TAGS, WORDS, Said, Writing
from tests.feed.reader import Reader
from tests.feed.relating import (
    block,
    follow_group,
    follow_tag,
    mute,
    mute_tag,
    mute_thread,
    unblock,
    unfollow_group,
    unfollow_tag,
    unmute,
    unmute_tag,
    unmute_thread,
)
from tests.feed.writing import id_of


@dataclass
class Play(Writing):
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
            await self.join(person, 0, with_history=True)
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

    async def read(self, person: int, nth: int) -> None:
        """Reads the own inbox from one place downwards."""
        notices = self.inboxes.visible(person)
        if notices and self.acts(person):
            place = nth % len(notices)
            reader = Reader(self.world, self.callers[person])
            await reader.read((await reader.page()).notifications[place].position)
            self.inboxes.read(person, notices[place][0])

    async def join(self, person: int, group: int, *, with_history: bool) -> None:
        if (person, group) in self.model.members:
            return
        joined = groups_pb2.MemberJoined(group=self.groups[group], person=self.callers[person].name)
        if not with_history:
            since = Timestamp()
            since.FromDatetime(datetime.now(UTC))
            joined.history_since.CopyFrom(since)
        await self.world.tell(self.groups[group], joined, source="groups")
        self.model.members[person, group] = None if with_history else self.model.moment

    async def leave(self, person: int, group: int) -> None:
        """Who leaves a group follows it no more."""
        if self.model.members.pop((person, group), self) is not self:
            left = groups_pb2.MemberLeft(group=self.groups[group], person=self.callers[person].name)
            await self.world.tell(self.groups[group], left, source="groups")
            self.model.followed_groups.discard((person, group))

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

    async def moderate(self, nth: int, decision: str) -> None:
        """Any post can be hidden, removed and restored, a deleted one too."""
        if self.model.posts:
            post = self.model.posts[-1 - nth % len(self.model.posts)]
            told = getattr(moderation_pb2, f"Subject{decision}")
            await self.world.tell("cases/any", told(subject=post.name), source="moderation")
            before = post.hidden, post.removed
            post.hidden, post.removed = decision == "Hidden", decision == "Removed"
            if before != (post.hidden, post.removed):
                self.inboxes.moderated(post, decision)

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
