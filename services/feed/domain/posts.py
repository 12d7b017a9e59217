"""Posts and their rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from chassis.problems import BadInput, NotAllowed, Stale, WrongState
from services.feed.domain.cards import Card
from services.feed.domain.marks import REACTIONS
from services.feed.domain.polls import Poll
from services.feed.domain.texts import normalised

# From here on a ReplyRule leaves people out; this one all but the author and whom the root mentions.
MENTIONED_REPLY = 2


@dataclass(frozen=True, slots=True)
class Mention:
    """A person in a text."""

    person: UUID
    handle: str


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a post; its largest size in pixels."""

    id: UUID
    alt_text: str
    width: int
    height: int

    def described(self, alt_text: str) -> "Image":
        """The image with another description."""
        return replace(self, alt_text=normalised(alt_text))


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """What the first link of a text leads to."""

    url: str
    title: str
    description: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see a root: these kinds of worker, or everyone; of these, the members of the group if there is one."""

    kinds: tuple[int, ...] = ()
    group: UUID | None = None


EVERYONE = Audience()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many replied, reshared, reacted in each way, chose each choice of the poll, and voted."""

    replies: int
    reshares: int
    reactions: tuple[int, ...]
    votes: tuple[int, ...]
    voters: int


@dataclass(frozen=True, slots=True)
class Post:
    """A short message. `root` is the top of its thread, on which audience and group are decided.

    `revision` counts what the author wrote, `version` every change. `reshare_of` is what it passes on.
    """

    id: UUID
    author: UUID
    text: str
    root: UUID
    create_time: datetime
    reply_to: UUID | None = None
    mentions: tuple[Mention, ...] = ()
    tags: tuple[str, ...] = ()
    audience: Audience = EVERYONE
    reply_rule: int = 0
    reshare_of: UUID | None = None
    images: tuple[Image, ...] = ()
    poll: Poll | None = None
    link_preview: LinkPreview | None = None
    announcement: bool = False
    card: Card | None = None
    hidden: bool = False
    removed: bool = False
    reply_count: int = 0
    reshare_count: int = 0
    reaction_counts: tuple[int, ...] = (0,) * REACTIONS
    edit_time: datetime | None = None
    delete_time: datetime | None = None
    revision: int = 1
    version: int = 1

    @property
    def name(self) -> str:
        return f"posts/{self.id}"

    @property
    def etag(self) -> str:
        """Tells apart what the author wrote at different times."""
        return f'"{self.revision}"'

    @property
    def is_root(self) -> bool:
        return self.reply_to is None

    @property
    def is_counted(self) -> bool:
        """Whether it counts where it answers or passes on: for as long as others than its author may see it."""
        return self.delete_time is None and not self.hidden and not self.removed

    @property
    def is_plain_reshare(self) -> bool:
        """Whether it passes another post on and says nothing itself."""
        return self.reshare_of is not None and not self.text and not self.images

    def deleted_by(self, person: UUID, now: datetime) -> "Post":
        """What is left of the post: its place in the thread and its counts, and nothing that it said."""
        if person != self.author:
            raise NotAllowed("NOT_YOUR_POST", "Only its author can delete a post.")
        left = replace(self, text="", mentions=(), tags=(), images=(), poll=None, link_preview=None, announcement=False)
        return replace(left, card=None, delete_time=now, version=self.version + 1)

    def check_author(self, person: UUID, etag: str) -> None:
        """Whether somebody who read it with this etag may change what it says."""
        if person != self.author:
            raise NotAllowed("NOT_YOUR_POST", "Only its author can change a post.")
        if self.delete_time is not None:
            raise WrongState("POST_DELETED", "A deleted post cannot be changed.")
        if self.is_plain_reshare:
            raise WrongState("PLAIN_RESHARE", "A reshare without a comment says nothing that can be changed.")
        if etag and etag != self.etag:
            raise Stale("POST_CHANGED", "The post changed since you read it.")

    def edited(self, changes: Mapping[str, Any], now: datetime, *, held: bool = False) -> "Post":
        """The post with other `text`, `mentions`, `tags`, `images`, `reply_rule` or `poll`; itself if that is the same.

        It counts as edited when something else can be read or seen in it, and not when other people may reply. When it
        is `held`, others see it once moderators have judged it.
        """
        changed = replace(self, **changes)
        if changed.poll is not None and changed.poll.asks_as(self.poll):
            changed = replace(changed, poll=self.poll)
        if changed == self:
            return self
        self._check_edit(changed, now)
        preview = self.link_preview if self.link_preview and self.link_preview.url in changed.text else None
        changed = replace(changed, link_preview=preview, revision=self.revision + 1, version=self.version + 1)
        changed = replace(changed, hidden=self.hidden or held)
        return replace(changed, edit_time=now) if changed.says != self.says else changed

    @property
    def says(self) -> tuple[object, ...]:
        """What can be read and seen in it."""
        return self.text, self.images, self.poll and (self.poll.choices, self.poll.multiple, self.poll.end_time)

    @property
    def words(self) -> list[str]:
        """All that can be read in it."""
        return [self.text, *(image.alt_text for image in self.images), *(self.poll.choices if self.poll else ())]

    def _check_edit(self, changed: "Post", now: datetime) -> None:
        if self.card is not None and changed.says != self.says:
            raise WrongState("CARD_POST", "What a card says changes with the card.")
        if not changed.text and not changed.images:
            raise BadInput("EMPTY_POST", "A post needs a text or an image.", field="post.text")
        if changed.reply_rule != self.reply_rule and not self.is_root:
            raise BadInput("ROOTS_ONLY", "A reply cannot have it.", field="post.reply_rule")
        if changed.poll == self.poll:
            return
        if not self.is_root:
            raise BadInput("ROOTS_ONLY", "A reply cannot have it.", field="post.poll")
        if self.poll and (self.poll.voter_count or self.poll.end_time <= now):
            raise WrongState("POLL_BEGUN", "A poll cannot be changed once somebody has voted, or it has ended.")
        if changed.poll:
            changed.poll.check_end(now)

    def check_reply(self, person: UUID) -> None:
        """Whether somebody who sees this root may reply in its thread."""
        named = self.reply_rule == MENTIONED_REPLY and person in {mention.person for mention in self.mentions}
        if self.reply_rule >= MENTIONED_REPLY and person != self.author and not named:
            raise NotAllowed("REPLIES_LIMITED", "The author limited who can reply here.")

    def with_reshare(self, change: int) -> "Post":
        """The post with one reshare more, or less."""
        return replace(self, reshare_count=max(0, self.reshare_count + change), version=self.version + 1)

    def with_votes(self, before: int, after: int) -> "Post":
        """The post when the votes of one person in its poll change."""
        return replace(self, poll=self.voted_on.with_votes(before, after), version=self.version + 1)

    @property
    def voted_on(self) -> Poll:
        """Its poll, which it must have."""
        if self.delete_time is not None:
            raise WrongState("POST_DELETED", "In a deleted post nobody can vote.")
        if self.poll is None:
            raise WrongState("NO_POLL", "The post has no poll.")
        return self.poll

    @classmethod
    def of_card(cls, card: Card, id_: UUID, author: UUID, audience: Audience, *, announcement: bool) -> "Post":
        """A new post with what a system tells, in the name of who answers for it."""
        return cls(
            id=id_,
            author=author,
            text=card.content.words,
            root=id_,
            create_time=card.update_time,
            audience=audience,
            announcement=announcement,
            card=card,
        )

    def with_card(self, card: Card) -> "Post":
        """The post when what its card tells has changed."""
        return replace(self, card=card, text=card.content.words, revision=self.revision + 1, version=self.version + 1)

    def counted(self, counts: Counts) -> "Post":
        """The post with these counts; itself if it has them."""
        poll = self.poll and replace(self.poll, vote_counts=counts.votes, voter_count=counts.voters)
        right = replace(
            self,
            reply_count=counts.replies,
            reshare_count=counts.reshares,
            reaction_counts=counts.reactions,
            poll=poll,
        )
        return self if right == self else replace(right, version=self.version + 1)

    def moderated(self, *, hidden: bool, removed: bool) -> "Post":
        """The post as moderators want it: for its author alone, for nobody, or as meant; itself if it is so."""
        if (self.hidden, self.removed) == (hidden, removed):
            return self
        return replace(self, hidden=hidden, removed=removed, version=self.version + 1)

    def counting(self, other: "Post", change: int) -> "Post":
        """The post when `other`, which it passes on or which stands in its thread, counts for one more or less."""
        return self.with_reshare(change) if other.reshare_of == self.id else self.with_reply(change)

    def with_reply(self, change: int) -> "Post":
        """The post with one reply more, or less."""
        return replace(self, reply_count=max(0, self.reply_count + change), version=self.version + 1)

    def with_link_preview(self, preview: LinkPreview | None) -> "Post":
        """The post with what its first link leads to."""
        return replace(self, link_preview=preview, version=self.version + 1)

    def with_reaction(self, before: int, after: int) -> "Post":
        """The post when one person's reaction changes; 0 is none."""
        counts = list(self.reaction_counts)
        if before:
            counts[before - 1] = max(0, counts[before - 1] - 1)
        if after:
            counts[after - 1] += 1
        return replace(self, reaction_counts=tuple(counts), version=self.version + 1)


def id_at(moment: datetime, external_id: str) -> UUID:
    """The id of something that happened elsewhere: a UUIDv7 of that moment, the same for the same `external_id`."""
    milliseconds = int(moment.timestamp() * 1000)
    random = int.from_bytes(sha256(external_id.encode()).digest()[:10], "big")
    return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 68 & 0xFFF) << 64 | 2 << 62 | random & (1 << 62) - 1)
