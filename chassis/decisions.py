"""What every service does when moderation decides; all that the chassis knows of moderation is its events."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from plein.moderation.v1.events_pb2 import PersonMuted, PersonUnmuted, SubjectHidden, SubjectRemoved, SubjectRestored
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audience import drop_mute, keep_mute
from chassis.events import Reactions, on
from chassis.resources import Resources


class DecisionReactions(Reactions):
    """Follows moderation: mutes go into the replica of access, and `subject_decided` does what its service owns.

    A service with things that can be hidden or removed makes a class of its own of this one.
    """

    source = "moderation"
    may_be_absent = True

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    async def subject_decided(self, tx: AsyncConnection, subject: str, *, hidden: bool, removed: bool) -> None:
        """Something is to be seen by its author alone (`hidden`), by nobody (`removed`), or again as it was meant.

        It may be told again, and of things that are not this service's or not there.
        """

    @on(SubjectHidden)
    async def subject_hidden(self, tx: AsyncConnection, event: SubjectHidden) -> None:
        """Its author sees it, and nobody else."""
        await self.subject_decided(tx, event.subject, hidden=True, removed=False)

    @on(SubjectRemoved)
    async def subject_removed(self, tx: AsyncConnection, event: SubjectRemoved) -> None:
        """Nobody sees it, and it stays, since an appeal may bring it back."""
        await self.subject_decided(tx, event.subject, hidden=False, removed=True)

    @on(SubjectRestored)
    async def subject_restored(self, tx: AsyncConnection, event: SubjectRestored) -> None:
        """It is seen as before."""
        await self.subject_decided(tx, event.subject, hidden=False, removed=False)

    @on(PersonMuted)
    async def person_muted(self, tx: AsyncConnection, event: PersonMuted) -> None:
        """The frame refuses what the person would say (`chassis.calls.refuse_muted`)."""
        await keep_mute(tx, UUID(event.person.removeprefix("people/")), event.until.ToDatetime(tzinfo=UTC))

    @on(PersonUnmuted)
    async def person_unmuted(self, tx: AsyncConnection, event: PersonUnmuted) -> None:
        """The person may speak before the time."""
        await drop_mute(tx, UUID(event.person.removeprefix("people/")))

    async def after_commit(self, events: Sequence[Any]) -> None:
        """Lets this process decide on it at once; others take it in with their next poll."""
        await self.resources.access.refresh(self.resources.database)
