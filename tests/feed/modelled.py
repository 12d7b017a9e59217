"""A simple model of feed: what happened, and what each person therefore has to see in each list.

It is written from what the protos and the product promise, not from the code, and keeps everything in plain lists.
People are numbers, groups too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

EVERYONE = -1
REGULATED = {"network", "retail"}


@dataclass
class Worker:
    """What identity told of somebody."""

    name: str
    kind: str = "EMPLOYEE"
    segments: frozenset[str] = frozenset()
    active: bool = True


class Root(Protocol):
    """What decides who sees a thread or what is said of an article. `moment` is the step at which it was written."""

    @property
    def author(self) -> int: ...
    @property
    def moment(self) -> int: ...
    @property
    def kinds(self) -> frozenset[str]: ...
    @property
    def group(self) -> int | None: ...
    @property
    def hidden(self) -> bool: ...
    @property
    def removed(self) -> bool: ...


@dataclass(eq=False)
class Written:
    """A post, reply or reshare. `moment` is the step at which it was written; `votes` are by person."""

    name: str
    author: int
    moment: int
    text: str = ""
    tags: frozenset[str] = frozenset()
    mentions: frozenset[int] = frozenset()
    parent: "Written | None" = None
    original: "Written | None" = None
    kinds: frozenset[str] = frozenset()
    group: int | None = None
    announcement: bool = False
    has_poll: bool = False
    hidden: bool = False
    removed: bool = False
    deleted: bool = False
    reactions: dict[int, int] = field(default_factory=dict)
    votes: dict[int, int] = field(default_factory=dict)

    @property
    def root(self) -> "Written":
        return self.parent.root if self.parent else self

    @property
    def is_plain(self) -> bool:
        return self.original is not None and not self.text


@dataclass
class Model:
    """All that happened. `members` has the moment from which on a member sees what was written, or None for all.

    `silenced` are those whom moderators let read and not speak.
    """

    people: list[Worker]
    posts: list[Written] = field(default_factory=list)
    moment: int = 0
    barred: bool = False
    follows: set[tuple[int, int]] = field(default_factory=set)
    followed_tags: set[tuple[int, str]] = field(default_factory=set)
    followed_groups: set[tuple[int, int]] = field(default_factory=set)
    members: dict[tuple[int, int], int | None] = field(default_factory=dict)
    keepers: set[tuple[int, int]] = field(default_factory=set)
    archived: set[int] = field(default_factory=set)
    silenced: set[int] = field(default_factory=set)
    muted_groups: set[tuple[int, int]] = field(default_factory=set)
    blocks: set[tuple[int, int]] = field(default_factory=set)
    muted_people: set[tuple[int, int]] = field(default_factory=set)
    muted_tags: set[tuple[int, str]] = field(default_factory=set)
    muted_threads: set[tuple[int, Written]] = field(default_factory=set)
    bookmarks: list[tuple[int, Written]] = field(default_factory=list)

    def meets(self, one: int, other: int) -> bool:
        """Nothing stands between somebody and oneself; between two people a block of either, or a barrier."""
        if one == other:
            return True
        if {(one, other), (other, one)} & self.blocks:
            return False
        pairs = ({a, b} for a in self.people[one].segments for b in self.people[other].segments)
        return not (self.barred and any(pair == REGULATED for pair in pairs))

    def sees(self, reader: int, post: Written) -> bool:
        """Whether somebody may see a post, though it be deleted: decided on its root and on who wrote it."""
        if not self.people[reader].active or post.removed or not self.sees_root(reader, post.root):
            return False
        return post.author == reader or (self.meets(reader, post.author) and not post.hidden)

    def sees_root(self, reader: int, root: Root) -> bool:
        """Whether somebody may see a post at the top of a thread, or an article."""
        worker = self.people[reader]
        if not worker.active or root.removed:
            return False
        if root.group is not None and not self.belongs(reader, root.group, root.moment):
            return False
        if root.author == reader:
            return True
        meant = not root.kinds or worker.kind in root.kinds
        return meant and not root.hidden and self.meets(reader, root.author)

    def belongs(self, reader: int, group: int, moment: int) -> bool:
        """Whether somebody is a member of a group, and one who sees what was there at a moment."""
        since = self.members.get((reader, group), moment + 1)
        return since is None or moment >= since

    def shows(self, reader: int, post: Written) -> bool:
        """Whether it stands in lists: a plain reshare does for as long as one sees what it passes on."""
        if post.deleted or not self.sees(reader, post):
            return False
        return not post.is_plain or (post.original is not None and self.shows(reader, post.original))

    def is_silent(
        self, reader: int, post: Written, *, threads: bool = False, but_tag: str = "", but_person: int = EVERYONE
    ) -> bool:
        """Whether the reader muted it, or what it passes on. Nobody is spared what they wrote themselves."""
        muted_people = {other for who, other in self.muted_people if who == reader} - {but_person}
        muted_tags = {tag for who, tag in self.muted_tags if who == reader} - {but_tag}
        return any(
            one.author in muted_people
            or (one.author != reader and bool(one.tags & muted_tags))
            or (threads and (reader, one.root) in self.muted_threads)
            for one in (post, post.original)
            if one is not None
        )

    def home(self, reader: int) -> list[Written]:
        """Each thing once: where it came last, by itself or reshared without a comment."""
        found: list[Written] = []
        passed_on: set[str] = set()
        for post in self._newest_first(reader):
            if post.parent or not self._comes_home(reader, post) or self.is_silent(reader, post, threads=True):
                continue
            content = post.original.name if post.is_plain and post.original else post.name
            if content in passed_on:
                continue
            if post.is_plain:
                passed_on.add(content)
            found.append(post)
        return found

    def _comes_home(self, reader: int, post: Written) -> bool:
        return (
            post.author == reader
            or (reader, post.author) in self.follows
            or any((reader, tag) in self.followed_tags for tag in post.tags)
            or (post.group is not None and (reader, post.group) in self.followed_groups)
            or post.announcement
        )

    def everyone(self, reader: int) -> list[Written]:
        return [post for post in self._roots(reader) if not self.is_silent(reader, post)]

    def of_group(self, reader: int, group: int) -> list[Written]:
        return [post for post in self.everyone(reader) if post.group == group]

    def _roots(self, reader: int) -> Iterable[Written]:
        return (post for post in self._newest_first(reader) if not post.parent and not post.is_plain)

    def of_person(self, reader: int, author: int, *, replies: bool) -> list[Written]:
        posts = self._newest_first(reader)
        return [post for post in posts if post.author == author and (replies or not post.parent)]

    def tagged(self, reader: int, tag: str) -> list[Written]:
        posts = (post for post in self._newest_first(reader) if tag in post.tags)
        return [post for post in posts if not self.is_silent(reader, post, but_tag=tag)]

    def bookmarked(self, reader: int) -> list[Written]:
        return [post for person, post in self.bookmarks[::-1] if person == reader and self.shows(reader, post)]

    def found(self, reader: int, words: set[str], *, tag: str = "", author: int = EVERYONE) -> list[Written]:
        """What has all the words, and the tag and author if they are asked for; these are found though muted."""
        posts = (post for post in self._newest_first(reader) if not post.is_plain and words <= {*post.text.split()})
        if author != EVERYONE:
            posts = (post for post in posts if post.author == author and self.meets(reader, author))
        if tag:
            posts = (post for post in posts if tag in post.tags)
        return [post for post in posts if not self.is_silent(reader, post, but_tag=tag, but_person=author)]

    def _newest_first(self, reader: int) -> Iterator[Written]:
        newest = sorted(self.posts, key=lambda post: post.name, reverse=True)
        return (post for post in newest if self.shows(reader, post))

    def shown(self, reader: int, post: Written) -> tuple[object, ...]:
        """What of a post is compared: its text, the own marks on it, its counts, and what it passes on."""
        standing = [other for other in self.posts if not other.deleted]
        counted = [other for other in standing if not other.hidden and not other.removed]
        original = post.original
        plain = any(other.is_plain and other.author == reader and other.original is post for other in standing)
        return (
            post.name,
            post.text,
            post.reactions.get(reader, 0),
            (reader, post) in self.bookmarks,
            plain,
            len(post.reactions),
            sum(other.parent is post or (other.root is post and other is not post) for other in counted),
            sum(other.original is post for other in counted),
            [sum(vote == place for vote in post.votes.values()) for place in (0, 1)] if post.has_poll else [],
            original.name if original and not original.deleted and self.sees(reader, original) else "",
        )
