"""What the log tells of groups and their members, each with the name of what it happened to."""

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
    return [(after.name, after.version, event)]


def joined(group: Group, member: Member, admitted_by: UUID | None = None) -> Told:
    """A new member, or one who sees another part of the past than before."""
    since = timestamp(member.join_time) if group.history is History.SINCE_JOINING else None
    event = events_pb2.MemberJoined(group=group.name, person=f"people/{member.person}", history_since=since)
    if admitted_by is not None and admitted_by != member.person:
        event.admitted_by = f"people/{admitted_by}"
    return member.name, group.version, event
