"""Names as ids, and where lists go on."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis import viewer
from chassis.problems import BadInput, NotFound
from services.feed.domain.texts import folded_tag, is_tag


def position(moment: datetime, person: UUID) -> bytes:
    """Where a list of people by time goes on."""
    return _micros(moment) + person.bytes


def target_position(moment: datetime, target: UUID | str) -> bytes:
    """Where a list of tags, or of what has an id, goes on."""
    return _micros(moment) + (target.encode() if isinstance(target, str) else target.bytes)


def moment_and_person(packed: bytes | None) -> tuple[datetime, UUID] | None:
    """The inverse of `position`."""
    if packed is None:
        return None
    return _moment(packed[:8]), UUID(bytes=packed[8:])


def moment_and_target(packed: bytes | None, *, is_tag: bool) -> tuple[datetime, UUID | str] | None:
    """The inverse of `target_position`."""
    if packed is None:
        return None
    return _moment(packed[:8]), packed[8:].decode() if is_tag else UUID(bytes=packed[8:])


def _micros(moment: datetime) -> bytes:
    # Rounded, since a float holds most microseconds a little too low.
    return round(moment.timestamp() * 1_000_000).to_bytes(8, "big")


def _moment(packed: bytes) -> datetime:
    seconds, micros = divmod(int.from_bytes(packed, "big"), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


def moment_of(message: Timestamp) -> datetime:
    """The inverse of `timestamp`."""
    return message.ToDatetime(tzinfo=UTC)


def id_in(name: str) -> UUID:
    """The id at the end of a name that another service told; ValueError when there is none."""
    return UUID(name.rpartition("/")[2])


def post_id(name: str) -> UUID:
    """The id in `posts/{post}`. What is no id at all is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("posts/"))
    except ValueError:
        raise unknown_post(name) from None


def post_ids(names: Iterable[str]) -> list[UUID]:
    """The ids in those of these names that have one."""
    ids = []
    for name in names:
        with suppress(NotFound):
            ids.append(post_id(name))
    return ids


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
        raise closed_group(name, field) from None


def closed_group(name: str, field: str) -> BadInput:
    """What is said of a group in which the caller cannot write, whether there is one or not."""
    return BadInput("NO_GROUP", "There is no {name} in which you can write.", field=field, name=name)


def tag(name: str) -> str:
    """The tag in `tags/{tag}`, as it is stored."""
    folded = folded_tag(name.removeprefix("tags/"))
    if not is_tag(folded):
        raise BadInput("NO_TAG", "{name} can be no tag of a post.", field="name", name=name)
    return folded


def existing_group_id(name: str) -> UUID:
    """The id in `groups/{group}`. What is no id at all is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("groups/"))
    except ValueError:
        raise unknown_group(name) from None


def unknown_post(name: str) -> NotFound:
    return NotFound("POST_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_person(name: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_group(name: str) -> NotFound:
    return NotFound("GROUP_NOT_FOUND", "There is no {name} that you can see.", name=name)
