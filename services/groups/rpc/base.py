"""What all methods of groups work with."""

import time
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.problems import Unavailable
from chassis.resources import Resources
from services.groups import wire
from services.groups.domain.members import Standing
from services.groups.store import groups, visible
from services.groups.store.visible import Seen


class Base:
    """The resources of the process, and the few things that several methods do."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.database = resources.database
        self.access = resources.access
        self.pages = resources.pages
        self.settings = resources.settings

    def sight_of_member(self, person: UUID) -> Sight:
        """What somebody sees who is about to write; this process must have heard of the person."""
        if self.access.person(person) is None:
            raise Unavailable("ACCESS_UNCERTAIN", "You are so new here that this has to wait for a moment.")
        return self.access.sight(person)

    async def seen(self, tx: AsyncConnection, sight: Sight, name: str) -> Seen:
        """A group that the caller may know of, by its id."""
        found = await visible.visible_group(tx, sight, wire.group_id(name))
        if found is None:
            raise wire.unknown_group(name)
        return found

    async def locked(self, tx: AsyncConnection, sight: Sight, name: str) -> Seen:
        """The same, which nobody else changes, enters or leaves until the transaction ends.

        Only who may know of a group waits for it, or the time that it takes would tell that there is one.
        """
        found = await self.seen(tx, sight, name)
        await groups.locked(tx, found.group.id)
        return await self.seen(tx, sight, name)


def sight_within(sight: Sight, standing: Standing) -> Sight:
    """What somebody sees of a group's people: who keeps order in it all of them, whoever blocks whom."""
    return sight.despite_blocks() if standing.keeps else sight


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
