"""How people stand to each other, as messages."""

from datetime import datetime
from uuid import UUID

from plein.feed.v1 import events_pb2, relations_pb2

from chassis.moments import timestamp


def block(other: UUID, since: datetime) -> relations_pb2.Block:
    """That the caller blocks somebody."""
    return relations_pb2.Block(person=f"people/{other}", create_time=timestamp(since))


def meeting_changed(person: UUID, other: UUID, apart: bool) -> events_pb2.MeetingChanged:
    """What the log tells when somebody blocks somebody, or no more; not who did."""
    one, two = sorted((f"people/{person}", f"people/{other}"))
    return events_pb2.MeetingChanged(person=one, other_person=two, apart=apart)


def mute(name: str, since: datetime) -> relations_pb2.Mute:
    """That the caller muted a person, a tag or a thread."""
    return relations_pb2.Mute(muted=name, create_time=timestamp(since))
