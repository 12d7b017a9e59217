"""What is told to those who listen: what came into a home, as far as each of them sees it, and why it ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from uuid import UUID

from chassis.access import Root, Sight, kinds_mask
from services.feed.domain.posts import Post
from services.feed.domain.relations import Silence

MOST_COUNTED = 100
MOST_CHANGED = 20
# So many are remembered for one listener: as long as no more of them were taken away again, the count is right.
MOST_REMEMBERED = 2 * MOST_COUNTED


class End(IntEnum):
    """Why a stream ends; the numbers are those of the API."""

    SESSION_ENDED = 1
    TOKEN_EXPIRED = 2
    TIME_OVER = 3
    SERVER_STOPS = 4
    ACCESS_UNCERTAIN = 5


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What decides who sees a post, without what it says. `thread` decides as well where the post is a reply."""

    id: UUID
    itself: Root
    tags: tuple[str, ...]
    stands: bool
    thread: Root | None = None

    @classmethod
    def of(cls, post: Post, root: Post | None = None) -> "Glimpse":
        """A post of its own, or a reply with its root."""
        return cls(post.id, _root(post), post.tags, post.delete_time is None, _root(root) if root else None)

    def is_seen(self, sight: Sight) -> bool:
        """Whether somebody may see it."""
        if self.thread is not None:
            return self.stands and sight.sees_under(
                self.thread, self.itself.author, self.itself.hidden, self.itself.removed
            )
        return self.stands and sight.sees(*self.itself)

    def was_seen(self, sight: Sight) -> bool:
        """Whether somebody may know of it, though it was hidden, removed or deleted meanwhile."""
        return sight.sees(*self.itself._replace(hidden=False, removed=False))

    def is_muted(self, silence: Silence, viewer: UUID) -> bool:
        """Whether it is of, or with, what somebody muted. One's own is not muted by a tag."""
        if self.itself.author.int in silence.people or self.id.int in silence.threads:
            return True
        return self.itself.author != viewer and not silence.tags.isdisjoint(self.tags)


@dataclass(frozen=True, slots=True)
class Shown:
    """A post of a home. `original` is what it passes on, if that is there; `plain` when it says nothing itself."""

    post: Glimpse
    announcement: bool = False
    plain: bool = False
    original: Glimpse | None = None

    @property
    def content(self) -> UUID:
        """What it shows: the same post is shown once, however many passed it on."""
        return self.original.id if self.plain and self.original else self.post.id

    def is_shown(self, sight: Sight, silence: Silence) -> bool:
        """Whether it stands in the home of somebody whom it reached."""
        if not self.post.is_seen(sight) or self.post.is_muted(silence, sight.viewer):
            return False
        if self.original is None or not self.original.is_seen(sight):
            return not self.plain
        return not self.original.is_muted(silence, sight.viewer)


@dataclass(slots=True, weakref_slot=True)
class Arrival:
    """A post that came into homes, at its place in the log; `shown` is as it is by now."""

    position: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class News:
    """How many posts one person sees of those that came, at most MOST_COUNTED, and the newest of them."""

    count: int
    newest: UUID | None

    @classmethod
    def of(cls, arrivals: Iterable[Arrival], sight: Sight, silence: Silence) -> "News":
        """`arrivals` are those that reached the person, in the order in which they came."""
        seen = [arrival.shown for arrival in arrivals if arrival.shown.is_shown(sight, silence)]
        count = len({shown.content for shown in seen})
        return cls(min(count, MOST_COUNTED), seen[-1].post.id if seen else None)


@dataclass(slots=True)
class Past:
    """What came lately, in the order of the log: the `arrivals` and, for each position after `begin`, its chain."""

    begin: int = 0
    chains: list[bytes] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The position up to which it reaches."""
        return self.begin + len(self.chains) - 1

    @property
    def chain(self) -> bytes:
        """The chain at the end."""
        return self.chains[-1]

    def holds(self, position: int, chain: bytes) -> bool:
        """Whether what followed a place is known, and the past before it is the same."""
        place = position - self.begin
        return 0 <= place < len(self.chains) and self.chains[place] == chain

    def since(self, position: int) -> list[Arrival]:
        """What came after a position."""
        return [arrival for arrival in self.arrivals if arrival.position > position]

    def forget(self, kept: int) -> None:
        """Leaves out the oldest, down to about `kept` positions."""
        surplus = len(self.chains) - kept
        if surplus > kept // 10:
            self.begin += surplus
            del self.chains[:surplus]
            self.arrivals = self.since(self.begin)


def _root(post: Post) -> Root:
    audience = post.audience
    return Root(post.author, kinds_mask(audience.kinds), audience.group, post.hidden, post.create_time, post.removed)
