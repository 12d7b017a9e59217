"""Names as ids, and where lists go on."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis import viewer
from chassis.problems import BadInput, NotFound


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


def group_id(name: str, field: str) -> UUID | None:
    """The id in `groups/{group}`, or None for an empty name."""
    try:
        return UUID(name.removeprefix("groups/")) if name else None
    except ValueError:
        raise BadInput("NO_GROUP", "There is no {name}.", field=field, name=name) from None


def unknown_post(name: str) -> NotFound:
    return NotFound("POST_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_person(name: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)
