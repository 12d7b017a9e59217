"""What groups tells of their life, in feed and in the model."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from plein.groups.v1 import events_pb2
from plein.groups.v1.groups_pb2 import GROUP_ROLE_KEEPER, GROUP_ROLE_MEMBER

from tests.feed.modelled_inbox import About
from tests.feed.playing import Writing


@dataclass
class Gathering:
    """An event that a group holds."""

    name: str
    group: int


@dataclass
class Belonging(Writing):
    """`histories` has from when on a member sees the past, as it was told; `closed` who will be members once more of a
    group that is deleted, or that moderators hid."""

    histories: dict[tuple[int, int], Timestamp | None] = field(default_factory=dict)
    closed: dict[int, dict[int, int | None]] = field(default_factory=dict)
    gatherings: list[Gathering] = field(default_factory=list)

    async def join(
        self, person: int, group: int, *, with_history: bool, keeps: bool = False, admitted_by: int = -1
    ) -> None:
        """Who is a member already sees another part of the past from now on."""
        if group in self.closed:
            return
        since = Timestamp()
        since.FromDatetime(datetime.now(UTC))
        self.histories[person, group] = None if with_history else since
        told = self._joined(person, group, keeps=keeps)
        told.admitted_by = self.callers[admitted_by].name if admitted_by >= 0 else ""
        await self._tell(group, told)
        self.model.members[person, group] = None if with_history else self.model.moment
        (self.model.keepers.add if keeps else self.model.keepers.discard)((person, group))
        self._end(("request", group, person))
        self._end(("invitation", group, person))
        if admitted_by >= 0:
            cause = "admission", self.model.moment
            self.inboxes.tell(person, "MEMBERSHIP_BEGUN", self.groups[group], cause, admitted_by)

    def _joined(self, person: int, group: int, *, keeps: bool) -> events_pb2.MemberJoined:
        role = GROUP_ROLE_KEEPER if keeps else GROUP_ROLE_MEMBER
        told = events_pb2.MemberJoined(group=self.groups[group], person=self.callers[person].name, role=role)
        if since := self.histories[person, group]:
            told.history_since.CopyFrom(since)
        return told

    async def part(self, person: int, group: int, how: str) -> None:
        """Who leaves a group follows it no more; whose membership rests only sees nothing of it meanwhile."""
        if (person, group) not in self.model.members:
            return
        names = {"group": self.groups[group], "person": self.callers[person].name}
        if how in ("left", "suspended"):
            await self._tell(group, events_pb2.MemberLeft(**names, suspended=how == "suspended"))
        else:
            await self._tell(group, events_pb2.MemberRemoved(**names, banned=how == "banned"))
        del self.model.members[person, group]
        if how != "suspended":
            self.model.followed_groups.discard((person, group))
            self.model.keepers.discard((person, group))
        if how in ("removed", "banned"):
            self.inboxes.tell(person, "MEMBERSHIP_ENDED", self.groups[group], ("removal", self.model.moment))

    async def appoint(self, person: int, group: int, *, keeps: bool) -> None:
        if (person, group) in self.model.members:
            role = GROUP_ROLE_KEEPER if keeps else GROUP_ROLE_MEMBER
            names = {"group": self.groups[group], "person": self.callers[person].name}
            await self._tell(group, events_pb2.MemberRoleChanged(**names, role=role))
            (self.model.keepers.add if keeps else self.model.keepers.discard)((person, group))

    async def archive(self, group: int, *, archived: bool) -> None:
        told = events_pb2.GroupArchived if archived else events_pb2.GroupUnarchived
        await self._tell(group, told(group=self.groups[group]))
        (self.model.archived.add if archived else self.model.archived.discard)(group)

    async def close(self, group: int) -> None:
        """A group is deleted, or hidden: it has no members, but they go on following it when it comes back."""
        if group not in self.closed:
            members = {person: since for (person, place), since in self.model.members.items() if place == group}
            self.closed[group] = members
            await self._tell(group, events_pb2.GroupDeleted(group=self.groups[group]))
            for person in members:
                del self.model.members[person, group]

    async def reopen(self, group: int) -> None:
        members = self.closed.pop(group, {})
        told = [self._joined(who, group, keeps=(who, group) in self.model.keepers) for who in members]
        await self._tell(group, *told)
        for person, since in members.items():
            self.model.members[person, group] = since
            self._end(("request", group, person))
            self._end(("invitation", group, person))

    async def ask(self, person: int, group: int, *, begins: bool) -> None:
        """Asks the keepers to be let in, or no more."""
        names = {"group": self.groups[group], "person": self.callers[person].name}
        cause = "request", group, person
        if not begins:
            await self._tell(group, events_pb2.MembershipRequestEnded(**names))
            self._end(cause)
        elif group not in self.closed and (person, group) not in self.model.members:
            keepers = sorted(who for who, place in self.model.keepers if place == group)
            told = [self.callers[who].name for who in keepers]
            await self._tell(group, events_pb2.MembershipRequested(**names, keepers=told))
            about = About(self.model.moment, group=group)
            for keeper in keepers:
                self.inboxes.tell(keeper, "MEMBERSHIP_REQUEST", self.groups[group], cause, person, about)

    async def invite(self, inviter: int, person: int, group: int, *, begins: bool) -> None:
        names = {"group": self.groups[group], "person": self.callers[person].name}
        cause = "invitation", group, person
        if not begins:
            await self._tell(group, events_pb2.InvitationEnded(**names))
            self._end(cause)
        elif (inviter, group) in self.model.members and (person, group) not in self.model.members:
            await self._tell(group, events_pb2.InvitationSent(**names, inviter=self.callers[inviter].name))
            self.inboxes.tell(person, "INVITATION", self.groups[group], cause, inviter)

    async def gather(self, organiser: int, group: int) -> None:
        """All members are told that there will be an event."""
        if (organiser, group) not in self.model.members:
            return
        held = Gathering(f"{self.groups[group]}/events/{uuid4()}", group)
        told = events_pb2.GroupEventCreated(event=held.name, organiser=self.callers[organiser].name)
        await self._tell(group, told)
        self.gatherings.append(held)
        about = About(self.model.moment, group=group, thing=held.name)
        for person, place in list(self.model.members):
            if place == group:
                self.inboxes.tell(person, "GROUP_EVENT", self.groups[group], ("event", held.name), organiser, about)

    async def cancel(self, nth: int) -> None:
        if self.gatherings:
            held = self.gatherings[nth % len(self.gatherings)]
            await self._tell(held.group, events_pb2.GroupEventCancelled(event=held.name))
            self._end(("event", held.name))

    async def _tell(self, group: int, *messages: Message) -> None:
        await self.world.tell(self.groups[group], *messages, source="groups")

    def _end(self, cause: tuple[object, ...]) -> None:
        self.inboxes.take_back(lambda _, entry: entry.cause == cause)
