"""Follows as messages."""

from datetime import datetime
from uuid import UUID

from plein.feed.v1 import events_pb2, feed_pb2

from chassis.moments import timestamp


def follow(follower: UUID, followee: UUID, since: datetime) -> feed_pb2.Follow:
    """That one person follows another."""
    return feed_pb2.Follow(follower=f"people/{follower}", followee=f"people/{followee}", create_time=timestamp(since))


def follow_name(follower: UUID, followee: UUID) -> str:
    """What the log calls one person's following of another."""
    return f"people/{follower}/following/{followee}"


def followed(follower: UUID, followee: UUID, *, imported: bool = False) -> events_pb2.PersonFollowed:
    """What the log tells of a new follow, or of one of the past that was brought in."""
    return events_pb2.PersonFollowed(follower=f"people/{follower}", followee=f"people/{followee}", imported=imported)


def unfollowed(follower: UUID, followee: UUID) -> events_pb2.PersonUnfollowed:
    """What the log tells of a follow that ended."""
    return events_pb2.PersonUnfollowed(follower=f"people/{follower}", followee=f"people/{followee}")
