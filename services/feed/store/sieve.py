"""What of a home its owner sees: decided on each value, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from plein.feed.v1 import feed_pb2

from chassis.access import Root, Sight
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


# On what it is decided who sees a post, besides the post: how often the replica of access changed, whether groups are
# heard, and what the reader muted.
Basis = tuple[int, bool, Silence]


class Entry(NamedTuple):
    """A post of a home, its value taken apart.

    `root` decides who sees it; whoever meets the author does, if it is `unconditional`. `made` is when, in
    milliseconds, and `content` what it shows: itself, or what it passes on. In a page it is `full` with what it leads
    to, else `bare`.
    """

    id: bytes
    value: bytes
    author: bytes
    root: Root
    unconditional: bool
    made: int
    content: bytes
    leads_to: bytes
    bare: bytes
    full: bytes


class Lead(NamedTuple):
    """What a post of a home leads to. Whoever sees all the `roots` sees it; nobody does when there are none."""

    id: bytes
    value: bytes
    roots: Sequence[Root]


@dataclass(slots=True)
class Material:
    """A stretch of somebody's home with all on which is decided what of it its owner sees.

    `page` is what was last made of it, and all else on which that was decided.
    """

    entries: Sequence[Entry]
    leads: Sequence[Lead]
    page: tuple[Basis, bytes] | None = None


class Authors:
    """The UUIDs of authors by their bytes: making one costs more than everything else that is decided about a post."""

    def __init__(self) -> None:
        self._known: dict[bytes, UUID] = {}
        # Those of whom identity told. It never takes that back, so who meets everybody meets them.
        self.heard_of: dict[bytes, bool] = {}

    def __getitem__(self, raw: bytes) -> UUID:
        known = self._known.get(raw)
        if known is None:
            if len(self._known) > MOST_KNOWN_AUTHORS:
                self._known.clear()
                self.heard_of.clear()
            known = self._known[raw] = UUID(bytes=raw)
        return known

    def entry(self, id_: bytes, value: bytes, mark: bytes | None, original: bytes | None) -> Entry | None:
        """A post that is there; `original` is the serialized one to which it leads."""
        root, made = self.root(id_, value), milliseconds(id_)
        if root is None:
            return None
        bare = full = wire.joinable(value[MESSAGE], mark)
        if original is not None:
            full = wire.joinable(value[MESSAGE], mark, original)
        leads_to, unconditional = value[LEADS_TO], value[CONDITIONS] == UNCONDITIONAL
        content = leads_to if value[FLAGS] & PLAIN else id_
        return Entry(id_, value, value[AUTHOR], root, unconditional, made, content, leads_to, bare, full)

    def lead(self, id_: bytes, value: bytes, top: bytes | None) -> Lead:
        """What a post leads to; `top` is the root of a reply, if that is there."""
        roots = [self.root(id_, value)]
        if value[FLAGS] & REPLY:
            roots.append(self.root(value[LEADS_TO], top, though_deleted=True) if top else None)
        return Lead(id_, value, [] if None in roots else [root for root in roots if root])

    def root(self, id_: bytes, value: bytes, *, though_deleted: bool = False) -> Root | None:
        """What decides who sees a post by itself; None when nobody does."""
        _, author, kinds, flags, group, _ = HEADER.unpack_from(value)
        if flags & REMOVED or (flags & DELETED and not though_deleted):
            return None
        hidden = flags & HIDDEN != 0
        if group == NOTHING:
            return Root(self[author], kinds, None, hidden)
        written = datetime.fromtimestamp(milliseconds(id_) / 1000, UTC)
        return Root(self[author], kinds, UUID(bytes=group), hidden, written)


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
        sight, silence, reshared = self.sight, self._silence, self._reshared
        leads = {lead.id: seen for lead in material.leads if (seen := self._judged(lead)) is not None}
        met = self._authors.heard_of if sight.meets_all else {}
        shown: list[tuple[bytes, bytes]] = []
        for id_, value, author, root, unconditional, made, content, leads_to, bare, full in material.entries:
            if silence and self._is_muted(silence, id_, value):
                continue
            leads_on = None
            if unconditional:
                if author not in met:
                    if not sight.sees(root.author):
                        continue
                    met[author] = True
            else:
                leads_on = leads.get(leads_to)
                # What is muted takes along what leads to it; what is not seen takes along what says nothing itself.
                if leads_on is False or (content is not id_ and not leads_on) or not sight.sees(*root):
                    continue
            if (reshared or content is not id_) and self._repeats(made, id_, content):
                continue
            shown.append((id_, full if leads_on else bare))
        return shown

    def _judged(self, lead: Lead) -> bool | None:
        """Whether a post may show what it leads to; False when that is muted."""
        if self._silence and self._is_muted(self._silence, lead.id, lead.value):
            return False
        return True if lead.roots and all(self.sight.sees(*root) for root in lead.roots) else None

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

    def _repeats(self, made: int, id_: bytes, content: bytes) -> bool:
        """Whether the same post stood further up, not long after; takes note of reshares."""
        later = self._reshared.get(content)
        if id_ != content:
            self._reshared[content] = made
        return later is not None and later - made <= REPEAT_MILLISECONDS
