"""What feed keeps of a person, as messages for the person."""

from datetime import datetime
from uuid import UUID

from plein.feed.v1 import feed_pb2, own_data_pb2

from chassis.moments import timestamp
from services.feed.domain.marks import MOST_CHOICES


def own_revision(post: UUID, revision: feed_pb2.PostRevision) -> own_data_pb2.OwnRevision:
    """What a post said before."""
    return own_data_pb2.OwnRevision(post=f"posts/{post}", revision=revision)


def own_mark(
    post: UUID, reaction: int, react_time: datetime | None, bookmark_time: datetime | None, votes: int
) -> own_data_pb2.OwnMark:
    """What the person did with a post; the time of a reaction that was taken back is not told."""
    return own_data_pb2.OwnMark(
        post=f"posts/{post}",
        reaction=feed_pb2.Reaction.ValueType(reaction),
        react_time=timestamp(react_time) if reaction and react_time else None,
        bookmark_time=timestamp(bookmark_time) if bookmark_time else None,
        votes=[place for place in range(MOST_CHOICES) if votes >> place & 1],
    )


def dismissed(person: UUID, since: datetime) -> own_data_pb2.DismissedSuggestion:
    """That the person does not want to be suggested somebody."""
    return own_data_pb2.DismissedSuggestion(person=f"people/{person}", create_time=timestamp(since))
