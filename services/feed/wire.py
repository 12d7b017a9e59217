"""Feed's domain as messages, and names as ids."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import events_pb2, feed_pb2

from chassis import viewer
from chassis.problems import NotFound
from services.feed.domain import Post

# Tags of length-delimited fields: the field's number, then wire type 2.
_POSTS = bytes([feed_pb2.ListHomePostsResponse.POSTS_FIELD_NUMBER << 3 | 2])
_NEXT_PAGE_TOKEN = bytes([feed_pb2.ListHomePostsResponse.NEXT_PAGE_TOKEN_FIELD_NUMBER << 3 | 2])
_VIEWER = [
    feed_pb2.Post(viewer=feed_pb2.PostViewer(reaction=sort)).SerializeToString() for sort in feed_pb2.Reaction.values()
]


def post(domain: Post, own_reaction: int = 0) -> feed_pb2.Post:
    """A post as its reader sees it. A deleted one shows neither text nor author."""
    message = stored_post(domain)
    if own_reaction:
        message.viewer.reaction = feed_pb2.Reaction.ValueType(own_reaction)
    return message


def stored_post(domain: Post) -> feed_pb2.Post:
    """A post without anything about its reader: what the cache holds."""
    if domain.delete_time is not None:
        return feed_pb2.Post(
            name=domain.name,
            reply_to=_post_name(domain.reply_to),
            root=_post_name(domain.root),
            reply_count=domain.reply_count,
            create_time=timestamp(domain.create_time),
            delete_time=timestamp(domain.delete_time),
        )
    return feed_pb2.Post(
        name=domain.name,
        author=f"people/{domain.author}",
        text=domain.text,
        mentions=[feed_pb2.Mention(person=f"people/{m.person}", handle=m.handle) for m in domain.mentions],
        tags=[f"tags/{tag}" for tag in domain.tags],
        reply_to=_post_name(domain.reply_to),
        root=_post_name(domain.root),
        audience=_audience(domain.kinds),
        reply_count=domain.reply_count,
        reaction_counts=_counts(domain.reaction_counts),
        create_time=timestamp(domain.create_time),
    )


def follow(follower: UUID, followee: UUID, since: datetime) -> feed_pb2.Follow:
    """That one person follows another."""
    return feed_pb2.Follow(follower=f"people/{follower}", followee=f"people/{followee}", create_time=timestamp(since))


def follow_name(follower: UUID, followee: UUID) -> str:
    """What the log calls one person's following of another."""
    return f"people/{follower}/following/{followee}"


def created(domain: Post) -> events_pb2.PostCreated:
    """What the log tells of a new post."""
    return events_pb2.PostCreated(
        post=domain.name,
        author=f"people/{domain.author}",
        root=f"posts/{domain.root}",
        mentioned=[f"people/{mention.person}" for mention in domain.mentions],
    )


def followed(follower: UUID, followee: UUID) -> events_pb2.PersonFollowed:
    """What the log tells of a new follow."""
    return events_pb2.PersonFollowed(follower=f"people/{follower}", followee=f"people/{followee}")


def reacted(domain: Post, person: UUID) -> events_pb2.PostReactedTo:
    """What the log tells of a reaction."""
    return events_pb2.PostReactedTo(post=domain.name, person=f"people/{person}")


def reaction(person: UUID, sort: int, moment: datetime) -> feed_pb2.PostReaction:
    """How somebody reacted."""
    return feed_pb2.PostReaction(
        person=f"people/{person}", reaction=feed_pb2.Reaction.ValueType(sort), create_time=timestamp(moment)
    )


def joined_page(found: list[tuple[bytes, int]], token: str) -> bytes:
    """A serialized ListHomePostsResponse of serialized posts, each with the reader's own reaction.

    The posts come without `viewer`, which is appended: a field that stands twice is one that Envoy refuses.
    """
    parts: list[bytes] = []
    for content, own in found:
        if own:
            content += _VIEWER[own]
        parts += (_POSTS, _length(len(content)), content)
    if token:
        parts += (_NEXT_PAGE_TOKEN, _length(len(token)), token.encode())
    return b"".join(parts)


def position(moment: datetime, person: UUID) -> bytes:
    """Where a list of people by time goes on."""
    return int(moment.timestamp() * 1_000_000).to_bytes(8, "big") + person.bytes


def moment_and_person(packed: bytes | None) -> tuple[datetime, UUID] | None:
    """The inverse of `position`."""
    if packed is None:
        return None
    seconds, micros = divmod(int.from_bytes(packed[:8], "big"), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), UUID(bytes=packed[8:])


def timestamp(moment: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(moment)
    return message


def post_id(name: str) -> UUID:
    """The id in `posts/{post}`. What is no id at all is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("posts/"))
    except ValueError:
        raise unknown_post(name) from None


def person_id(name: str) -> UUID:
    """The id in `people/{person}`; `people/me` is the caller."""
    if name == "people/me":
        return viewer.person()
    try:
        return UUID(name.removeprefix("people/"))
    except ValueError:
        raise unknown_person(name) from None


def unknown_post(name: str) -> NotFound:
    return NotFound("POST_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_person(name: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)


def _post_name(id_: UUID | None) -> str:
    return f"posts/{id_}" if id_ else ""


def _audience(kinds: tuple[int, ...]) -> audience_pb2.Audience | None:
    if not kinds:
        return None
    return audience_pb2.Audience(kinds=[audience_pb2.WorkerKind.ValueType(kind) for kind in kinds])


def _counts(counts: tuple[int, ...]) -> list[feed_pb2.ReactionCount]:
    """Most first; sorts that nobody chose are left out."""
    chosen = [(count, reaction) for reaction, count in enumerate(counts, start=1) if count]
    return [
        feed_pb2.ReactionCount(reaction=feed_pb2.Reaction.ValueType(reaction), count=count)
        for count, reaction in sorted(chosen, key=lambda pair: (-pair[0], pair[1]))
    ]


def _length(number: int) -> bytes:
    """A length as protobuf writes it."""
    return _LENGTHS[number] if number < len(_LENGTHS) else _varint(number)


def _varint(number: int) -> bytes:
    """Base 128 Varints, up to 2 MiB."""
    if number < 128:
        return bytes((number,))
    if number < 16_384:
        return bytes((number & 127 | 128, number >> 7))
    return bytes((number & 127 | 128, number >> 7 & 127 | 128, number >> 14))


# A page is made of twenty of them.
_LENGTHS = [_varint(number) for number in range(4096)]
