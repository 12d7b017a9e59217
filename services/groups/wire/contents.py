"""Names of what is in groups as ids, and the other way round."""

from typing import NamedTuple
from uuid import UUID

from plein.groups.v1 import events_pb2

from chassis.problems import NotFound
from services.groups.wire.events import Told


class Place(NamedTuple):
    """Something in a group; `number` is that of a version, or 0."""

    group: UUID
    id: UUID
    number: int = 0


def file_place(name: str) -> Place:
    """The ids in `groups/{group}/files/{file}`, and the number in `…/versions/{version}`."""
    place = _place(name, "files")
    if place is None:
        raise unknown_file(name)
    return place


def gathering_place(name: str) -> Place:
    """The ids in `groups/{group}/events/{event}`."""
    place = _place(name, "events")
    if place is None or place.number:
        raise unknown_gathering(name)
    return place


def page_group(name: str) -> str:
    """`groups/{group}` of `groups/{group}/page` and all below it."""
    return "/".join(name.split("/")[:2])


def unknown_file(name: str) -> NotFound:
    return NotFound("FILE_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_gathering(name: str) -> NotFound:
    return NotFound("EVENT_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_cover(name: str) -> NotFound:
    return NotFound("COVER_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_post(name: str) -> NotFound:
    return NotFound("POST_NOT_FOUND", "There is no {name} that you can see.", name=name)


def person_name(person: UUID | None) -> str:
    """`people/{person}`, or nothing for nobody."""
    return f"people/{person}" if person else ""


def judged(name: str, revision: int, *, hidden: bool) -> Told:
    """What the log tells when moderation decided about something in a group."""
    kind = events_pb2.GroupContentHidden if hidden else events_pb2.GroupContentRestored
    return name, revision, kind(name=name)


def _place(name: str, collection: str) -> Place | None:
    parts = name.split("/")
    if len(parts) not in (4, 6) or parts[0] != "groups" or parts[2] != collection:
        return None
    try:
        number = int(parts[5]) if len(parts) == 6 else 0
        if len(parts) == 6 and (parts[4] != "versions" or number < 1 or number > 2**31 - 1):
            return None
        return Place(UUID(parts[1]), UUID(parts[3]), number)
    except ValueError:
        return None
