"""Comments as messages, and their names as ids."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from plein.blog.v1 import comments_pb2, events_pb2, own_data_pb2

from chassis.access import Sight
from chassis.moments import timestamp
from chassis.problems import NotFound
from services.blog.domain.comments import Comment, Discussion, Order, Place
from services.blog.domain.consultations import Contribution
from services.blog.domain.erasures import is_stand_in
from services.blog.wire.consultations import contribution


def comment(
    domain: Comment, sight: Sight, edit_minutes: int, reaction: int = 0, done: Contribution | None = None
) -> comments_pb2.Comment:
    """A comment as its viewer sees it, with the viewer's own reaction. One that is gone shows only its place."""
    message = comments_pb2.Comment(
        name=domain.name,
        article=f"articles/{domain.article}",
        reply_to=comment_name(domain.reply_to),
        thread=comment_name(domain.thread),
        depth=domain.depth,
        create_time=timestamp(domain.create_time),
    )
    if not domain.stands_for(sight.viewer):
        message.gone = True
        return message
    _fill(message, domain)
    message.own_reaction = comments_pb2.CommentReaction.ValueType(reaction)
    message.edit_until_time.CopyFrom(timestamp(domain.edit_until(edit_minutes)))
    if done is not None:
        message.contribution.CopyFrom(contribution(done, sight))
    return message


def _fill(message: comments_pb2.Comment, domain: Comment) -> None:
    message.author = "" if is_stand_in(domain.author) else f"people/{domain.author}"
    message.author_gone = is_stand_in(domain.author)
    message.text, message.html = domain.words.text, domain.words.html
    message.mentions.extend(f"people/{person}" for person in domain.words.mentions)
    message.voice = comments_pb2.Voice.ValueType(domain.voice)
    message.question, message.etag = domain.question, domain.etag
    message.reaction_counts.extend(_counts(domain.reaction_counts))
    if domain.edit_time is not None:
        message.edit_time.CopyFrom(timestamp(domain.edit_time))


def _counts(counts: Sequence[int]) -> list[comments_pb2.CommentReactionCount]:
    """Most first; sorts that nobody chose are left out."""
    chosen = [(count, sort) for sort, count in enumerate(counts, start=1) if count]
    return [
        comments_pb2.CommentReactionCount(reaction=comments_pb2.CommentReaction.ValueType(sort), count=count)
        for count, sort in sorted(chosen, key=lambda pair: (-pair[0], pair[1]))
    ]


def reaction(person: UUID, sort: int, moment: datetime) -> comments_pb2.ReactionToComment:
    """How somebody reacted."""
    return comments_pb2.ReactionToComment(
        person=f"people/{person}", reaction=comments_pb2.CommentReaction.ValueType(sort), create_time=timestamp(moment)
    )


def own_comment(domain: Comment, sight: Sight, edit_minutes: int) -> comments_pb2.Comment:
    """A comment for its author, though it be hidden or removed."""
    return comment(replace(domain, hidden=False, removed=False), sight, edit_minutes)


def own_reaction(row: Any) -> own_data_pb2.OwnCommentReaction:
    """A row of how somebody reacted to a comment."""
    given = reaction(row.person, row.reaction, row.react_time)
    return own_data_pb2.OwnCommentReaction(comment=comment_name(row.comment), reaction=given)


def discussion(domain: Discussion, count: int, *, open_to_caller: bool) -> comments_pb2.Discussion:
    """What is said about an article, and whether the caller can say more."""
    return comments_pb2.Discussion(
        name=domain.name,
        comment_count=count,
        closed=domain.closed,
        close_time=timestamp(domain.close_time) if domain.close_time else None,
        open_to_caller=open_to_caller,
    )


def created(domain: Comment, answered: Comment | None) -> events_pb2.CommentCreated:
    """A new comment."""
    return events_pb2.CommentCreated(
        comment=domain.name,
        article=f"articles/{domain.article}",
        author=f"people/{domain.author}",
        reply_to=answered.name if answered else "",
        reply_to_author=f"people/{answered.author}" if answered and not is_stand_in(answered.author) else "",
        mentioned=[f"people/{person}" for person in domain.words.mentions],
    )


def edited(domain: Comment, before: Comment) -> events_pb2.CommentEdited:
    """A comment that its author changed."""
    new = [person for person in domain.words.mentions if person not in before.words.mentions]
    return events_pb2.CommentEdited(
        comment=domain.name,
        article=f"articles/{domain.article}",
        author=f"people/{domain.author}",
        newly_mentioned=[f"people/{person}" for person in new],
    )


def comment_id(name: str) -> UUID:
    """The id in `comments/{comment}`, also where more follows. What is no id is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("comments/").partition("/")[0])
    except ValueError:
        raise unknown_comment(name) from None


def comment_ids(names: Iterable[str]) -> list[UUID]:
    """The ids in those of these names that have one."""
    ids = []
    for name in names:
        with suppress(NotFound):
            ids.append(comment_id(name))
    return ids


def comment_name(id_: UUID | None) -> str:
    return f"comments/{id_}" if id_ else ""


def unknown_comment(name: str) -> NotFound:
    return NotFound("COMMENT_NOT_FOUND", "There is no {name} that you can see.", name=name)


def order(asked: int) -> Order:
    """In which order threads are listed: newest first, if nothing else is said."""
    return Order(asked) if asked else Order.NEWEST


def place(domain: Place) -> bytes:
    """Where a list of threads goes on."""
    return domain.as_of.bytes + domain.rank.to_bytes(4, "big") + domain.thread.bytes


def place_of(packed: bytes | None) -> Place | None:
    """The inverse of `place`."""
    if packed is None:
        return None
    return Place(UUID(bytes=packed[:16]), int.from_bytes(packed[16:20], "big"), UUID(bytes=packed[20:]))
