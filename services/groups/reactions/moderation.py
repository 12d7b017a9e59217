"""What groups does when moderation decides: groups exist for nobody but their owners, or for all again."""

from plein.moderation.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import Reactions, append_many, on
from chassis.resources import Resources
from services.groups.store import changes, groups
from services.groups.wire import id_in


class Moderation(Reactions):
    """Of a group that is withdrawn nobody sees anything, in no service: to them it is deleted."""

    source = "moderation"
    may_be_absent = True

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    @on(events_pb2.SubjectHidden)
    async def subject_hidden(self, tx: AsyncConnection, event: events_pb2.SubjectHidden) -> None:
        await self._judge(tx, event.subject, hidden=True)

    @on(events_pb2.SubjectRestored)
    async def subject_restored(self, tx: AsyncConnection, event: events_pb2.SubjectRestored) -> None:
        await self._judge(tx, event.subject)

    async def _judge(self, tx: AsyncConnection, subject: str, *, hidden: bool = False, removed: bool = False) -> None:
        """What is decided about something in a group is no concern of the group itself."""
        collection, _, id_ = subject.partition("/")
        if collection != "groups" or "/" in id_:
            return
        before = await groups.locked(tx, id_in(subject))
        if before is not None:
            _, told = await changes.save(tx, before, before.judged(hidden=hidden, removed=removed))
            await append_many(tx, told)
