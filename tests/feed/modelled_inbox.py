"""The part of the model that knows what people have to be told."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.feed.modelled import Model, Written


@dataclass(eq=False)
class Entry:
    """One thing that happened; `position` is higher for what was told later."""

    kind: str
    cause: tuple[object, ...]
    position: int
    actor: int | None
    post: Written | None


@dataclass(eq=False)
class Notice:
    """What was told of one kind about one subject since the recipient last read of it."""

    recipient: int
    kind: str
    subject: str
    entries: list[Entry] = field(default_factory=list)
    read: bool = False

    @property
    def position(self) -> int:
        return max(entry.position for entry in self.entries)


@dataclass
class Inboxes:
    """What everybody was told so far, and not taken back."""

    model: Model
    notices: list[Notice] = field(default_factory=list)
    told: int = 0

    def written(self, post: Written) -> None:
        """Everybody is told for the first reason that there is."""
        reasons: list[tuple[int, str, str]] = []
        if post.parent:
            reasons.append((post.parent.author, "REPLY", post.root.name))
        if post.original:
            reasons.append((post.original.author, "RESHARE", post.original.name))
        reasons += [(person, "MENTION", post.root.name) for person in sorted(post.mentions)]
        if post.parent:
            reasons.append((post.root.author, "REPLY_IN_OWN_THREAD", post.root.name))
            before = [one for one in self.model.posts if one.root is post.root and one.parent and not one.deleted]
            joined = sorted({one.author for one in before if one is not post})
            reasons += [(person, "REPLY_IN_JOINED_THREAD", post.root.name) for person in joined]
        for person, kind, subject in reasons:
            self._tell(person, kind, subject, ("post", post.name), post.author, post)

    def edited(self, post: Written, before: frozenset[int]) -> None:
        """Who is not mentioned any more was not told; who is now, is."""
        cause = ("post", post.name)
        gone = before - post.mentions
        self._take_back(lambda who, entry: who in gone and entry.kind == "MENTION" and entry.cause == cause)
        for person in sorted(post.mentions - before):
            self._tell(person, "MENTION", post.root.name, cause, post.author, post)

    def deleted(self, post: Written) -> None:
        self._take_back(lambda _, entry: entry.post is post)

    def reacted(self, post: Written, person: int) -> None:
        self._tell(post.author, "REACTION", post.name, ("reaction", post.name, person), person, post)

    def reaction_removed(self, post: Written, person: int) -> None:
        self._take_back(lambda _, entry: entry.cause == ("reaction", post.name, person))

    def followed(self, follower: int, followee: int) -> None:
        self._tell(followee, "FOLLOWER", "", ("follow", follower, followee), follower)

    def unfollowed(self, follower: int, followee: int) -> None:
        self._take_back(lambda _, entry: entry.cause == ("follow", follower, followee))

    def moderated(self, post: Written, decision: str) -> None:
        """Authors are told, though they be suspended: they read it when they are back."""
        self._keep(post.author, f"CONTENT_{decision.upper()}", post.name, ("moderation", self.model.moment))

    def _tell(
        self,
        person: int,
        kind: str,
        subject: str,
        cause: tuple[object, ...],
        actor: int | None = None,
        post: Written | None = None,
    ) -> None:
        """Tells somebody, unless it was told before, may not be seen, is their own doing or muted."""
        mine = [notice for notice in self.notices if notice.recipient == person]
        if any(entry.cause == cause for notice in mine for entry in notice.entries):
            return
        if actor == person or not self._may_know(person, actor, post):
            return
        if (person, actor) in self.model.muted_people or (post and (person, post.root) in self.model.muted_threads):
            return
        self._keep(person, kind, subject, cause, actor, post)

    def _keep(
        self,
        person: int,
        kind: str,
        subject: str,
        cause: tuple[object, ...],
        actor: int | None = None,
        post: Written | None = None,
    ) -> None:
        mine = [notice for notice in self.notices if notice.recipient == person]
        unread = [notice for notice in mine if not notice.read and (notice.kind, notice.subject) == (kind, subject)]
        if not unread:
            unread = [Notice(person, kind, subject)]
            self.notices += unread
        self.told += 1
        unread[0].entries.append(Entry(kind, cause, self.told, actor, post))

    def _may_know(self, person: int, actor: int | None, post: Written | None) -> bool:
        if not self.model.people[person].active or (actor is not None and not self.model.meets(person, actor)):
            return False
        return post is None or (not post.deleted and self.model.sees(person, post))

    def _take_back(self, is_gone: Callable[[int, Entry], bool]) -> None:
        for notice in self.notices:
            notice.entries = [entry for entry in notice.entries if not is_gone(notice.recipient, entry)]
        self.notices = [notice for notice in self.notices if notice.entries]

    def visible(self, reader: int) -> list[tuple[Notice, tuple[object, ...]]]:
        """What somebody sees of the own inbox now, newest first."""
        mine = sorted((one for one in self.notices if one.recipient == reader), key=lambda one: -one.position)
        return [(notice, shown) for notice in mine if (shown := self._shown(notice))]

    def _shown(self, notice: Notice) -> tuple[object, ...] | None:
        """Kind, subject, how often, how many, who last, which post shows it, whether it was read."""
        seen = sorted(
            (entry for entry in notice.entries if self._sees(notice.recipient, entry)), key=lambda one: -one.position
        )
        if not seen:
            return None
        people = list(dict.fromkeys(entry.actor for entry in seen if entry.actor is not None))
        post = seen[0].post.name if seen[0].post else ""
        return notice.kind, notice.subject, len(seen), len(people), people[:3], post, notice.read

    def _sees(self, reader: int, entry: Entry) -> bool:
        """Of a reshare of what is gone one is not told any more."""
        original = entry.post.original if entry.kind == "RESHARE" and entry.post else None
        gone = original is not None and (original.deleted or original.removed)
        return not gone and self._may_know(reader, entry.actor, entry.post)

    def read(self, reader: int, up_to: Notice) -> None:
        """Reads everything up to a notice, also what is not seen."""
        last = up_to.position
        for notice in self.notices:
            notice.read |= notice.recipient == reader and notice.position <= last
