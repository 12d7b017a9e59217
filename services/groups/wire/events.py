"""What the log tells of groups and their members, each with the name of what it happened to."""

from collections.abc import Iterable
from uuid import UUID

from google.protobuf.message import Message
from plein.groups.v1 import events_pb2

from chassis.moments import timestamp
from services.groups.domain.groups import Group, History
from services.groups.domain.members import Member

Told = tuple[str, int, Message]


def created(group: Group) -> Told:
    return group.name, group.version, events_pb2.GroupCreated(group=group.name, founder=f"people/{group.founder}")


def saved(before: Group, after: Group) -> list[Told]:
    """A group that changed. One that is withdrawn is deleted to all others: they forget its members."""
    event: Message = events_pb2.GroupChanged(group=after.name)
    if after.is_withdrawn and not before.is_withdrawn:
        event = events_pb2.GroupDeleted(group=after.name)
    elif after.archive_time and not before.archive_time:
        event = events_pb2.GroupArchived(group=after.name)
    elif before.archive_time and not after.archive_time:
        event = events_pb2.GroupUnarchived(group=after.name)
    return [(after.name, after.version, event)]


def joined(group: Group, member: Member, admitted_by: UUID | None = None) -> Told:
    """A new member, or one who sees another part of the past than before."""
    since = timestamp(member.join_time) if group.history is History.SINCE_JOINING else None
    event = events_pb2.MemberJoined(group=group.name, person=f"people/{member.person}", history_since=since)
    event.role = member.role.value  # type: ignore[assignment] # the domain's numbers are those of the API
    if admitted_by is not None and admitted_by != member.person:
        event.admitted_by = f"people/{admitted_by}"
    return member.name, group.version, event


def left(group: Group, member: Member, *, suspended: bool = False) -> Told:
    event = events_pb2.MemberLeft(group=group.name, person=f"people/{member.person}", suspended=suspended)
    return member.name, group.version, event


def removed(group: Group, member: Member, *, banned: bool = False) -> Told:
    event = events_pb2.MemberRemoved(group=group.name, person=f"people/{member.person}", banned=banned)
    return member.name, group.version, event


def role_changed(group: Group, member: Member) -> Told:
    event = events_pb2.MemberRoleChanged(group=group.name, person=f"people/{member.person}")
    event.role = member.role.value  # type: ignore[assignment]
    return member.name, group.version, event


def requested(group: Group, person: UUID, keepers: Iterable[UUID]) -> Told:
    event = events_pb2.MembershipRequested(group=group.name, person=f"people/{person}")
    event.keepers.extend(f"people/{keeper}" for keeper in keepers)
    return f"{group.name}/requests/{person}", group.version, event


def request_ended(group: Group, person: UUID) -> Told:
    event = events_pb2.MembershipRequestEnded(group=group.name, person=f"people/{person}")
    return f"{group.name}/requests/{person}", group.version, event


def invited(group: Group, person: UUID, inviter: UUID) -> Told:
    event = events_pb2.InvitationSent(group=group.name, person=f"people/{person}", inviter=f"people/{inviter}")
    return f"{group.name}/invitations/{person}", group.version, event


def invitation_ended(group: Group, person: UUID) -> Told:
    event = events_pb2.InvitationEnded(group=group.name, person=f"people/{person}")
    return f"{group.name}/invitations/{person}", group.version, event
