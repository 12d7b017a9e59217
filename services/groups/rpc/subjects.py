"""What of groups can be reported: the groups themselves."""

from contextlib import suppress

from plein.chassis.v1.subjects_pb2 import Subject
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.problems import NotFound
from services.groups import wire
from services.groups.domain.entering import MOST_ASKED_KEEPERS
from services.groups.store import groups, members, visible


async def subject(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None:
    """A group by its own name; its owners answer for it, and no keeper of it must judge it."""
    if not name.startswith("groups/") or name.count("/") > 1:
        return None
    with suppress(NotFound):
        id_ = wire.group_id(name)
        seen = await visible.visible_group(tx, sight, id_) if sight else None
        group = seen.group if seen else None if sight else await groups.one(tx, id_)
        if group is not None:
            return wire.subject(group, await members.keepers(tx, id_, MOST_ASKED_KEEPERS))
    return None
