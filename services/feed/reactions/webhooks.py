"""Lets other systems hear what happened: feed follows its own log for them, with a cursor of their own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from plein.chassis.v1 import event_log_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import Reactions
from chassis.ids import new_id
from chassis.resources import Resources
from services.feed.domain.deliveries import TRIED_FOR, Channel, Delivery
from services.feed.domain.webhooks import Webhook
from services.feed.store import deliveries, webhooks
from services.feed.wire import webhooks as webhook_wire


class Webhooks(Reactions):
    """Makes a delivery of each event for each webhook that wants it, in the transaction that moves the cursor."""

    source = "feed"
    name = "feed/webhooks"

    pace_seconds = 0.1

    def __init__(self, resources: Resources) -> None:
        self._active: list[Webhook] | None = None

    async def gather(self, events: Sequence[event_log_pb2.Event]) -> None:
        self._active = None

    def reacts_to(self, event: event_log_pb2.Event) -> bool:
        """Which are wanted is read with the first of a batch."""
        return True

    async def react(self, tx: AsyncConnection, event: event_log_pb2.Event) -> None:
        """Takes any kind of event. One that was erased is not told."""
        if self._active is None:
            self._active = await webhooks.active(tx)
        if not self._active or (body := webhook_wire.body(event)) is None:
            return
        kind, happened = webhook_wire.event_type(event), event.write_time.ToDatetime(tzinfo=UTC)
        wanting = [hook.id for hook in self._active if kind in hook.event_types and hook.create_time <= happened]
        await deliveries.add(tx, [_delivery(event, webhook, body, happened) for webhook in wanting])


def _delivery(event: event_log_pb2.Event, webhook: UUID, body: str, happened: datetime) -> Delivery:
    return Delivery(
        id=new_id(),
        channel=Channel.WEBHOOK,
        recipient=webhook,
        subject=UUID(event.event_id),
        place=event.position,
        kind=webhook_wire.event_type(event),
        content=body,
        due_time=happened,
        give_up_time=datetime.now(UTC) + TRIED_FOR[Channel.WEBHOOK],
        create_time=happened,
    )
