"""What all of moderation's methods work with."""

import time
from datetime import UTC, datetime
from uuid import UUID

from chassis.resources import Resources
from services.moderation import wire
from services.moderation.domain.subjects import Subject
from services.moderation.neighbours import Owners
from services.moderation.settings import ModerationSettings


class Base:
    """The resources of the process, and the few things that several methods do."""

    def __init__(self, resources: Resources) -> None:
        self.settings: ModerationSettings = resources.settings
        self.database = resources.database
        self.pages = resources.pages
        self.owners = resources.one(Owners)

    async def visible_subject(self, name: str, viewer: UUID) -> Subject:
        """A subject that somebody sees now; NotFound when there is none, or none for that person."""
        seen = await self.owners.subject(name, viewer)
        if seen is None:
            raise wire.unknown_subject(name)
        return seen


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
