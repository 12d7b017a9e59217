"""Names as ids."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from chassis import viewer
from chassis.problems import NotFound


def group_id(name: str) -> UUID:
    """The id in `groups/{group}`. What is no id at all is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("groups/"))
    except ValueError:
        raise unknown_group(name) from None


def group_id_or_handle(name: str) -> UUID | str:
    """What stands in `groups/{group}`: an id, or else a handle."""
    try:
        return group_id(name)
    except NotFound:
        return name.removeprefix("groups/").lower()


def group_ids(names: Iterable[str]) -> list[UUID]:
    """The ids in those of these names that have one, each once."""
    ids: dict[UUID, None] = {}
    for name in names:
        with suppress(NotFound):
            ids[group_id(name)] = None
    return list(ids)


def person_id(name: str) -> UUID:
    """The id in `people/{person}`; `people/me` is the caller."""
    if name == "people/me":
        return viewer.person()
    try:
        return UUID(name.removeprefix("people/"))
    except ValueError:
        raise unknown_person(name) from None


def group_and_person(name: str, unknown: NotFound) -> tuple[UUID, UUID]:
    """The ids in `groups/{group}/members/{person}` and the like, where the person may be `me`."""
    _, group, _, person = name.split("/")
    try:
        return UUID(group), viewer.person() if person == "me" else UUID(person)
    except ValueError:
        raise unknown from None


def group_in(name: str) -> str:
    """`groups/{group}` of something in a group."""
    return "/".join(name.split("/")[:2])


def position(moment: datetime, id_: UUID) -> bytes:
    """Where a list by time goes on."""
    # Rounded, since a float holds most microseconds a little too low.
    return round(moment.timestamp() * 1_000_000).to_bytes(8, "big") + id_.bytes


def moment_and_id(packed: bytes | None) -> tuple[datetime, UUID] | None:
    """The inverse of `position`."""
    if packed is None:
        return None
    seconds, micros = divmod(int.from_bytes(packed[:8], "big"), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), UUID(bytes=packed[8:])


def id_in(name: str) -> UUID:
    """The id at the end of a name that another service told; ValueError when there is none."""
    return UUID(name.rpartition("/")[2])


def unknown_group(name: str) -> NotFound:
    return NotFound("GROUP_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_person(name: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_member(name: str) -> NotFound:
    return NotFound("MEMBER_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_request(name: str) -> NotFound:
    return NotFound("REQUEST_NOT_FOUND", "There is no {name} that waits for an answer.", name=name)


def unknown_invitation(name: str) -> NotFound:
    return NotFound("INVITATION_NOT_FOUND", "There is no {name} that you can answer.", name=name)


def unknown_link() -> NotFound:
    return NotFound("LINK_NOT_FOUND", "The link does not work, or no longer.")
