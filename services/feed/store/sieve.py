"""What of a home its owner sees: decided on each value, newest first."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from plein.feed.v1 import feed_pb2

from chassis.access import Sight
from services.feed.domain.relations import NOTHING_MUTED, Silence
from services.feed.store.values import (
    AUTHOR,
    CONDITIONS,
    DELETED,
    FLAGS,
    HEADER,
    HIDDEN,
    LEADS_TO,
    MESSAGE,
    NOTHING,
    PLAIN,
    REMOVED,
    REPLY,
    UNCONDITIONAL,
    milliseconds,
)

# Within a day a post stands in a home once: where it came last, by itself or reshared without a comment.
REPEAT_MILLISECONDS = 24 * 3600 * 1000
MOST_KNOWN_AUTHORS = 200_000

# A serialized post, the reader's mark as the cache holds it, and the serialized original, if any.
Shown = tuple[bytes, bytes | None, bytes | None]


class Authors:
    """The UUIDs of authors by their bytes: making one costs more than everything else that is decided about a post."""

    def __init__(self) -> None:
        self._known: dict[bytes, UUID] = {}
        # Those of whom identity told. It never takes that back, so who meets everybody meets them.
        self.heard_of: set[bytes] = set()

    def __getitem__(self, raw: bytes) -> UUID:
        known = self._known.get(raw)
        if known is None:
            if len(self._known) > MOST_KNOWN_AUTHORS:
                self._known.clear()
                self.heard_of.clear()
            known = self._known[raw] = UUID(bytes=raw)
        return known


class Sieve:
    """Lets through what one reader sees. `passes` is asked for every post of a home, in the order of the home."""

    def __init__(self, sight: Sight, silence: Silence, authors: Authors) -> None:
        self.sight = sight
        self._silence = silence if silence != NOTHING_MUTED else None
        self._authors = authors
        # When posts were reshared that may come again further down.
        self._reshared: dict[bytes, int] = {}

    def passed(
        self,
        ids: Sequence[bytes],
        values: Sequence[bytes | None],
        marks: Sequence[bytes | None],
        originals: Mapping[bytes, bytes | None],
    ) -> list[tuple[bytes, Shown]]:
        """What the reader sees, each with its id; `originals` are those that the reader sees, None for muted ones."""
        meets_all, heard_of, reshared = self.sight.meets_all, self._authors.heard_of, self._reshared
        shown: list[tuple[bytes, Shown]] = []
        for id_, value, mark in zip(ids, values, marks, strict=True):
            if value is None or (self._silence and self.muted(id_, value)):
                continue
            if value[CONDITIONS] == UNCONDITIONAL:
                author = value[AUTHOR]
                meets = (meets_all and author in heard_of) or self._meets(author)
                if meets and not (reshared and self._repeats(id_, id_)):
                    shown.append((id_, (value[MESSAGE], mark, None)))
            elif self.sees(id_, value) and self._passes_on(id_, value, originals):
                shown.append((id_, (value[MESSAGE], mark, originals.get(value[LEADS_TO]))))
        return shown

    def _meets(self, author: bytes) -> bool:
        if not self.sight.sees(self._authors[author]):
            return False
        self._authors.heard_of.add(author)
        return True

    def _passes_on(self, id_: bytes, value: bytes, originals: Mapping[bytes, bytes | None]) -> bool:
        """Whether what a post passes on, if anything, and what stood further up let it be shown."""
        original, plain = value[LEADS_TO], value[FLAGS] & PLAIN
        if originals.get(original, NOTHING) is None or (plain and original not in originals):
            return False
        return not self._repeats(id_, original if plain else id_)

    def muted(self, id_: bytes, value: bytes) -> bool:
        """Whether the reader muted its author, a tag in it, or its thread. Own posts are not muted by a tag."""
        if self._silence is None:
            return False
        author = self._authors[value[AUTHOR]]
        thread = value[LEADS_TO] if value[FLAGS] & REPLY else id_
        if author.int in self._silence.people or int.from_bytes(thread, "big") in self._silence.threads:
            return True
        if not self._silence.tags or author == self.sight.viewer:
            return False
        tags = feed_pb2.Post.FromString(value[MESSAGE]).tags
        return any(tag.removeprefix("tags/") in self._silence.tags for tag in tags)

    def pass_over(
        self, ids: Sequence[bytes], values: Sequence[bytes | None], originals: Mapping[bytes, bytes | None]
    ) -> None:
        """Takes note of what stands above a page."""
        self.passed(ids, values, [None] * len(ids), originals)

    def sees(self, id_: bytes, value: bytes, *, though_deleted: bool = False) -> bool:
        """Whether the reader may see a post by itself."""
        _, author, kinds, flags, group, _ = HEADER.unpack_from(value)
        if flags & REMOVED or (flags & DELETED and not though_deleted):
            return False
        hidden = flags & HIDDEN != 0
        if group == NOTHING:
            return self.sight.sees(self._authors[author], kinds, None, hidden)
        written = datetime.fromtimestamp(milliseconds(id_) / 1000, UTC)
        return self.sight.sees(self._authors[author], kinds, UUID(bytes=group), hidden, written)

    def _repeats(self, id_: bytes, content: bytes) -> bool:
        """Whether the same post stood further up, not long after; takes note of reshares."""
        now = milliseconds(id_)
        later = self._reshared.get(content)
        if id_ != content:
            self._reshared[content] = now
        return later is not None and later - now <= REPEAT_MILLISECONDS
