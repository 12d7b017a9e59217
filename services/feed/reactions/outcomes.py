"""What feed does when moderation tells what became of reports, and which decisions were a mistake."""

from collections.abc import Sequence
from uuid import UUID

from plein.chassis.v1 import event_log_pb2
from plein.moderation.v1 import events_pb2, moderation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import on
from chassis.resources import Resources
from services.feed.domain.notifications import Entry, Kind
from services.feed.neighbours import Reporters
from services.feed.reactions.telling import Telling
from services.feed.wire import id_in

_DECIDED = events_pb2.ReportDecided.DESCRIPTOR.full_name


class Outcomes(Telling):
    """Follows moderation's log a second time: asking it who reported must not keep anything from being hidden."""

    source = "moderation"
    name = "moderation/outcomes"
    may_be_absent = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._reporters: dict[str, UUID] = {}

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        await super().gather(events)
        payloads = [event.payload for event in events if event.type == _DECIDED and event.payload]
        names = [events_pb2.ReportDecided.FromString(payload).report for payload in payloads]
        reporters = self.resources.one(Reporters)
        self._reporters = await reporters.of(names) if names else {}

    @on(events_pb2.ReportDecided)
    async def report_decided(self, tx: AsyncConnection, event: events_pb2.ReportDecided) -> None:
        """Whoever was erased meanwhile is told nothing."""
        reporter = self._reporters.get(event.report)
        if reporter is not None:
            self.tell(Entry(reporter, Kind.REPORT_DECIDED, self.event_id, event.report, self.moment))

    @on(events_pb2.DecisionUndone)
    async def decision_undone(self, tx: AsyncConnection, event: events_pb2.DecisionUndone) -> None:
        """Whoever was not told of the decision hears nothing of reports that came to nothing."""
        if event.verdict != moderation_pb2.VERDICT_NO_ACTION:
            thing = event.subject
            self.tell(Entry(id_in(event.person), Kind.DECISION, self.event_id, event.case, self.moment, thing=thing))
