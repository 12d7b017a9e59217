"""Lets no two people be in a group between whom a barrier stands, though they came in before it stood."""

import asyncio
import logging
from uuid import UUID

from chassis.database import Database
from chassis.events import append_many
from chassis.problems import Problem
from chassis.resources import Resources
from services.groups.domain.entering import kept_apart
from services.groups.store import changes, chores, groups, members

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
MOST_AT_ONCE = 200


async def keep_apart(resources: Resources) -> None:
    """Suspends memberships, and lets them go on when nobody stands in their way; a crash repeats what was begun."""
    while True:
        worked = False
        try:
            worked = await _checked(resources.database)
        except Problem as problem:
            log.warning("Groups are looked at for barriers later: %s", problem)
        if not worked:
            await asyncio.sleep(POLL_SECONDS)


async def _checked(database: Database) -> bool:
    """Whether there was something to look at."""
    async with database.snapshot() as tx:
        check = await chores.next_check(tx)
        ids = await chores.groups_to_check(tx, check) if check else []
    for id_ in ids:
        while await _changed(database, id_):
            pass
    if check is None:
        return False
    async with database.transaction() as tx:
        await chores.checked(tx, check)
    return True


async def _changed(database: Database, id_: UUID) -> bool:
    """Whether there is more to be changed in a group than fits into a transaction."""
    async with database.transaction() as tx:
        group = await groups.locked(tx, id_)
        if group is None:
            return False
        found = await members.of_group(tx, id_)
        apart = kept_apart(((member.person, segments) for member, segments in found), await chores.barriers(tx))
        wrong = [member for member, _ in found if member.suspended != (member.person in apart)]
        told = []
        for member in wrong[:MOST_AT_ONCE]:
            group, more = await changes.suspend(tx, group, member, suspended=member.person in apart)
            told += more
            if len(told) >= MOST_AT_ONCE:
                break
        await append_many(tx, told)
    return len(wrong) > 1
