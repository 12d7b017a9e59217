"""What all of moderation's methods work with."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.access import Sight
from chassis.resources import Resources
from services.moderation.domain.cases import Case
from services.moderation.domain.subjects import Subject
from services.moderation.neighbours import Owners
from services.moderation.settings import ModerationSettings
from services.moderation.store import cases
from services.moderation.wire import cases as wire
from services.moderation.wire import unknown_subject


class Base:
    """The resources of the process, and the few things that several methods do."""

    def __init__(self, resources: Resources) -> None:
        self.settings: ModerationSettings = resources.settings
        self.database = resources.database
        self.access = resources.access
        self.pages = resources.pages
        self.owners = resources.one(Owners)

    async def visible_subject(self, name: str, viewer: UUID) -> Subject:
        """A subject that somebody sees now; NotFound when there is none, or none for that person."""
        seen = await self.owners.subject(name, viewer)
        if seen is None:
            raise unknown_subject(name)
        return seen


class Moderating(Base):
    """What methods of moderators share: none of them finds a case in which the caller is concerned."""

    @property
    def patience(self) -> timedelta:
        """For how long a case stays with whoever took it and does nothing."""
        return timedelta(hours=self.settings.assignment_hours)

    def sight(self) -> Sight:
        """Who the caller is, and from whom law keeps the caller apart."""
        return self.access.sight(viewer.person())

    async def examined_case(self, name: str) -> tuple[Case, Subject | None]:
        """A case in which the caller is not concerned, and its subject as it is, whose owner says who is by now."""
        async with self.database.snapshot() as tx:
            case = await cases.visible(tx, self.sight(), wire.case_id(name))
        if case is None:
            raise wire.unknown_case(name)
        current = await self.owners.subject(case.subject)
        if current is not None and viewer.person() in (current.author, *current.concerned):
            raise wire.unknown_case(name)
        return case, current

    async def locked_case(self, tx: AsyncConnection, name: str) -> Case:
        """A case in which the caller is not concerned, which nobody else changes meanwhile."""
        case = await cases.visible(tx, self.sight(), wire.case_id(name), lock=True)
        if case is None:
            raise wire.unknown_case(name)
        return case


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
