"""Who is told of what happened to posts. Whether the recipient may see it is decided by the caller."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feed.domain.notifications import Entry, Kind, cause_of
from services.feed.domain.posts import Post


def of_post(post: Post, known: Mapping[UUID, Post], participants: Iterable[UUID]) -> Iterator[Entry]:
    """All reasons to tell somebody of a new post, those first that concern them most.

    `known` has what it answers, stands under and passes on; `participants` wrote in its thread before. The caller
    takes the first entry that each recipient wants.
    """
    if post.reply_to is not None and post.reply_to in known:
        yield _told(post, known[post.reply_to].author, Kind.REPLY, f"posts/{post.root}")
    if post.reshare_of is not None and post.reshare_of in known:
        original = known[post.reshare_of]
        yield _told(post, original.author, Kind.RESHARE, original.name)
    yield from of_mentions(post)
    if post.reply_to is not None and post.root in known:
        yield _told(post, known[post.root].author, Kind.REPLY_IN_OWN_THREAD, f"posts/{post.root}")
        for person in participants:
            yield _told(post, person, Kind.REPLY_IN_JOINED_THREAD, f"posts/{post.root}")


def of_mentions(post: Post) -> Iterator[Entry]:
    """The people whom a post mentions, perhaps since it was edited."""
    for mention in post.mentions:
        entry = _told(post, mention.person, Kind.MENTION, f"posts/{post.root}")
        yield replace(entry, moment=post.edit_time or post.create_time)


def of_group_mention(post: Post, group: UUID, members: Iterable[UUID]) -> Iterator[Entry]:
    """All members of the group in which a keeper wrote `@group`, who may see it only for as long as they are."""
    for person in members:
        entry = _told(post, person, Kind.GROUP_MENTION, f"posts/{post.root}")
        yield replace(entry, group=group)


def of_reaction(post: Post, person: UUID, moment: datetime) -> Entry:
    """Its author is told of a reaction."""
    cause = reaction_cause(post.id, person)
    return Entry(post.author, Kind.REACTION, cause, post.name, moment, actor=person, post=post.id, thread=post.root)


def of_follow(follower: UUID, followee: UUID, moment: datetime) -> Entry:
    """Who is followed is told of it."""
    return Entry(followee, Kind.FOLLOWER, follow_cause(follower, followee), "", moment, actor=follower)


def of_poll(post: Post, voters: Iterable[UUID]) -> Iterator[Entry]:
    """Who asked and who voted are told that a poll ended, and of nobody's vote."""
    if post.poll is not None:
        for person in {post.author, *voters}:
            cause, moment = poll_cause(post.id), post.poll.end_time
            yield Entry(person, Kind.POLL_ENDED, cause, post.name, moment, post=post.id, thread=post.root)


def of_card(post: Post, followers: Iterable[UUID], change: UUID, moment: datetime) -> Iterator[Entry]:
    """Who follows a card is told of each change by itself; `change` tells them apart."""
    for person in followers:
        yield Entry(person, Kind.CARD_CHANGED, change, post.name, moment, post=post.id, thread=post.root)


def reaction_cause(post: UUID, person: UUID) -> UUID:
    return cause_of("posts", str(post), "reactions", str(person))


def follow_cause(follower: UUID, followee: UUID) -> UUID:
    return cause_of("people", str(follower), "following", str(followee))


def poll_cause(post: UUID) -> UUID:
    return cause_of("posts", str(post), "poll")


def _told(post: Post, recipient: UUID, kind: Kind, subject: str) -> Entry:
    moment, thread = post.create_time, post.root
    return Entry(recipient, kind, post.id, subject, moment, actor=post.author, post=post.id, thread=thread)
