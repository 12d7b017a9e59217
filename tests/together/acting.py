"""Lets the same things happen to all services together and to the model that feed is compared with."""

import asyncio
import os
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Self

from chassis.testing import World
from services.groups.store import chores
from tests.blog.caller import Caller as Blogger
from tests.blog.talking import Talker
from tests.feed.cached import pause
from tests.feed.caller import refused
from tests.feed.everywhere import WITHIN_SECONDS
from tests.feed.living import Play
from tests.feed.modelled_articles import Article, Blog, Comment
from tests.feed.playing import KINDS, SEGMENTS
from tests.groups.caller import Caller as Member

MODERATORS = (3, 4, 5)


@dataclass
class Founded:
    """A group as groups knows it. `joined` has the step at which each member came in."""

    founder: int
    visibility: str
    since_joining: bool
    joined: dict[int, int] = field(default_factory=dict)
    banned: set[int] = field(default_factory=set)
    invited: set[int] = field(default_factory=set)
    deleted: bool = False
    hidden: bool = False
    removed: bool = False

    @property
    def withdrawn(self) -> bool:
        return self.deleted or self.hidden or self.removed


@dataclass
class Together(Play):
    """What people do in all services. Steps that take something away have to be done with in two seconds."""

    worlds: dict[str, World] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    bloggers: list[Blogger] = field(default_factory=list)
    founded: list[Founded] = field(default_factory=list)
    own_blogs: dict[int, Blog] = field(default_factory=dict)
    retold: bool = False
    takes_away: bool = False

    @classmethod
    async def met(cls, worlds: dict[str, World], handles: dict[str, str]) -> Self:
        """Services in which nothing happened yet, and six people of whom all have heard."""
        for name in ("moderation", "groups", "blog"):
            await worlds[name].clean()
        roles = {person: ["moderator"] for person in MODERATORS}
        play = await cls.begun(worlds["feed"], handles, roles)
        play.worlds, play.groups = worlds, []
        for caller, kind, segments in zip(play.callers, KINDS, SEGMENTS, strict=True):
            for name in ("moderation", "groups", "blog"):
                await worlds[name].access(caller.person, kind=kind, segments=sorted(segments))
            play.members.append(Member(worlds["groups"], caller.person))
            play.bloggers.append(Blogger(worlds["blog"], caller.person))
        for one in range(len(KINDS)):
            await play.follow(one, (one + 1) % len(KINDS), begins=True)
        await play.settled()
        return play

    async def ended(self) -> None:
        await super().ended()
        for channel in (*(one.channel for one in self.members), *(one.channel for one in self.bloggers)):
            await channel.close()

    async def settled(self) -> None:
        """Waits until what one service tells has come to the others, and what they tell of that."""
        begun_at = time.monotonic()
        for source in ("moderation", "groups", "blog", "feed"):
            if source == "groups" and self.retold:
                await self._retelling()
            await asyncio.gather(*(world.caught_up(source) for world in self.worlds.values()))
            if source == "groups" and self.takes_away:
                took_seconds = time.monotonic() - begun_at
                assert took_seconds < WITHIN_SECONDS * crowding(), f"It took {took_seconds:.1f} s"
        self.takes_away, self.retold = False, False
        self.model.moment += 1

    async def _retelling(self) -> None:
        """Waits until groups told once more who the members are."""
        async with asyncio.timeout(10):
            while True:
                async with self.worlds["groups"].server.resources.database.snapshot() as tx:
                    if await chores.next_retelling(tx) is None:
                        return
                await pause()

    async def _tell(self, group: int, *messages: Any) -> None:
        """Groups itself tells it."""

    async def _tell_of(self, article: Article, message: Any) -> None:
        """Blog itself tells it."""

    async def _tell_moderation(self, message: Any) -> None:
        """Moderation itself tells it."""

    async def allowed(self, person: int, call: Awaitable[Any]) -> Any:
        """What somebody is answered who says something; None for who may not speak."""
        if person not in self.model.silenced:
            return await call
        assert (await refused(call)).reason == "MUTED"
        return None

    async def found(self, person: int, visibility: str, *, since_joining: bool) -> None:
        """Not more than three groups: people have to come together in them."""
        if len(self.founded) >= 3:
            return
        history = "SINCE_JOINING" if since_joining else "ALL"
        call = self.members[person].found(f"Golf {len(self.founded)}", visibility, history=f"GROUP_HISTORY_{history}")
        made = await self.allowed(person, call)
        if made:
            self.groups.append(made.name)
            self.founded.append(Founded(person, visibility, since_joining))
            await self._came_in(person, len(self.founded) - 1, keeps=True)

    async def _came_in(self, person: int, group: int, *, keeps: bool = False, admitted_by: int = -1) -> None:
        place = self.founded[group]
        place.joined[person] = self.model.moment
        place.invited.discard(person)
        await self.join(person, group, with_history=not place.since_joining, keeps=keeps, admitted_by=admitted_by)

    def _open(self, group: int, person: int) -> Founded | None:
        """A group in which somebody who is no member could come, if there is one."""
        if group >= len(self.founded):
            return None
        place = self.founded[group]
        outside = (person, group) not in self.model.members and person not in place.banned
        return None if place.withdrawn or group in self.model.archived or not outside else place

    async def enter(self, person: int, group: int) -> None:
        """Comes into an open group, or asks to be let into a closed one, or is invited into a secret one."""
        place, member = self._open(group, person), self.members[person]
        if place is None:
            return
        name, keeper = self.groups[group], self.members[place.founder]
        if person in place.invited:
            await member.come_in(name)
            await self._came_in(person, group)
        elif place.visibility == "OPEN":
            await member.join(name)
            await self._came_in(person, group)
        elif place.visibility == "SECRET":
            await keeper.invite(name, member)
            place.invited.add(person)
            await self.invite(place.founder, person, group, begins=True)
        elif await self.allowed(person, member.ask(name)):
            await keeper.accept(name, member)
            await self._came_in(person, group, admitted_by=place.founder)

    def _standing(self, group: int) -> Founded | None:
        """A group with which something can be done, if there is one."""
        if group >= len(self.founded) or self.founded[group].withdrawn:
            return None
        return self.founded[group]

    async def go(self, person: int, group: int, how: str) -> None:
        """Leaves, or is taken out or banned by the founder."""
        place = self._standing(group)
        if place is None or person == place.founder or person not in place.joined:
            return
        keeper, member, name = self.members[place.founder], self.members[person], self.groups[group]
        match how:
            case "left":
                await member.leave(name)
            case "removed":
                await keeper.remove(name, member)
            case "banned":
                await keeper.ban(name, member)
                place.banned.add(person)
        del place.joined[person]
        self.takes_away = True
        await self.part(person, group, how)

    async def close_or_open(self, group: int, *, archived: bool) -> None:
        place = self._standing(group)
        if place:
            owner = self.members[place.founder]
            await (owner.archive if archived else owner.unarchive)(self.groups[group])
            await self.archive(group, archived=archived)

    async def delete_or_bring_back(self, group: int, *, deleted: bool) -> None:
        if group >= len(self.founded) or self.founded[group].hidden or self.founded[group].removed:
            return
        place = self.founded[group]
        owner = self.members[place.founder]
        await (owner.delete if deleted else owner.undelete)(self.groups[group])
        place.deleted = deleted
        await self.exists(group)

    async def exists(self, group: int) -> None:
        """A group that is withdrawn has no members elsewhere; when it is back, groups tells of them once more."""
        if self.founded[group].withdrawn:
            self.takes_away = group not in self.closed
            await self.close(group)
        else:
            self.retold = group in self.closed
            await self.reopen(group)

    async def change_history(self, group: int, *, since_joining: bool) -> None:
        """Members see another part of the past from now on."""
        place = self._standing(group)
        if place is None or group in self.model.archived or place.since_joining == since_joining:
            return
        history = "SINCE_JOINING" if since_joining else "ALL"
        await self.members[place.founder].change(self.groups[group], history=f"GROUP_HISTORY_{history}")
        place.since_joining, self.retold = since_joining, True
        for person, moment in place.joined.items():
            self.model.members[person, group] = moment if since_joining else None

    async def write(self, author: int, group: int, *, with_group: bool) -> None:
        """An article comes out in the author's own blog, for everyone or for a group."""
        meant = group if with_group and (author, group) in self.model.members else -1
        blog = await self._own_blog(author)
        if blog is None or blog.removed:
            return
        name = self.groups[meant] if meant >= 0 else ""
        written = await self.allowed(author, self.bloggers[author].write(blog.name, "A zebra", group=name))
        if written:
            article = Article(written.name, blog, author, self.model.moment)
            article.group = meant if meant >= 0 else None
            self.articles.append(article)
            await self.come_out(article, (), ())

    async def _own_blog(self, author: int) -> Blog | None:
        if author not in self.own_blogs:
            begun = await self.allowed(author, self.bloggers[author].begin_blog(kind="PERSON"))
            if begun is None:
                return None
            self.own_blogs[author] = Blog(begun.name)
            self.blogs.append(self.own_blogs[author])
        return self.own_blogs[author]

    async def unpublish(self, nth: int) -> None:
        article = self.article(nth)
        if article and self.model.sees_root(article.author, article):
            await self.bloggers[article.author].unpublish(article.name)
            self.takes_away = True
            await self.withdraw(nth)

    async def talk(self, author: int, nth: int, above: int) -> None:
        """Comments on an article that the author of the comment sees."""
        article = self.article(nth)
        if article is None or not self.model.sees_root(author, article):
            return
        seen = [one for one in self.comments if one.article is article and self.reads(author, one)]
        answered = seen[above % len(seen)] if seen and above >= 0 else None
        call = Talker(self.bloggers[author]).say(article.name, to=answered.name if answered else "")
        said = await self.allowed(author, call)
        if said:
            self.keep_comment(Comment(said.name, article, author), answered, ())

    def reads(self, reader: int, comment: Comment) -> bool:
        """Whether somebody may read a comment: the author also one that is hidden."""
        if comment.removed or (comment.hidden and comment.author != reader):
            return False
        return not comment.article.withdrawn and self.model.sees_root(reader, comment.article)


def crowding() -> float:
    """How many times as long everything takes because of what else the machine does."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
