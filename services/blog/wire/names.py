"""Names as ids, and where lists go on."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis import viewer
from chassis.problems import BadInput, NotFound


def blog_id(name: str) -> UUID:
    """The id in `blogs/{blog}`. What is no id at all is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("blogs/"))
    except ValueError:
        raise unknown_blog(name) from None


def article_id(name: str) -> UUID:
    """The id in `articles/{article}`, also where more follows. What is no id is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("articles/").partition("/")[0])
    except ValueError:
        raise unknown_article(name) from None


def person_id(name: str) -> UUID:
    """The id in `people/{person}`; `people/me` is the caller."""
    if name == "people/me":
        return viewer.person()
    try:
        return UUID(name.removeprefix("people/"))
    except ValueError:
        raise unknown_person(name) from None


def author_ids(name: str) -> tuple[UUID, UUID]:
    """The ids in `blogs/{blog}/authors/{person}`; `me` is the caller."""
    blog, _, person = name.partition("/authors/")
    return blog_id(blog), person_id(f"people/{person}")


def group_id(name: str, field: str) -> UUID | None:
    """The id in `groups/{group}`, or None for an empty name."""
    try:
        return UUID(name.removeprefix("groups/")) if name else None
    except ValueError:
        raise closed_group(name, field) from None


def id_in(name: str) -> UUID:
    """The id at the end of a name that another service told; ValueError when there is none."""
    return UUID(name.rpartition("/")[2])


def moment_of(message: Timestamp) -> datetime:
    """A moment of a message."""
    return message.ToDatetime(tzinfo=UTC)


def role_position(role: int, person: UUID) -> bytes:
    """Where a list of authors goes on."""
    return bytes((role,)) + person.bytes


def role_and_person(packed: bytes | None) -> tuple[int, UUID] | None:
    """The inverse of `role_position`."""
    return (packed[0], UUID(bytes=packed[1:])) if packed else None


def moment_position(moment: datetime, id_: UUID) -> bytes:
    """Where a list by time goes on."""
    # Rounded, since a float holds most microseconds a little too low.
    return round(moment.timestamp() * 1_000_000).to_bytes(8, "big") + id_.bytes


def moment_and_id(packed: bytes | None) -> tuple[datetime, UUID] | None:
    """The inverse of `moment_position`."""
    if packed is None:
        return None
    seconds, micros = divmod(int.from_bytes(packed[:8], "big"), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), UUID(bytes=packed[8:])


def closed_group(name: str, field: str) -> BadInput:
    """What is said of a group in which the caller cannot write, whether there is one or not."""
    return BadInput("NO_GROUP", "There is no {name} in which you can write.", field=field, name=name)


def unknown_blog(name: str) -> NotFound:
    return NotFound("BLOG_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_article(name: str) -> NotFound:
    return NotFound("ARTICLE_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_person(name: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)
