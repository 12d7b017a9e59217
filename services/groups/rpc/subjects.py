"""What of groups can be reported: the groups themselves, their files and their events."""

from contextlib import suppress

from plein.chassis.v1.subjects_pb2 import Subject
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.problems import NotFound
from services.groups import wire
from services.groups.domain.entering import MOST_ASKED_KEEPERS
from services.groups.store import files, gatherings, groups, members, presentations, visible
from services.groups.wire import contents as names
from services.groups.wire import files as files_wire
from services.groups.wire import gatherings as gatherings_wire
from services.groups.wire import presentations as presentations_wire


async def subject(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None:
    """A group, a file or an event by its name; no keeper of the group must judge it."""
    collection = name.count("/") > 2 and name.split("/")[2]
    with suppress(NotFound):
        match collection:
            case False if name.startswith("groups/") and name.count("/") == 1:
                return await _group(tx, name, sight)
            case "files":
                return await _file(tx, name, sight)
            case "events":
                return await _gathering(tx, name, sight)
    return None


async def _group(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None:
    """Its owners answer for a group, and for what its page says."""
    id_ = wire.group_id(name)
    seen = await visible.visible_group(tx, sight, id_) if sight else None
    group = seen.group if seen else None if sight else await groups.one(tx, id_)
    if group is None:
        return None
    found = wire.subject(group, await members.keepers(tx, id_, MOST_ASKED_KEEPERS))
    return presentations_wire.with_page(found, await presentations.page(tx, id_))


async def _file(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None:
    place = names.file_place(name)
    if place.number:
        return None
    file = await (files.visible_file(tx, sight, place.group, place.id) if sight else files.any_file(tx, place.id))
    if file is None or file.group != place.group:
        return None
    return files_wire.subject(file, await members.keepers(tx, place.group, MOST_ASKED_KEEPERS))


async def _gathering(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None:
    place = names.gathering_place(name)
    if sight:
        seen = await gatherings.visible_gathering(tx, sight, place.group, place.id)
        gathering = seen.gathering if seen else None
    else:
        gathering = await gatherings.any_gathering(tx, place.id)
    if gathering is None or gathering.group != place.group:
        return None
    return gatherings_wire.subject(gathering, await members.keepers(tx, place.group, MOST_ASKED_KEEPERS))
