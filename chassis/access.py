"""Who may see what, decided in the process from a replica of the facts; `chassis.audience` says the same in SQL.

Deny wins, and who or what is unknown is denied. The replica holds what identity told about people and barriers, and
what groups told about members; it is read from this service's own database, where followers write it.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database

_CLOCKS = text("SELECT name, ticks FROM access.clocks")
_PEOPLE = text("SELECT person, kind, segments, active, epoch FROM access.people WHERE changed > :seen")
_BARRIERS = text("SELECT segment, array_agg(other_segment) FROM access.barriers GROUP BY segment")
_MEMBERSHIPS = text("SELECT group_id, person, since, active FROM access.memberships WHERE changed > :seen")

_Memberships = dict[int, datetime | None]
_NOWHERE: _Memberships = {}


class PersonAccess(NamedTuple):
    """What decides about one person's access. `kind` is a WorkerKind; `segments` are sorted."""

    id: UUID
    kind: int
    segments: tuple[str, ...]
    active: bool
    epoch: int


class Root(NamedTuple):
    """What decides who sees a post, article, group or profile. `group` is the only one whose members see it."""

    author: UUID
    kinds_mask: int = 0
    group: UUID | None = None
    hidden: bool = False
    create_time: datetime | None = None


def kinds_mask(kinds: Iterable[int]) -> int:
    """The WorkerKinds of an audience as bits; 0 is everyone."""
    mask = 0
    for kind in kinds:
        mask |= 1 << kind
    return mask


class Access:
    """The replica. `heard_at` is the monotonic time at which a follower last was at the head of identity's log.

    Keys are the UUIDs' integers: those are hashed and compared in C, which is three times as fast.
    """

    def __init__(self) -> None:
        self.heard_at = float("-inf")
        self._people: dict[int, PersonAccess] = {}
        self._memberships: dict[int, _Memberships] = {}
        self._barriers: dict[str, frozenset[str]] = {}
        self._blocked: dict[tuple[str, ...], frozenset[str]] = {}
        self._clocks: dict[str, int] = {}
        self._refreshing = asyncio.Lock()

    async def refresh(self, database: Database) -> None:
        """Takes in what was committed since the last time; one tiny query when that is nothing."""
        async with self._refreshing, database.snapshot() as tx:
            clocks = {row.name: row.ticks for row in await tx.execute(_CLOCKS)}
            late = {name: seen for name in clocks if (seen := self._clocks.get(name, 0)) < clocks[name]}
            people = await _changed(tx, _PEOPLE, late.get("people"))
            barriers = list(await tx.execute(_BARRIERS)) if "barriers" in late else None
            memberships = await _changed(tx, _MEMBERSHIPS, late.get("memberships"))
        # Nothing is awaited from here on, so nobody sees half of a change.
        for person, kind, segments, active, epoch in people:
            self._people[person.int] = PersonAccess(person, kind, tuple(segments), active, epoch)
        for group, person, since, active in memberships:
            self._keep_membership(group.int, person.int, since, active)
        if barriers is not None:
            self._barriers = {segment: frozenset(others) for segment, others in barriers}
            self._blocked.clear()
        self._clocks = clocks

    def _keep_membership(self, group: int, person: int, since: datetime | None, active: bool) -> None:
        if active:
            self._memberships.setdefault(person, {})[group] = since
        else:
            self._memberships.get(person, {}).pop(group, None)

    def person(self, person_id: UUID) -> PersonAccess | None:
        """What identity told about a person, or None when it did not yet."""
        return self._people.get(person_id.int)

    def blocked_segments(self, person: PersonAccess) -> frozenset[str]:
        """The segments that a barrier keeps apart from any of the person's."""
        blocked = self._blocked.get(person.segments)
        if blocked is None:
            blocked = frozenset().union(*(self._barriers.get(segment, ()) for segment in person.segments))
            self._blocked[person.segments] = blocked
        return blocked

    def sight(self, viewer: UUID) -> "Sight":
        """What the viewer may see during one request. Live streams take a new one for each event."""
        person = self._people.get(viewer.int)
        if person is None:
            return Sight(viewer, None, frozenset(), {}, _NOWHERE)
        groups = self._memberships.get(viewer.int, _NOWHERE)
        return Sight(viewer, person, self.blocked_segments(person), self._people, groups)

    def can_meet(self, viewer: UUID, person: UUID) -> bool:
        """Whether no barrier stands between two people."""
        return self.sight(viewer).meets(person)

    def can_view(
        self,
        viewer: UUID,
        author: UUID,
        kinds_mask: int = 0,
        group: UUID | None = None,
        hidden: bool = False,
        create_time: datetime | None = None,
    ) -> bool:
        """Whether the viewer may see a root. For many roots, take `sight` once."""
        return self.sight(viewer).sees(author, kinds_mask, group, hidden, create_time)


class Sight:
    """One viewer's permissions, with all that does not depend on the root worked out beforehand.

    `person` is None when the viewer is unknown; `active` whether the viewer may come in; `blocked` the segments that
    the viewer must not meet, mostly none.
    """

    __slots__ = ("_groups", "_kind_bit", "_number", "_people", "active", "blocked", "person", "viewer")

    def __init__(
        self,
        viewer: UUID,
        person: PersonAccess | None,
        blocked: frozenset[str],
        people: dict[int, PersonAccess],
        groups: _Memberships,
    ) -> None:
        self.viewer = viewer
        self.person = person
        self.blocked = blocked
        self.active = person is not None and person.active
        self._number = viewer.int
        self._kind_bit = 1 << person.kind if person else 0
        self._people = people
        self._groups = groups

    def meets(self, person: UUID) -> bool:
        """Whether no barrier stands between the viewer and a person. Everybody meets themselves."""
        number = person.int
        other = self._people.get(number)
        if other is None:
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
    ) -> bool:
        """Whether the viewer may see a root; the parameters are those of `Root`.

        What somebody wrote who left or is suspended stays visible. Authors see their own, though it be hidden or for
        other kinds, but not in a group that they are no member of.
        """
        number = author.int
        writer = self._people.get(number)
        if writer is None or not self.active:
            return False
        if number != self._number:
            if hidden or (kinds_mask and not kinds_mask & self._kind_bit):
                return False
            if self.blocked and not self.blocked.isdisjoint(writer.segments):
                return False
        return group is None or self._belongs(group, create_time)

    def sees_under(self, root: Root, author: UUID, hidden: bool = False) -> bool:
        """Whether the viewer may see what `author` added under a root, such as a reply; `hidden` is the reply's own."""
        return self.sees(*root) and self.sees(author, hidden=hidden)

    def _belongs(self, group: UUID, create_time: datetime | None) -> bool:
        if group.int not in self._groups:
            return False
        since = self._groups[group.int]
        return since is None or (create_time is not None and create_time >= since)


async def _changed(tx: AsyncConnection, query: Any, seen: int | None) -> list[Any]:
    return [] if seen is None else list(await tx.execute(query, {"seen": seen}))
