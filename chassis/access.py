"""Who may see what, decided in the process from a replica of the facts; `chassis.audience` says the same in SQL.

Deny wins, and who or what is unknown is denied. The replica holds what identity told about people and barriers,
what groups told about members, what feed told about people who block each other and what moderation told about people
who may not speak; it is read from this service's own database, where followers write it.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database

_CLOCKS = text("SELECT name, ticks FROM access.clocks")
_TICKS = "SELECT sum(ticks)::bigint FROM access.clocks"
_PEOPLE = text("SELECT person, kind, segments, active, epoch FROM access.people WHERE changed > :seen")
_BARRIERS = text("SELECT segment, array_agg(other_segment) FROM access.barriers GROUP BY segment")
_ACCOUNTS = text("SELECT account, owner, scopes, active, epoch FROM access.accounts WHERE changed > :seen")
_MEMBERSHIPS = text("SELECT group_id, person, since, active FROM access.memberships WHERE changed > :seen")
_BLOCKS = text("SELECT person, other, active FROM access.blocks WHERE changed > :seen")
_MUTES = text("SELECT person, until FROM access.mutes WHERE changed > :seen")

# What was not heard for so long may have changed: then tokens must be young, and nobody is taken for a member.
STALE_SECONDS = 15.0
_NEVER = float("-inf")

_Memberships = dict[int, datetime | None]
_NOWHERE: _Memberships = {}
_NOBODY: frozenset[int] = frozenset()


class PersonAccess(NamedTuple):
    """What decides about one person's access. `kind` is a WorkerKind; `segments` are sorted."""

    id: UUID
    kind: int
    segments: tuple[str, ...]
    active: bool
    epoch: int


class AccountAccess(NamedTuple):
    """What decides about one service account's access. `owner` is the person in whose name it writes."""

    id: UUID
    owner: UUID
    scopes: frozenset[str]
    active: bool
    epoch: int


class Root(NamedTuple):
    """What decides who sees a post, article, group or profile. `group` is the only one whose members see it."""

    author: UUID
    kinds_mask: int = 0
    group: UUID | None = None
    hidden: bool = False
    create_time: datetime | None = None
    removed: bool = False


def kinds_mask(kinds: Iterable[int]) -> int:
    """The WorkerKinds of an audience as bits; 0 is everyone."""
    mask = 0
    for kind in kinds:
        mask |= 1 << kind
    return mask


class Access:
    """The replica. `heard_at` is the monotonic time at which a follower last was at the head of identity's log, and
    `groups_heard` tells that of groups' log; `changes` rises whenever something was taken in.

    Keys are the UUIDs' integers: those are hashed and compared in C, which is three times as fast.
    """

    def __init__(self) -> None:
        self.heard_at = _NEVER
        self.groups_heard: Callable[[], float] = lambda: _NEVER
        self.changes = 0
        self._people: dict[int, PersonAccess] = {}
        self._accounts: dict[int, AccountAccess] = {}
        self._memberships: dict[int, _Memberships] = {}
        self._barriers: dict[str, frozenset[str]] = {}
        self._blocks: set[tuple[int, int]] = set()
        self._mutes: dict[int, datetime | None] = {}
        self._apart: dict[int, frozenset[int]] = {}
        self._blocked: dict[tuple[str, ...], frozenset[str]] = {}
        self._clocks: dict[str, int] = {}
        self._refreshing = asyncio.Lock()

    async def refresh(self, database: Database) -> None:
        """Takes in what was committed since the last time; one tiny query when that is nothing."""
        async with self._refreshing:
            if await database.peek(_TICKS) != (sum(self._clocks.values()),):
                await self._take_in(database)

    async def _take_in(self, database: Database) -> None:
        async with database.snapshot() as tx:
            clocks = {row.name: row.ticks for row in await tx.execute(_CLOCKS)}
            late = {name: seen for name in clocks if (seen := self._clocks.get(name, 0)) < clocks[name]}
            people = await _changed(tx, _PEOPLE, late.get("people"))
            barriers = list(await tx.execute(_BARRIERS)) if "barriers" in late else None
            memberships = await _changed(tx, _MEMBERSHIPS, late.get("memberships"))
            blocks = await _changed(tx, _BLOCKS, late.get("blocks"))
            accounts = await _changed(tx, _ACCOUNTS, late.get("accounts"))
            mutes = await _changed(tx, _MUTES, late.get("mutes"))
        # Nothing is awaited from here on, so nobody sees half of a change.
        for person, kind, segments, active, epoch in people:
            self._people[person.int] = PersonAccess(person, kind, tuple(segments), active, epoch)
        for account, owner, scopes, active, epoch in accounts:
            self._accounts[account.int] = AccountAccess(account, owner, frozenset(scopes), active, epoch)
        for group, person, since, active in memberships:
            self._keep_membership(group.int, person.int, since, active)
        for person, other, active in blocks:
            self._keep_block(person.int, other.int, active)
        self._mutes.update((person.int, until) for person, until in mutes)
        if barriers is not None:
            self._barriers = {segment: frozenset(others) for segment, others in barriers}
            self._blocked.clear()
        self._clocks = clocks
        self.changes += bool(late)

    def _keep_membership(self, group: int, person: int, since: datetime | None, active: bool) -> None:
        if active:
            self._memberships.setdefault(person, {})[group] = since
        else:
            self._memberships.get(person, {}).pop(group, None)

    def _keep_block(self, person: int, other: int, active: bool) -> None:
        """Two people are apart for as long as one of them blocks the other."""
        (self._blocks.add if active else self._blocks.discard)((person, other))
        apart = active or (other, person) in self._blocks
        for one, two in ((person, other), (other, person)):
            before = self._apart.get(one, _NOBODY)
            self._apart[one] = before | {two} if apart else before - {two}

    def person(self, person_id: UUID) -> PersonAccess | None:
        """What identity told about a person, or None when it did not yet."""
        return self._people.get(person_id.int)

    def account(self, account_id: UUID | None) -> AccountAccess | None:
        """What identity told about a service account, which is active only while its owner is, or None."""
        account = self._accounts.get(account_id.int) if account_id else None
        if account is None or not account.active:
            return account
        owner = self._people.get(account.owner.int)
        return account if owner is not None and owner.active else account._replace(active=False)

    def muted_until(self, person_id: UUID) -> datetime | None:
        """When somebody may speak again who may not now, or None."""
        until = self._mutes.get(person_id.int)
        return until if until is not None and until > datetime.now(UTC) else None

    def blocked_segments(self, person: PersonAccess) -> frozenset[str]:
        """The segments that a barrier keeps apart from any of the person's."""
        blocked = self._blocked.get(person.segments)
        if blocked is None:
            blocked = frozenset().union(*(self._barriers.get(segment, ()) for segment in person.segments))
            self._blocked[person.segments] = blocked
        return blocked

    @property
    def hears_groups(self) -> bool:
        """Whether memberships are believed. With that and `changes` a viewer's sight stays what it was."""
        return time.monotonic() - self.groups_heard() <= STALE_SECONDS

    def sight(self, viewer: UUID, *, though_unheard: bool = False) -> "Sight":
        """What the viewer may see during one request. Live streams take a new one for each event.

        `though_unheard` believes memberships though groups fell silent: for what is decided again when it is read.
        """
        person = self._people.get(viewer.int)
        if person is None:
            return Sight(viewer, None, frozenset(), _NOBODY, {}, None)
        groups = self._memberships.get(viewer.int, _NOWHERE) if though_unheard or self.hears_groups else None
        apart = self._apart.get(viewer.int, _NOBODY)
        return Sight(viewer, person, self.blocked_segments(person), apart, self._people, groups)

    def can_meet(self, viewer: UUID, person: UUID) -> bool:
        """Whether neither a barrier nor a block stands between two people."""
        return self.sight(viewer).meets(person)

    def can_view(
        self,
        viewer: UUID,
        author: UUID,
        kinds_mask: int = 0,
        group: UUID | None = None,
        hidden: bool = False,
        create_time: datetime | None = None,
        removed: bool = False,
    ) -> bool:
        """Whether the viewer may see a root. For many roots, take `sight` once."""
        return self.sight(viewer).sees(author, kinds_mask, group, hidden, create_time, removed)


class Sight:
    """One viewer's permissions, with all that does not depend on the root worked out beforehand.

    `person` is None when the viewer is unknown; `active` whether the viewer may come in; `blocked` the segments that
    the viewer must not meet, and `apart` the people (UUID.int) whom the viewer blocks or who block the viewer; mostly
    there are none, and the viewer `meets_all` of whom identity told. While groups is not heard, `hears_groups` is False
    and the viewer belongs to no group.
    """

    __slots__ = (
        "_groups",
        "_kind_bit",
        "_number",
        "_people",
        "active",
        "apart",
        "blocked",
        "hears_groups",
        "meets_all",
        "person",
        "viewer",
    )

    def __init__(
        self,
        viewer: UUID,
        person: PersonAccess | None,
        blocked: frozenset[str],
        apart: frozenset[int],
        people: dict[int, PersonAccess],
        groups: _Memberships | None,
    ) -> None:
        self.viewer = viewer
        self.person = person
        self.blocked = blocked
        self.apart = apart
        self.active = person is not None and person.active
        self.meets_all = self.active and not blocked and not apart
        self._number = viewer.int
        self._kind_bit = 1 << person.kind if person else 0
        self._people = people
        self.hears_groups = groups is not None
        self._groups = _NOWHERE if groups is None else groups

    def despite_blocks(self) -> "Sight":
        """What the viewer might see if nobody blocked anybody: to show people whom they block."""
        groups = self._groups if self.hears_groups else None
        return Sight(self.viewer, self.person, self.blocked, _NOBODY, self._people, groups)

    def meets(self, person: UUID) -> bool:
        """Whether neither a barrier nor a block stands between the viewer and a person. Everybody meets themselves."""
        number = person.int
        other = self._people.get(number)
        if other is None or (self.apart and number in self.apart):
            return False
        return not self.blocked or self.blocked.isdisjoint(other.segments) or number == self._number

    def belongs(self, group: UUID) -> bool:
        """Whether the viewer is a member of a group."""
        return group.int in self._groups

    def sees(
        self,
        author: UUID,
        kinds_mask: int = 0,
        group: UUID | None = None,
        hidden: bool = False,
        create_time: datetime | None = None,
        removed: bool = False,
    ) -> bool:
        """Whether the viewer may see a root; the parameters are those of `Root`.

        What somebody wrote who left or is suspended stays visible. Authors see their own, though it be hidden or for
        other kinds, but not in a group that they are no member of, and what was removed nobody sees.
        """
        number = author.int
        writer = self._people.get(number)
        if writer is None or not self.active or removed:
            return False
        if number != self._number:
            if hidden or (kinds_mask and not kinds_mask & self._kind_bit):
                return False
            if self.apart and number in self.apart:
                return False
            if self.blocked and not self.blocked.isdisjoint(writer.segments):
                return False
        return group is None or self._belongs(group, create_time)

    def sees_under(self, root: Root, author: UUID, hidden: bool = False, removed: bool = False) -> bool:
        """Whether the viewer may see what `author` added under a root, such as a reply; `hidden` is the reply's own."""
        return self.sees(*root) and self.sees(author, hidden=hidden, removed=removed)

    def _belongs(self, group: UUID, create_time: datetime | None) -> bool:
        if group.int not in self._groups:
            return False
        since = self._groups[group.int]
        return since is None or (create_time is not None and create_time >= since)


async def _changed(tx: AsyncConnection, query: Any, seen: int | None) -> list[Any]:
    return [] if seen is None else list(await tx.execute(query, {"seen": seen}))
