"""The part of the model that knows what people have to be told."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.feed.modelled import Model, Written
from tests.feed.modelled_articles import Article, Comment


@dataclass(frozen=True)
class About:
    """What decides who is shown an entry, beside who did it; `moment` is the step in which it happened.

    With a `group` only its members are shown it. `thing` is what it is called where it lives, if it is no post.
    """

    moment: int
    post: Written | None = None
    article: Article | None = None
    comment: Comment | None = None
    group: int | None = None
    thing: str = ""


@dataclass(eq=False)
class Entry:
    """One thing that happened; `position` is higher for what was told later."""

    kind: str
    cause: tuple[object, ...]
    position: int
    actor: int | None
    about: About

    @property
    def post(self) -> Written | None:
        return self.about.post


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
        """Everybody is told for the first reason that there is; once more when moderators bring it back."""
        reasons: list[tuple[int, str, str]] = []
        if post.parent:
            reasons.append((post.parent.author, "REPLY", post.root.name))
        if post.original:
            reasons.append((post.original.author, "RESHARE", post.original.name))
        reasons += [(person, "MENTION", post.root.name) for person in sorted(post.mentions)]
        if post.parent:
            reasons.append((post.root.author, "REPLY_IN_OWN_THREAD", post.root.name))
            before = [one for one in self.model.posts if one.root is post.root and one.parent and not one.deleted]
            joined = sorted({one.author for one in before if one.name < post.name})
            reasons += [(person, "REPLY_IN_JOINED_THREAD", post.root.name) for person in joined]
        for person, kind, subject in reasons:
            self.tell(person, kind, subject, ("post", post.name), post.author, About(post.moment, post))
        self._tell_the_group(post)

    def _tell_the_group(self, post: Written) -> None:
        """All members are told if it is one of the keepers who mentions the group."""
        group = post.root.group
        if group is None or "@groep" not in post.text or (post.author, group) not in self.model.keepers:
            return
        about = About(post.moment, post, group=group)
        for person, place in list(self.model.members):
            if place == group:
                self.tell(person, "GROUP_MENTION", post.root.name, ("post", post.name), post.author, about)

    def edited(self, post: Written, before: frozenset[int]) -> None:
        """Who is not mentioned any more was not told; who is now, is."""
        cause = ("post", post.name)
        gone = before - post.mentions
        self.take_back(lambda who, entry: who in gone and entry.kind == "MENTION" and entry.cause == cause)
        for person in sorted(post.mentions - before):
            self.tell(person, "MENTION", post.root.name, cause, post.author, About(self.model.moment, post))

    def deleted(self, post: Written) -> None:
        self.take_back(lambda _, entry: entry.post is post)

    def reacted(self, post: Written, person: int) -> None:
        about = About(self.model.moment, post)
        self.tell(post.author, "REACTION", post.name, ("reaction", post.name, person), person, about)

    def reaction_removed(self, post: Written, person: int) -> None:
        self.take_back(lambda _, entry: entry.cause == ("reaction", post.name, person))

    def followed(self, follower: int, followee: int) -> None:
        self.tell(followee, "FOLLOWER", "", ("follow", follower, followee), follower)

    def unfollowed(self, follower: int, followee: int) -> None:
        self.take_back(lambda _, entry: entry.cause == ("follow", follower, followee))

    def judged(self, person: int, kind: str, subject: str, thing: str, post: Written | None = None) -> None:
        """What was decided is told, though the person be suspended: it is read when they are back."""
        about = About(self.model.moment, thing=thing)
        self._keep(person, kind, subject, ("decision", self.model.moment, kind), None, about)
        if post and kind == "CONTENT_RESTORED" and not post.deleted:
            self.written(post)

    def tell(
        self,
        person: int,
        kind: str,
        subject: str,
        cause: tuple[object, ...],
        actor: int | None = None,
        about: About | None = None,
    ) -> None:
        """Tells somebody, unless it was told before, may not be seen, is their own doing or muted."""
        about = about or About(self.model.moment)
        mine = [notice for notice in self.notices if notice.recipient == person]
        if any(entry.cause == cause for notice in mine for entry in notice.entries):
            return
        if actor == person or not self._may_know(person, actor, about):
            return
        muted = (person, actor) in self.model.muted_people or (person, about.group) in self.model.muted_groups
        if not muted and not (about.post and (person, about.post.root) in self.model.muted_threads):
            self._keep(person, kind, subject, cause, actor, about)

    def _keep(
        self,
        person: int,
        kind: str,
        subject: str,
        cause: tuple[object, ...],
        actor: int | None,
        about: About,
    ) -> None:
        mine = [notice for notice in self.notices if notice.recipient == person]
        unread = [notice for notice in mine if not notice.read and (notice.kind, notice.subject) == (kind, subject)]
        if not unread:
            unread = [Notice(person, kind, subject)]
            self.notices += unread
        self.told += 1
        unread[0].entries.append(Entry(kind, cause, self.told, actor, about))

    def _may_know(self, person: int, actor: int | None, about: About) -> bool:
        if not self.model.people[person].active or (actor is not None and not self.model.meets(person, actor)):
            return False
        if about.article and not self.model.sees_root(person, about.article):
            return False
        return about.post is None or (not about.post.deleted and self.model.sees(person, about.post))

    def take_back(self, is_gone: Callable[[int, Entry], bool]) -> None:
        for notice in self.notices:
            notice.entries = [entry for entry in notice.entries if not is_gone(notice.recipient, entry)]
        self.notices = [notice for notice in self.notices if notice.entries]

    def visible(self, reader: int) -> list[tuple[Notice, tuple[object, ...]]]:
        """What somebody sees of the own inbox now, newest first."""
        mine = sorted((one for one in self.notices if one.recipient == reader), key=lambda one: -one.position)
        return [(notice, shown) for notice in mine if (shown := self._shown(notice))]

    def _shown(self, notice: Notice) -> tuple[object, ...] | None:
        """Kind, subject, how often, how many, who last, which post shows it, what it is, and whether it was read."""
        seen = [entry for entry in notice.entries if self._sees(notice.recipient, entry)]
        if not seen:
            return None
        people = sorted({entry.actor for entry in seen}, key=lambda one: -_last(seen, one).about.moment)
        newest = max((entry for entry in seen if entry.actor == people[0]), key=lambda one: one.position).about
        named = [person for person in people if person is not None]
        post = newest.post.name if newest.post else ""
        return notice.kind, notice.subject, len(seen), len(named), named[:3], post, newest.thing or post, notice.read

    def _sees(self, reader: int, entry: Entry) -> bool:
        """Of a reshare of what is gone one is not told any more, nor of a comment that was hidden."""
        about, original = entry.about, entry.post.original if entry.kind == "RESHARE" and entry.post else None
        if original is not None and (original.deleted or original.removed):
            return False
        if about.comment and (about.comment.hidden or about.comment.removed):
            return False
        if about.group is not None and not self.model.belongs(reader, about.group, about.moment):
            return False
        return self._may_know(reader, entry.actor, about)

    def read(self, reader: int, up_to: Notice) -> None:
        """Reads everything up to a notice, also what is not seen."""
        last = up_to.position
        for notice in self.notices:
            notice.read |= notice.recipient == reader and notice.position <= last


def _last(seen: list[Entry], actor: int | None) -> Entry:
    return max((entry for entry in seen if entry.actor == actor), key=lambda one: one.about.moment)
