"""What of a home its owner sees: decided on each value, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from plein.feed.v1 import feed_pb2

from chassis.access import Sight
from services.feed import wire
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


class Entry(NamedTuple):
    """A post of a home: its value taken apart, and how it looks in a page, without and with what it leads to."""

    id: bytes
    value: bytes
    author: bytes
    is_unconditional: bool
    leads_to: bytes
    bare: bytes
    full: bytes


class Lead(NamedTuple):
    """What a post of a home leads to, and the root on which it is decided too, when it is a reply."""

    id: bytes
    value: bytes
    root: bytes
    root_value: bytes | None


@dataclass(slots=True)
class Material:
    """A stretch of somebody's home with all on which is decided what of it its owner sees.

    `page` is what was last made of it, for whoever sees the same of it again: what was
    shown, whether more followed, and the page.
    """

    entries: Sequence[Entry]
    leads: Sequence[Lead]
    page: tuple[Sequence[tuple[bytes, bytes]], bool, bytes] | None = None


def entries(
    ids: Sequence[bytes],
    values: Sequence[bytes | None],
    marks: Sequence[bytes | None],
    originals: Mapping[bytes, bytes],
) -> list[Entry]:
    """The posts that there are; `originals` are the serialized ones to which they lead."""
    made = []
    for id_, value, mark in zip(ids, values, marks, strict=True):
        if value is None:
            continue
        bare = full = wire.joinable(value[MESSAGE], mark)
        original = originals.get(value[LEADS_TO])
        if original is not None:
            full = wire.joinable(value[MESSAGE], mark, original)
        is_unconditional = value[CONDITIONS] == UNCONDITIONAL
        made.append(Entry(id_, value, value[AUTHOR], is_unconditional, value[LEADS_TO], bare, full))
    return made


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
    """Lets through what one reader sees, in the order of the home: what stands above decides what is repeated below."""

    def __init__(self, sight: Sight, silence: Silence, authors: Authors) -> None:
        self.sight = sight
        self._silence = None if silence is NOTHING_MUTED or silence == NOTHING_MUTED else silence
        self._authors = authors
        # When posts were reshared that may come again further down.
        self._reshared: dict[bytes, int] = {}

    def passed(self, material: Material) -> list[tuple[bytes, bytes]]:
        """What the reader sees, as (id, what stands in the page)."""
        meets_all, heard_of, reshared = self.sight.meets_all, self._authors.heard_of, self._reshared
        leads = {lead.id: seen for lead in material.leads if (seen := self._judged(lead)) is not None}
        shown: list[tuple[bytes, bytes]] = []
        for entry in material.entries:
            id_, value, author, is_unconditional, leads_to, bare, full = entry
            if self._silence and self._is_muted(self._silence, id_, value):
                continue
            if is_unconditional:
                meets = (meets_all and author in heard_of) or self._meets(author)
                if meets and not (reshared and self._repeats(id_, id_)):
                    shown.append((id_, bare))
            elif self._sees(id_, value) and self._passes_on(entry, leads):
                shown.append((id_, full if leads.get(leads_to) else bare))
        return shown

    def _meets(self, author: bytes) -> bool:
        if not self.sight.sees(self._authors[author]):
            return False
        self._authors.heard_of.add(author)
        return True

    def _judged(self, lead: Lead) -> bool | None:
        """Whether a post may show what it leads to; False when that is muted, which takes the post along."""
        if self._silence and self._is_muted(self._silence, lead.id, lead.value):
            return False
        if not self._sees(lead.id, lead.value):
            return None
        if lead.root == lead.id:
            return True
        return True if lead.root_value and self._sees(lead.root, lead.root_value, though_deleted=True) else None

    def _passes_on(self, entry: Entry, leads: Mapping[bytes, bool]) -> bool:
        """Whether what a post passes on, if anything, and what stood further up let it be shown."""
        is_plain, shows = entry.value[FLAGS] & PLAIN, leads.get(entry.leads_to)
        if shows is False or (is_plain and not shows):
            return False
        return not self._repeats(entry.id, entry.leads_to if is_plain else entry.id)

    def _is_muted(self, silence: Silence, id_: bytes, value: bytes) -> bool:
        """Whether the reader muted its author, a tag in it, or its thread. Own posts are not muted by a tag."""
        author = self._authors[value[AUTHOR]]
        thread = value[LEADS_TO] if value[FLAGS] & REPLY else id_
        if author.int in silence.people or int.from_bytes(thread, "big") in silence.threads:
            return True
        if not silence.tags or author == self.sight.viewer:
            return False
        tags = feed_pb2.Post.FromString(value[MESSAGE]).tags
        return any(tag.removeprefix("tags/") in silence.tags for tag in tags)

    def _sees(self, id_: bytes, value: bytes, *, though_deleted: bool = False) -> bool:
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
