"""Lets no two people be in a group between whom a barrier stands, though they came in before it stood."""

from functools import partial
from uuid import UUID

from chassis.database import Database
from chassis.events import append_many
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.groups.domain.entering import kept_apart
from services.groups.store import changes, chores, groups, members

LATE_SECONDS = 0.25
MOST_AT_ONCE = 400


async def keep_apart(resources: Resources) -> None:
    """Suspends memberships, and lets them go on when nobody stands in their way; a crash repeats what was begun."""
    check = partial(_checked, resources.database)
    await keep_looking(resources.database, check, LATE_SECONDS, "Looking at groups for barriers")


async def _checked(database: Database) -> bool:
    """Whether there was something to look at."""
    async with database.snapshot() as tx:
        check = await chores.next_check(tx)
        ids = await chores.groups_to_check(tx, check) if check else []
    for id_ in ids:
        await _suspend(database, id_)
        while await _let_back(database, id_):
            pass
    if check is None:
        return False
    async with database.transaction() as tx:
        await chores.checked(tx, check)
    return True


async def _suspend(database: Database, id_: UUID) -> None:
    """Suspends all who must not be there. Who decided on what was before has come in, once the group is locked."""
    async with database.transaction() as tx:
        await groups.locked(tx, id_)
        found = await members.between_barriers(tx, id_)
        apart = kept_apart(((member.person, segments) for member, segments in found), await chores.barriers(tx))
    leaving = [member for member, _ in found if member.person in apart and not member.suspended]
    for first in range(0, len(leaving), MOST_AT_ONCE):
        async with database.transaction() as tx:
            if group := await groups.locked(tx, id_):
                some = leaving[first : first + MOST_AT_ONCE]
                await append_many(tx, (await changes.suspend(tx, group, some, suspended=True))[1])


async def _let_back(database: Database, id_: UUID) -> bool:
    """Whether somebody is let back, of whom there may be more. Nobody comes in while it is decided who may."""
    async with database.transaction() as tx:
        group = await groups.locked(tx, id_)
        found = await members.between_barriers(tx, id_) if group else []
        apart = kept_apart(((member.person, segments) for member, segments in found), await chores.barriers(tx))
        returning = [member for member, _ in found if member.suspended and member.person not in apart]
        if group is not None and returning:
            _, told = await changes.suspend(tx, group, returning[:MOST_AT_ONCE], suspended=False)
            await append_many(tx, told)
    return bool(returning)
