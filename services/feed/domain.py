"""Posts and their rules."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import regex

from chassis.problems import BadInput, NotAllowed, WrongState

MOST_CHARACTERS = 500
MOST_MENTIONS = 50
MOST_TAGS = 30
# Longer ones nobody has, or can look up.
MOST_HANDLE_LETTERS = 64
MOST_TAG_LETTERS = 100
REACTIONS = 6

_GRAPHEME = regex.compile(r"\X")
# What looks like a mention or tag in a link is a part of its address.
_LINK = regex.compile(r"https?://\S+", regex.IGNORECASE)
# Not after a word, a slash or another "@": addresses and paths are no mentions.
_MENTION = regex.compile(r"(?<![\w@/.+-])@([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)", regex.IGNORECASE)
_TAG = regex.compile(r"(?<![\w#&/])#((?=[\w·-]*\p{L})[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_·-]*[\p{L}\p{M}\p{N}_])?)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A person in a text."""

    person: UUID
    handle: str


@dataclass(frozen=True, slots=True)
class Post:
    """A short message. `root` is the top of its thread, on which audience and group are decided."""

    id: UUID
    author: UUID
    text: str
    root: UUID
    create_time: datetime
    reply_to: UUID | None = None
    mentions: tuple[Mention, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[int, ...] = ()
    hidden: bool = False
    reply_count: int = 0
    reaction_counts: tuple[int, ...] = (0,) * REACTIONS
    delete_time: datetime | None = None
    version: int = 1

    @property
    def name(self) -> str:
        return f"posts/{self.id}"

    @property
    def is_root(self) -> bool:
        return self.reply_to is None

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
    """A text that may become a post, and what was recognised in it."""

    text: str
    handles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[int, ...] = field(default=())

    def by(
        self, author: UUID, post_id: UUID, now: datetime, people: Mapping[str, UUID], parent: Post | None = None
    ) -> Post:
        """The post; `people` are those behind the handles. A reply has its root's audience and no own."""
        if parent is not None and self.kinds:
            raise BadInput("REPLY_HAS_AUDIENCE", "A reply has the audience of its thread.", field="post.audience")
        if parent is not None and parent.delete_time is not None:
            raise WrongState("POST_DELETED", "A deleted post cannot be answered.")
        mentions = tuple(Mention(people[handle], handle) for handle in self.handles if handle in people)
        return Post(
            id=post_id,
            author=author,
            text=self.text,
            root=parent.root if parent else post_id,
            reply_to=parent.id if parent else None,
            mentions=mentions,
            tags=self.tags,
            kinds=self.kinds,
            create_time=now,
        )


def drafted(text: str, kinds: Sequence[int] = ()) -> Draft:
    """Checks a text and recognises its mentions and tags."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if not text:
        raise BadInput("EMPTY_POST", "A post needs a text.", field="post.text")
    count = len(_GRAPHEME.findall(text))
    if count > MOST_CHARACTERS:
        sentence = "A post has at most {most} characters, and this one has {count}."
        raise BadInput("POST_TOO_LONG", sentence, field="post.text", most=MOST_CHARACTERS, count=count)
    words = _LINK.sub(" ", text)
    handles = _once((handle.lower() for handle in _MENTION.findall(words)), MOST_HANDLE_LETTERS)
    tags = _once((folded_tag(tag) for tag in _TAG.findall(words)), MOST_TAG_LETTERS)
    return Draft(text, handles[:MOST_MENTIONS], tags[:MOST_TAGS], tuple(sorted(set(kinds))))


def _once(words: Iterable[str], most_letters: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if len(word) <= most_letters))


def folded_tag(tag: str) -> str:
    """The one way in which a tag is stored and looked up, however it is written."""
    return unicodedata.normalize("NFKC", tag.removeprefix("#")).casefold()


def id_at(moment: datetime, external_id: str) -> UUID:
    """The id of something that happened elsewhere: a UUIDv7 of that moment, the same for the same `external_id`."""
    milliseconds = int(moment.timestamp() * 1000)
    random = int.from_bytes(sha256(external_id.encode()).digest()[:10], "big")
    return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 68 & 0xFFF) << 64 | 2 << 62 | random & (1 << 62) - 1)


def check_follow(follower: UUID, followee: UUID) -> None:
    """Nobody follows oneself."""
    if follower == followee:
        raise WrongState("FOLLOWS_ONESELF", "Your own posts are in your home already.")
