"""Posts and their rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from chassis.problems import BadInput, NotAllowed, WrongState
from services.feed.domain.marks import REACTIONS
from services.feed.domain.texts import Text, recognised


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


@dataclass(frozen=True, slots=True)
class Poll:
    """A question's choices, and how many chose each."""

    choices: tuple[str, ...]
    multiple: bool
    end_time: datetime
    vote_counts: tuple[int, ...]
    voter_count: int = 0


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
    hidden: bool = False
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
    def is_plain_reshare(self) -> bool:
        """Whether it passes another post on and says nothing itself."""
        return self.reshare_of is not None and not self.text and not self.images

    def deleted_by(self, person: UUID, now: datetime) -> "Post":
        """What is left of the post: its place in the thread, and nothing that it said."""
        if person != self.author:
            raise NotAllowed("NOT_YOUR_POST", "Only its author can delete a post.")
        return replace(self, text="", mentions=(), tags=(), delete_time=now, version=self.version + 1)

    def with_reply(self, change: int) -> "Post":
        """The post with one reply more, or less."""
        return replace(self, reply_count=max(0, self.reply_count + change), version=self.version + 1)

    def with_reaction(self, before: int, after: int) -> "Post":
        """The post when one person's reaction changes; 0 is none."""
        counts = list(self.reaction_counts)
        if before:
            counts[before - 1] = max(0, counts[before - 1] - 1)
        if after:
            counts[after - 1] += 1
        return replace(self, reaction_counts=tuple(counts), version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Draft:
    """What may become a post."""

    content: Text
    audience: Audience = field(default=EVERYONE)

    def by(
        self, author: UUID, post_id: UUID, now: datetime, people: Mapping[str, UUID], parent: Post | None = None
    ) -> Post:
        """The post; `people` are those behind the handles. A reply has its root's audience and no own."""
        if parent is not None and self.audience != EVERYONE:
            raise BadInput("REPLY_HAS_AUDIENCE", "A reply has the audience of its thread.", field="post.audience")
        if parent is not None and parent.delete_time is not None:
            raise WrongState("POST_DELETED", "A deleted post cannot be answered.")
        mentions = tuple(Mention(people[handle], handle) for handle in self.content.handles if handle in people)
        return Post(
            id=post_id,
            author=author,
            text=self.content.text,
            root=parent.root if parent else post_id,
            reply_to=parent.id if parent else None,
            mentions=mentions,
            tags=self.content.tags,
            audience=self.audience,
            create_time=now,
        )


def drafted(text: str, kinds: Sequence[int] = (), group: UUID | None = None) -> Draft:
    """Checks a text and what goes with it."""
    content = recognised(text)
    if not content.text:
        raise BadInput("EMPTY_POST", "A post needs a text.", field="post.text")
    return Draft(content, Audience(tuple(sorted(set(kinds))), group))


def id_at(moment: datetime, external_id: str) -> UUID:
    """The id of something that happened elsewhere: a UUIDv7 of that moment, the same for the same `external_id`."""
    milliseconds = int(moment.timestamp() * 1000)
    random = int.from_bytes(sha256(external_id.encode()).digest()[:10], "big")
    return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 68 & 0xFFF) << 64 | 2 << 62 | random & (1 << 62) - 1)
