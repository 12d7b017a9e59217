"""What feed does when groups tells of members: they see the group's posts, and people are told what concerns them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from plein.chassis.v1 import event_log_pb2
from plein.groups.v1 import events_pb2
from plein.groups.v1.groups_pb2 import GROUP_ROLE_KEEPER as KEEPER
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import drop_group, drop_membership, keep_membership, members
from chassis.events import append, on
from services.feed.domain.notifications import Entry, Kind, cause_of
from services.feed.reactions.telling import Telling
from services.feed.store import groups, inbox, relations
from services.feed.store.relations import GROUP_FOLLOWS
from services.feed.wire import id_in, moment_of, topic_follow_name, topic_unfollowed


class Groups(Telling):
    """Keeps the replica of memberships, and tells people of requests, invitations and events."""

    source = "groups"
    may_be_absent = True

    def _begin_batch(self) -> None:
        super()._begin_batch()
        # What was told with these causes before the batch is taken back, of all of it in one query.
        self._ended: set[UUID] = set()

    @on(events_pb2.MemberJoined)
    async def member_joined(self, tx: AsyncConnection, event: events_pb2.MemberJoined) -> None:
        """Who asked or was invited has an answer now."""
        group, person = id_in(event.group), id_in(event.person)
        since = moment_of(event.history_since) if event.HasField("history_since") else None
        await keep_membership(tx, group, person, since)
        await groups.keep_keeper(tx, group, person, keeps=event.role >= KEEPER)
        self._end(_request(event.group, event.person), _invitation(event.group, event.person))
        if event.admitted_by:
            self._tell(event.group, person, Kind.MEMBERSHIP_BEGUN, self.event_id, actor=id_in(event.admitted_by))

    @on(events_pb2.MemberRoleChanged)
    async def member_role_changed(self, tx: AsyncConnection, event: events_pb2.MemberRoleChanged) -> None:
        await groups.keep_keeper(tx, id_in(event.group), id_in(event.person), keeps=event.role >= KEEPER)

    @on(events_pb2.MemberLeft)
    async def member_left(self, tx: AsyncConnection, event: events_pb2.MemberLeft) -> None:
        """Who is suspended will follow the group again when the membership goes on."""
        group, person = id_in(event.group), id_in(event.person)
        if event.suspended:
            await drop_membership(tx, group, person)
        else:
            await self._end_membership(tx, group, person)

    @on(events_pb2.MemberRemoved)
    async def member_removed(self, tx: AsyncConnection, event: events_pb2.MemberRemoved) -> None:
        person = id_in(event.person)
        await self._end_membership(tx, id_in(event.group), person)
        self._tell(event.group, person, Kind.MEMBERSHIP_ENDED, self.event_id)

    @on(events_pb2.GroupDeleted)
    async def group_deleted(self, tx: AsyncConnection, event: events_pb2.GroupDeleted) -> None:
        await drop_group(tx, id_in(event.group))

    @on(events_pb2.GroupArchived)
    async def group_archived(self, tx: AsyncConnection, event: events_pb2.GroupArchived) -> None:
        await groups.keep_archived(tx, id_in(event.group), archived=True)

    @on(events_pb2.GroupUnarchived)
    async def group_unarchived(self, tx: AsyncConnection, event: events_pb2.GroupUnarchived) -> None:
        await groups.keep_archived(tx, id_in(event.group), archived=False)

    @on(events_pb2.MembershipRequested)
    async def membership_requested(self, tx: AsyncConnection, event: events_pb2.MembershipRequested) -> None:
        cause, actor = _request(event.group, event.person), id_in(event.person)
        for keeper in event.keepers:
            self._tell(event.group, id_in(keeper), Kind.MEMBERSHIP_REQUEST, cause, actor=actor, members_only=True)

    @on(events_pb2.MembershipRequestEnded)
    async def membership_request_ended(self, tx: AsyncConnection, event: events_pb2.MembershipRequestEnded) -> None:
        self._end(_request(event.group, event.person))

    @on(events_pb2.InvitationSent)
    async def invitation_sent(self, tx: AsyncConnection, event: events_pb2.InvitationSent) -> None:
        cause, actor = _invitation(event.group, event.person), id_in(event.inviter)
        self._tell(event.group, id_in(event.person), Kind.INVITATION, cause, actor=actor)

    @on(events_pb2.InvitationEnded)
    async def invitation_ended(self, tx: AsyncConnection, event: events_pb2.InvitationEnded) -> None:
        self._end(_invitation(event.group, event.person))

    @on(events_pb2.GroupEventCreated)
    async def group_event_created(self, tx: AsyncConnection, event: events_pb2.GroupEventCreated) -> None:
        """All members are told, as they are in this transaction."""
        group = event.event.partition("/events/")[0]
        cause, actor = cause_of(event.event), id_in(event.organiser)
        for person in await members(tx, id_in(group)):
            self._tell(group, person, Kind.GROUP_EVENT, cause, actor=actor, members_only=True, thing=event.event)

    @on(events_pb2.GroupEventCancelled)
    async def group_event_cancelled(self, tx: AsyncConnection, event: events_pb2.GroupEventCancelled) -> None:
        """Who meant to come is told; the others need not know any more that it was to be held."""
        self._end(cause_of(event.event))
        self._tell_guests(event.event, event.people, Kind.GROUP_EVENT_CHANGED, actor=event.actor)

    @on(events_pb2.GroupEventChanged)
    async def group_event_changed(self, tx: AsyncConnection, event: events_pb2.GroupEventChanged) -> None:
        self._tell_guests(event.event, event.people, Kind.GROUP_EVENT_CHANGED, actor=event.actor)

    @on(events_pb2.GroupEventReminded)
    async def group_event_reminded(self, tx: AsyncConnection, event: events_pb2.GroupEventReminded) -> None:
        self._tell_guests(event.event, event.people, Kind.GROUP_EVENT_REMINDER)

    @on(events_pb2.GroupEventPlacesGained)
    async def group_event_places_gained(self, tx: AsyncConnection, event: events_pb2.GroupEventPlacesGained) -> None:
        self._tell_guests(event.event, event.people, Kind.GROUP_EVENT_PLACE)

    @on(events_pb2.GroupContentHidden)
    async def group_content_hidden(self, tx: AsyncConnection, event: events_pb2.GroupContentHidden) -> None:
        self._end(cause_of(event.name))

    async def after_commit(self, events: Sequence[event_log_pb2.Event]) -> None:
        """Lets this process decide on memberships at once; others take them in with their next poll."""
        await self.resources.access.refresh(self.resources.database)

    def _tell(
        self,
        group: str,
        recipient: UUID,
        kind: Kind,
        cause: UUID,
        *,
        actor: UUID | None = None,
        members_only: bool = False,
        thing: str = "",
    ) -> None:
        only = id_in(group) if members_only else None
        self.tell(Entry(recipient, kind, cause, group, self.moment, actor=actor, group=only, thing=thing))

    def _tell_guests(self, event: str, people: Iterable[str], kind: Kind, *, actor: str = "") -> None:
        group, who = event.partition("/events/")[0], id_in(actor) if actor else None
        for person in people:
            self._tell(group, id_in(person), kind, self.event_id, actor=who, members_only=True, thing=event)

    async def _end_membership(self, tx: AsyncConnection, group: UUID, person: UUID) -> None:
        """Who comes back later begins anew: following the group ends as well."""
        await drop_membership(tx, group, person)
        await groups.keep_keeper(tx, group, person, keeps=False)
        version = await relations.end(tx, GROUP_FOLLOWS, person, group)
        if version is not None:
            told = topic_unfollowed(person, group)
            await append(tx, topic_follow_name(person, group), version, told)

    async def finish(self, tx: AsyncConnection) -> None:
        told = await inbox.told_of(tx, causes=sorted(self._ended))
        self.take_back((row.recipient, row.cause) for row in told)
        await super().finish(tx)

    def _end(self, *causes: UUID) -> None:
        """Takes back what was told with these causes, in this batch or before it."""
        self._ended.update(causes)
        self.forget(causes)


def _request(group: str, person: str) -> UUID:
    return cause_of(group, "requests", person)


def _invitation(group: str, person: str) -> UUID:
    return cause_of(group, "invitations", person)
