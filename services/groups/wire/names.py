"""Names as ids."""

from collections.abc import Iterable
from contextlib import suppress
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


def id_in(name: str) -> UUID:
    """The id at the end of a name that another service told; ValueError when there is none."""
    return UUID(name.rpartition("/")[2])


def unknown_group(name: str) -> NotFound:
    return NotFound("GROUP_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_person(name: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)
