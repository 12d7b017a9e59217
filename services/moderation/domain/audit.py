"""The audit log: what those who judge did, as a chain in which every entry stands for all before it.

Whoever can write to the database can make another chain that holds together. So *checkpoints*, signed and kept
elsewhere, say what the chain was at each position: they tell where a chain that was made anew begins to differ.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256

BEGINNING = sha256(b"audit").digest()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Fact = str | int | bool | None | Sequence[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that somebody did: `actor` and `subject` are resource names, `facts` a JSON object, as it is kept."""

    position: int
    moment: datetime
    actor: str
    action: str
    subject: str
    facts: str
    chain: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last position, 0 for an empty log, and the chain there."""

    position: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the chain was at `position` and, as far as `chains` go back from there, at those before it."""

    position: int
    chains: tuple[bytes, ...]
    moment: datetime

    @property
    def first(self) -> int:
        """The first position of which it tells."""
        return self.position - len(self.chains) + 1


class Sort(Enum):
    """In what way a log is not what was written; the values are sentences without their subject."""

    MISSING = "is missing"
    MISPLACED = "stands where no entry can stand"
    CHANGED = "is not what was written there"
    REWRITTEN = "is not what the checkpoints say, though the chain was made anew to fit"
    TRUNCATED = "was there once, and the log ends before it"
    ADDED = "was added without the log's own means"


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first position at which a log is not what was written."""

    position: int
    sort: Sort


def written(facts: Mapping[str, Fact]) -> str:
    """Facts as they are kept: the same facts are always the same text. Those that are None are left out."""
    told = {name: fact for name, fact in facts.items() if fact is not None}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link(before: bytes, entry: Entry) -> bytes:
    """The chain at an entry; `audit.link` in the database works out the same."""
    micros = (entry.moment - _EPOCH) // _MICROSECOND
    numbers = entry.position.to_bytes(8, "big", signed=True) + micros.to_bytes(8, "big", signed=True)
    texts = (text.encode() for text in (entry.actor, entry.action, entry.subject, entry.facts))
    # Each with its length, so that nothing can move from one to the next.
    content = b"".join(len(text).to_bytes(4, "big") + text for text in texts)
    return sha256(before + numbers + content).digest()


class Verification:
    """Reads a log from its beginning and finds the first position at which it is not what was written.

    `witnessed` is up to where checkpoints tell what was written: what comes after it can still be replaced by whoever
    makes the chain anew. `gaps` counts the entries before that of which none of the checkpoints tells, `contradictions`
    what two of them tell differently.
    """

    def __init__(self, checkpoints: Iterable[Checkpoint] = ()) -> None:
        self.flaw: Flaw | None = None
        self.position = 0
        self.gaps = 0
        self.contradictions = 0
        self._chain = BEGINNING
        self._known: dict[int, bytes] = {}
        for checkpoint in sorted(checkpoints, key=lambda checkpoint: checkpoint.moment):
            self._believe(checkpoint)
        self.witnessed = max(self._known, default=0)

    def read(self, entries: Iterable[Entry]) -> None:
        """Takes in the entries that follow on those before, in the order of their positions."""
        for entry in entries:
            if self.flaw is None:
                self._take(entry)

    def finish(self, head: Head) -> Flaw | None:
        """The first flaw, if there is any, when all entries were read; `head` is where the log says that it ends."""
        last = max(head.position, self.witnessed)
        if self.flaw is None and last > self.position:
            self.flaw = Flaw(self.position + 1, Sort.TRUNCATED)
        if self.flaw is None and head.position < self.position:
            self.flaw = Flaw(head.position + 1, Sort.ADDED)
        if self.flaw is None and head.chain != self._chain:
            self.flaw = Flaw(head.position, Sort.CHANGED)
        return self.flaw

    def _take(self, entry: Entry) -> None:
        expected = self.position + 1
        if entry.position != expected:
            missing = entry.position > expected
            self.flaw = Flaw(expected, Sort.MISSING) if missing else Flaw(entry.position, Sort.MISPLACED)
        elif link(self._chain, entry) != entry.chain:
            self.flaw = Flaw(expected, Sort.CHANGED)
        elif self._known.get(expected, entry.chain) != entry.chain:
            self.flaw = Flaw(expected, Sort.REWRITTEN)
        else:
            self.gaps += expected <= self.witnessed and expected not in self._known
            self.position, self._chain = expected, entry.chain

    def _believe(self, checkpoint: Checkpoint) -> None:
        """Of checkpoints that contradict each other the older one is believed: it was there first."""
        for position, chain in enumerate(checkpoint.chains, start=checkpoint.first):
            self.contradictions += self._known.setdefault(position, chain) != chain
