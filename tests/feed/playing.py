"""Lets the same things happen to feed and to the model of it. Who could not do something does nothing."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self
from uuid import uuid4

from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.caller import Caller, refused
from tests.feed.modelled import Model, Worker, Written
from tests.feed.modelled_inbox import Inboxes
from tests.feed.relating import bookmark, remove_bookmark
from tests.feed.writing import edit, poll, undo, vote, write

KINDS = ["EMPLOYEE", "EMPLOYEE", "EMPLOYEE", "EXTERNAL", "EXTERNAL", "FREELANCER"]
SEGMENTS: list[set[str]] = [set(), {"network"}, {"retail"}, {"network"}, set(), {"network", "retail"}]
PEOPLE = len(KINDS)
EDITOR = 0
# The last is a mention of all who are in the group.
WORDS = ["zebra", "quark", "tulip", "@groep"]
TAGS = ["soep", "kip"]
AUDIENCES: list[list[str]] = [[], [], ["EMPLOYEE"], ["EXTERNAL", "FREELANCER"]]
SORTS = ["LIKE", "HEART", "SAD"]
GROUPS = 2


@dataclass(frozen=True)
class Said:
    """A text to be: a word, perhaps a tag, perhaps somebody who is mentioned; each by its number, -1 for none."""

    word: int
    tag: int = -1
    person: int = -1

    @property
    def text(self) -> str:
        parts = [WORDS[self.word]]
        parts += [f"#{TAGS[self.tag]}"] if self.tag >= 0 else []
        parts += [f"@p{self.person}"] if self.person >= 0 else []
        return " ".join(parts)


@dataclass
class Writing:
    """Six people, two groups, and what they write and do with posts."""

    world: World
    callers: list[Caller]
    cache_away: bool = False
    groups: list[str] = field(default_factory=lambda: [f"groups/{uuid4()}" for _ in range(GROUPS)])

    @classmethod
    async def begun(
        cls, world: World, handles: dict[str, str], roles: Mapping[int, Sequence[str]] | None = None
    ) -> Self:
        """A feed in which nothing happened yet; besides the editor these people have roles."""
        await world.caught_up()
        await world.clean()
        await world.bar()
        callers = []
        for number, (kind, segments) in enumerate(zip(KINDS, SEGMENTS, strict=True)):
            known = {EDITOR: ["editor"], **(roles or {})}.get(number, [])
            person = await world.person(f"p{number}", kind=kind, segments=sorted(segments), roles=known)
            handles[person.handle] = person.name
            callers.append(Caller(world, person))
        return cls(world, callers)

    async def ended(self) -> None:
        for caller in self.callers:
            await caller.channel.close()

    @cached_property
    def model(self) -> Model:
        who = zip(self.callers, KINDS, SEGMENTS, strict=True)
        return Model([Worker(caller.name, kind, frozenset(segments)) for caller, kind, segments in who])

    @cached_property
    def inboxes(self) -> Inboxes:
        return Inboxes(self.model)

    async def settled(self) -> None:
        """Waits until all that happened is dealt with; homes wait for the cache to come back."""
        self.model.moment += 1
        shown = {"feed/inbox"} if self.cache_away else {"feed", "feed/inbox"}
        await asyncio.gather(*(one.caught_up(10) for one in self.world.server.followers if one.name in shown))

    def seen(self, person: int, nth: int, *, own: bool = False) -> Written | None:
        """One of the posts that somebody can do something with."""
        posts = [post for post in self.model.posts if self.model.shows(person, post)]
        posts = [post for post in posts if post.author == person] if own else posts
        return posts[-1 - nth % len(posts)] if posts else None

    def acts(self, *people: int) -> bool:
        """Whether somebody, the first of these people, may come in and can deal with the others."""
        who, *others = people
        return self.model.people[who].active and all(self.model.meets(who, other) for other in others)

    def keep(self, sent: feed_pb2.Post, author: int, said: Said | None, **fields: Any) -> Written:
        """Takes a new post into the model, and what it tells."""
        mentioned = {said.person} if said and said.person >= 0 and self._mentions(author, said.person) else set()
        tags = {TAGS[said.tag]} if said and said.tag >= 0 else set()
        post = Written(sent.name, author, self.model.moment, said.text if said else "", **fields)
        post.tags, post.mentions = frozenset(tags), frozenset(mentioned)
        assert post.text == sent.text
        self.model.posts.append(post)
        self.inboxes.written(post)
        return post

    def _mentions(self, author: int, person: int) -> bool:
        """Identity, which knows of barriers, is canned here; blocks are feed's own."""
        return not {(author, person), (person, author)} & self.model.blocks

    async def said(self, person: int, call: Awaitable[feed_pb2.Post], group: int | None = None) -> feed_pb2.Post | None:
        """What somebody says; None for who may not speak, or not in a group that is archived, and is told so."""
        why = "MUTED" if person in self.model.silenced else "GROUP_ARCHIVED" if group in self.model.archived else ""
        if not why:
            return await call
        assert (await refused(call)).reason == why
        return None

    async def post(self, author: int, said: Said, *, kinds: int, group: int, sort: str) -> None:
        member = group < 0 or (author, group) in self.model.members
        announced = sort == "announcement" and author == EDITOR and group < 0
        if not self.acts(author) or not member:
            return
        fields: dict[str, Any] = {"announcement": True} if announced else {}
        fields |= {"poll": poll()} if sort == "poll" else {}
        place = {"group": self.groups[group]} if group >= 0 else {}
        call = write(self.callers[author], said.text, kinds=AUDIENCES[kinds], **place, **fields)
        if sent := await self.said(author, call, group):
            self.keep(
                sent,
                author,
                said,
                kinds=frozenset(AUDIENCES[kinds]),
                group=group if group >= 0 else None,
                announcement=announced,
                has_poll=sort == "poll",
            )

    async def reply(self, author: int, nth: int, said: Said) -> None:
        above = self.seen(author, nth)
        if above:
            call = self.callers[author].post(said.text, reply_to=above.name)
            if sent := await self.said(author, call, above.root.group):
                self.keep(sent, author, said, parent=above)

    async def reshare(self, author: int, nth: int, said: Said | None) -> None:
        """What was for some is passed on to the same."""
        seen = self.seen(author, nth)
        original = seen.original if seen and seen.is_plain else seen
        if original is None:
            return
        root, same = original.root, [one for one in self.model.posts if one.original is original and one.is_plain]
        before = next((one for one in same if one.author == author and not one.deleted), None)
        fields = {"group": self.groups[root.group]} if root.group is not None else {}
        if root.group is not None and (author, root.group) not in self.model.members:
            return
        text = said.text if said else ""
        call = write(self.callers[author], text, kinds=sorted(root.kinds), reshare_of=original.name, **fields)
        sent = await self.said(author, call, root.group)
        if sent is None:
            return
        if said is None and before:
            assert sent.name == before.name
        else:
            self.keep(sent, author, said, original=original, kinds=root.kinds, group=root.group)

    async def undo_reshare(self, author: int, nth: int) -> None:
        original = self.seen(author, nth)
        if original is None or original.is_plain:
            return
        await undo(self.callers[author], original.name)
        for post in self.model.posts:
            if post.original is original and post.is_plain and post.author == author and not post.deleted:
                self._forget(post)

    async def edit(self, author: int, nth: int, said: Said) -> None:
        post = self.seen(author, nth, own=True)
        if post is None or post.is_plain:
            return
        sent = await self.said(author, edit(self.callers[author], post.name, text=said.text))
        if sent is None or said.text == post.text:
            return
        before = post.mentions
        post.text, post.tags = said.text, frozenset({TAGS[said.tag]} if said.tag >= 0 else ())
        met = said.person >= 0 and self._mentions(author, said.person)
        post.mentions = frozenset({said.person} if met else ())
        self.inboxes.edited(post, before)

    async def delete(self, author: int, nth: int) -> None:
        post = self.seen(author, nth, own=True)
        if post:
            await self.callers[author].delete(post.name)
            self._forget(post)

    def _forget(self, post: Written) -> None:
        post.deleted, post.text, post.tags, post.mentions = True, "", frozenset(), frozenset()
        self.inboxes.deleted(post)

    async def react(self, person: int, nth: int, sort: int) -> None:
        """With a sort below 0 the reaction is taken back."""
        post = self.seen(person, nth)
        if post is None:
            return
        if sort < 0:
            await self.callers[person].take_back(post.name)
            if post.reactions.pop(person, None):
                self.inboxes.reaction_removed(post, person)
        else:
            if await self.said(person, self.callers[person].react(post.name, SORTS[sort])) is None:
                return
            number = feed_pb2.Reaction.Value(f"REACTION_{SORTS[sort]}")
            changed, post.reactions[person] = post.reactions.get(person) != number, number
            if changed:
                self.inboxes.reacted(post, person)

    async def vote(self, person: int, nth: int, place: int) -> None:
        post = self.seen(person, nth)
        if post and post.has_poll:
            await vote(self.callers[person], post.name, place)
            post.votes[person] = place

    async def bookmark(self, person: int, nth: int, *, begins: bool) -> None:
        post = self.seen(person, nth)
        if post is None:
            return
        await (bookmark if begins else remove_bookmark)(self.callers[person], post.name)
        kept = (person, post) in self.model.bookmarks
        if begins and not kept:
            self.model.bookmarks.append((person, post))
        elif kept and not begins:
            self.model.bookmarks.remove((person, post))
