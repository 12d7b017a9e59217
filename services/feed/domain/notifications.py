"""What people are told, of which kinds, and how they want to be told."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from enum import IntEnum
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.problems import BadInput, Stale


class Kind(IntEnum):
    """As in the .proto, which tells what each means."""

    MENTION = 1
    REPLY = 2
    REPLY_IN_OWN_THREAD = 3
    REPLY_IN_JOINED_THREAD = 4
    REACTION = 5
    RESHARE = 6
    FOLLOWER = 7
    POLL_ENDED = 8
    MEMBERSHIP_REQUEST = 9
    MEMBERSHIP_BEGUN = 10
    MEMBERSHIP_ENDED = 11
    INVITATION = 12
    GROUP_EVENT = 13
    ARTICLE = 14
    COMMENT = 15
    COMMENT_REPLY = 16
    CONTRIBUTION_ANSWERED = 17
    CONTENT_HIDDEN = 18
    CONTENT_RESTORED = 19
    DECISION = 20
    APPEAL_DECIDED = 21
    CARD_CHANGED = 22
    CONTENT_REMOVED = 23
    REPORT_DECIDED = 24
    GROUP_MENTION = 30
    GROUP_EVENT_CHANGED = 31
    GROUP_EVENT_REMINDER = 32
    GROUP_EVENT_PLACE = 33


# Of what was done to one's own words one is always told.
UNMUTABLE = frozenset(
    {Kind.CONTENT_HIDDEN, Kind.CONTENT_REMOVED, Kind.CONTENT_RESTORED, Kind.DECISION, Kind.APPEAL_DECIDED}
)
# What a device does not ring for unless its owner says so: what waits for no answer, and what others could see there.
_QUIET = frozenset({Kind.REACTION, Kind.RESHARE, Kind.ARTICLE, Kind.REPORT_DECIDED})
PUSHED = tuple(kind for kind in Kind if kind not in _QUIET)

# Of what one said that one comes to, one is told also in a group that one muted.
PLANS = frozenset({Kind.GROUP_EVENT_CHANGED, Kind.GROUP_EVENT_REMINDER, Kind.GROUP_EVENT_PLACE})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that one person is told. There is at most one for each recipient and cause.

    Entries of the same kind and `subject` (a resource name) are shown together. `article` and `group` are set where
    only those may see it who may see the article, or are members of the group; `thing` is what it is called
    where it lives, if it is no post. Who mutes the `thread` is not told.
    """

    recipient: UUID
    kind: Kind
    cause: UUID
    subject: str
    moment: datetime
    actor: UUID | None = None
    post: UUID | None = None
    article: UUID | None = None
    group: UUID | None = None
    thing: str = ""
    thread: UUID | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """What was told of one kind about one subject since the recipient last read of it, as the recipient sees it now.

    `people` are the newest three, newest first. `position` rises when more is told; `post` is the newest one's.
    """

    id: UUID
    kind: Kind
    subject: str
    position: int
    read: bool
    update_time: datetime
    entry_count: int
    person_count: int
    people: tuple[UUID, ...] = ()
    post: UUID | None = None
    thing: str = ""

    @property
    def name(self) -> str:
        return f"notifications/{self.id}"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when to when it is quiet, each day, in an IANA time zone; an empty one is the organisation's."""

    begin: time
    end: time
    time_zone: str = ""

    def cover(self, local: time) -> bool:
        """Whether it is quiet at a time of day in that zone."""
        if self.begin <= self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end


class Digest(IntEnum):
    """How often the mail comes."""

    OFF = 1
    DAILY = 2
    WEEKLY = 3


class Language(IntEnum):
    """In which language people are told."""

    NL = 1
    EN = 2


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """How one person wants to be told. `revision` counts the changes."""

    person: UUID
    muted_kinds: tuple[Kind, ...] = ()
    quiet_hours: QuietHours | None = None
    digest: Digest = Digest.WEEKLY
    language: Language = Language.NL
    push_kinds: tuple[Kind, ...] = PUSHED
    mail_kinds: tuple[Kind, ...] = field(default=tuple(Kind))
    revision: int = 0

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'

    def changed(self, etag: str, fields: dict[str, Any]) -> "NotificationSettings":
        """The settings with other fields. Stale when they are no longer those that the person saw."""
        if etag and etag != self.etag:
            raise Stale("SETTINGS_CHANGED", "Your settings changed meanwhile.", etag=self.etag)
        if UNMUTABLE.intersection(fields.get("muted_kinds", ())):
            sentence = "Of what moderators do with your own words you are always told."
            raise BadInput("KIND_CANNOT_BE_MUTED", sentence, field="settings.muted_kinds")
        quiet: QuietHours | None = fields.get("quiet_hours")
        if quiet is not None and quiet.begin == quiet.end:
            sentence = "Quiet hours end at another time than they begin."
            raise BadInput("EMPTY_QUIET_HOURS", sentence, field="settings.quiet_hours")
        return replace(self, **fields, revision=self.revision + 1)


def cause_of(*names: str) -> UUID:
    """The identity of what has none of its own, such as somebody's reaction to a post: the same for the same names."""
    return uuid5(NAMESPACE_URL, "/".join(names))


def first_of_each(entries: Iterable[Entry]) -> list[Entry]:
    """Of several entries for the same recipient and cause only the first: nobody is told twice of one post."""
    found: dict[tuple[UUID, UUID], Entry] = {}
    for entry in entries:
        found.setdefault((entry.recipient, entry.cause), entry)
    return list(found.values())


def unmuted(entries: Sequence[Entry], muted: Collection[tuple[UUID, int]]) -> list[Entry]:
    """Those whose recipient did not mute the kind; `muted` are pairs of a person and a kind."""
    return [entry for entry in entries if (entry.recipient, entry.kind) not in muted]
