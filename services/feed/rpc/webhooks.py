"""Webhooks to other systems, for administrators."""

import secrets
from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.feed.v1 import delivery_pb2, delivery_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import WrongState
from chassis.resources import Resources
from chassis.sealing import Sealer
from chassis.settings import sealing_key
from services.feed.domain.deliveries import Channel
from services.feed.domain.webhooks import Webhook, WebhookState
from services.feed.neighbours import Receivers
from services.feed.rpc.base import now
from services.feed.store import deliveries, webhooks
from services.feed.wire import webhooks as webhook_wire

MOST_WEBHOOKS = 100
PAUSED = "The webhook was paused."


class OutgoingWebhooks(delivery_pb2_grpc.OutgoingWebhookServiceServicer):
    """All methods of the OutgoingWebhookService."""

    def __init__(self, resources: Resources) -> None:
        self.database = resources.database
        self.pages = resources.pages
        self.sealer = Sealer(sealing_key(resources.settings.sealing_key_file))
        self.receivers = Receivers(resources.settings.webhook_allowed_hosts)

    async def CreateOutgoingWebhook(
        self, request: delivery_pb2.CreateOutgoingWebhookRequest, context: Any
    ) -> delivery_pb2.OutgoingWebhook:
        wanted = webhook_wire.webhook_fields(request.outgoing_webhook, ["title", "url", "event_types"])
        self.receivers.check(request.outgoing_webhook.url, "outgoing_webhook.url")
        told: list[str] = []
        async with self.database.transaction() as tx:

            async def made() -> delivery_pb2.OutgoingWebhook:
                secret = secrets.token_urlsafe(32)
                webhook = await self._made(tx, wanted, secret)
                told.append(secret)
                return webhook_wire.webhook(webhook)

            answer = await once(tx, request, delivery_pb2.OutgoingWebhook, made)
        # Not part of what is kept to be answered again.
        answer.secret = told[0] if told else ""
        return answer

    async def _made(self, tx: AsyncConnection, wanted: dict[str, Any], secret: str) -> Webhook:
        if await webhooks.count(tx) >= MOST_WEBHOOKS:
            raise WrongState("TOO_MANY_WEBHOOKS", "There are {most} webhooks, and no more fit.", most=MOST_WEBHOOKS)
        sealed = self.sealer.seal(secret.encode(), webhook_wire.SECRET_PURPOSE)
        moment = now()
        webhook = Webhook(
            id=new_id(), secret=sealed, creator=viewer.person(), create_time=moment, update_time=moment, **wanted
        )
        await webhooks.add(tx, webhook)
        return webhook

    async def GetOutgoingWebhook(
        self, request: delivery_pb2.GetOutgoingWebhookRequest, context: Any
    ) -> delivery_pb2.OutgoingWebhook:
        async with self.database.snapshot() as tx:
            return webhook_wire.webhook(await _known(tx, request.name))

    async def ListOutgoingWebhooks(
        self, request: delivery_pb2.ListOutgoingWebhooksRequest, context: Any
    ) -> delivery_pb2.ListOutgoingWebhooksResponse:
        position, size = self.pages.position(request), pages.size(request, 20, 100)
        async with self.database.snapshot() as tx:
            found = await webhooks.newest(tx, UUID(bytes=position) if position else None, size + 1)
        answer = delivery_pb2.ListOutgoingWebhooksResponse(outgoing_webhooks=map(webhook_wire.webhook, found[:size]))
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def UpdateOutgoingWebhook(
        self, request: delivery_pb2.UpdateOutgoingWebhookRequest, context: Any
    ) -> delivery_pb2.OutgoingWebhook:
        given = request.outgoing_webhook
        fields = webhook_wire.webhook_fields(given, request.update_mask.paths)
        if "url" in fields:
            self.receivers.check(fields["url"], "outgoing_webhook.url")
        async with self.database.transaction() as tx:
            webhook = (await _known(tx, given.name, lock=True)).changed(given.etag, fields, now())
            await webhooks.save(tx, webhook)
            if webhook.state is WebhookState.PAUSED:
                await deliveries.give_up(tx, Channel.WEBHOOK, webhook.id, webhook.update_time, PAUSED)
        return webhook_wire.webhook(webhook)

    async def DeleteOutgoingWebhook(
        self, request: delivery_pb2.DeleteOutgoingWebhookRequest, context: Any
    ) -> empty_pb2.Empty:
        id_ = webhook_wire.webhook_id(request.name)
        async with self.database.transaction() as tx:
            await webhooks.remove(tx, id_)
            await deliveries.forget(tx, Channel.WEBHOOK, id_)
        return empty_pb2.Empty()

    async def ListWebhookDeliveries(
        self, request: delivery_pb2.ListWebhookDeliveriesRequest, context: Any
    ) -> delivery_pb2.ListWebhookDeliveriesResponse:
        size, position = pages.size(request, 20, 100), self.pages.position(request)
        before = (int.from_bytes(position[:8], "big"), UUID(bytes=position[8:])) if position else None
        async with self.database.snapshot() as tx:
            webhook = await _known(tx, request.parent)
            found = await deliveries.of_recipient(tx, Channel.WEBHOOK, webhook.id, before, size + 1)
        shown = map(webhook_wire.webhook_delivery, found[:size])
        answer = delivery_pb2.ListWebhookDeliveriesResponse(deliveries=shown)
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, last.place.to_bytes(8, "big") + last.id.bytes)
        return answer

    async def RedeliverWebhookDelivery(
        self, request: delivery_pb2.RedeliverWebhookDeliveryRequest, context: Any
    ) -> delivery_pb2.WebhookDelivery:
        webhook, id_ = webhook_wire.delivery_ids(request.name)
        async with self.database.transaction() as tx:
            before = await deliveries.locked(tx, Channel.WEBHOOK, webhook, id_)
            if before is None:
                raise webhook_wire.unknown(request.name)
            after = before.again(now())
            await deliveries.note(tx, before, after)
        return webhook_wire.webhook_delivery(after)


async def _known(tx: AsyncConnection, name: str, *, lock: bool = False) -> Webhook:
    webhook = await webhooks.webhook(tx, webhook_wire.webhook_id(name), lock=lock)
    if webhook is None:
        raise webhook_wire.unknown(name)
    return webhook
