"""Tells once more who the members of a group are, when others forgot them or they see another part of its past."""

from functools import partial

from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.groups.store import chores, groups, members
from services.groups.wire import events

LATE_SECONDS = 0.25
MOST_AT_ONCE = 400


async def retell_members(resources: Resources) -> None:
    """So many in a transaction, which goes on after the last."""
    await keep_looking(resources.database, partial(_told_some, resources), LATE_SECONDS, "Telling who members are")


async def _told_some(resources: Resources) -> bool:
    """Whether there was something to tell. The group is locked before its retelling, as by who asks for one."""
    async with resources.database.transaction() as tx:
        id_ = await chores.next_retelling(tx)
        group = await groups.locked(tx, id_) if id_ else None
        if group is None:
            return False
        place = await chores.retold_up_to(tx, group.id)
        if place is None:
            return True
        told = [] if group.is_withdrawn else await members.some_after(tx, group.id, place.after, MOST_AT_ONCE)
        await chores.retold(tx, group.id, told[-1].person if told else None)
        if told:
            group = group.told()
            await groups.save(tx, group)
            await append_many(tx, [events.joined(group, member) for member in told])
    return True
