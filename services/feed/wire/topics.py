"""Follows of tags and groups as messages."""

from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message
from plein.feed.v1 import events_pb2, relations_pb2

from chassis.moments import timestamp


def tag_follow(tag: str, since: datetime) -> relations_pb2.TagFollow:
    """That the caller follows a tag."""
    return relations_pb2.TagFollow(tag=f"tags/{tag}", create_time=timestamp(since))


def group_follow(group: UUID, since: datetime) -> relations_pb2.GroupFollow:
    """That the caller follows a group."""
    return relations_pb2.GroupFollow(group=f"groups/{group}", create_time=timestamp(since))


def topic_followed(person: UUID, topic: str | UUID) -> Message:
    """What the log tells of a new follow of a tag or group."""
    if isinstance(topic, str):
        return events_pb2.TagFollowed(person=f"people/{person}", tag=f"tags/{topic}")
    return events_pb2.GroupFollowed(person=f"people/{person}", group=f"groups/{topic}")


def topic_unfollowed(person: UUID, topic: str | UUID) -> Message:
    """What the log tells when somebody stops following a tag or group."""
    if isinstance(topic, str):
        return events_pb2.TagUnfollowed(person=f"people/{person}", tag=f"tags/{topic}")
    return events_pb2.GroupUnfollowed(person=f"people/{person}", group=f"groups/{topic}")


def topic_follow_name(person: UUID, topic: str | UUID) -> str:
    """What the log calls somebody's following of a tag or group."""
    return f"people/{person}/following/{'tags' if isinstance(topic, str) else 'groups'}/{topic}"
