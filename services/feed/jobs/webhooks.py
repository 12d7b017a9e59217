"""Tells other systems what happened."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.fetching import CannotFetch
from chassis.resources import Resources
from chassis.sealing import Sealer
from chassis.settings import sealing_key
from services.feed.domain.deliveries import Channel, Delivery, Outcome, State, Verdict
from services.feed.neighbours import Receivers
from services.feed.store import deliveries, webhooks
from services.feed.wire import webhooks as webhook_wire

GIVEN_UP = "An earlier delivery was given up, and the webhook marked as failing."


class WebhookSender:
    """Posts events to webhooks, signed."""

    channel = Channel.WEBHOOK

    def __init__(self, resources: Resources) -> None:
        self._database = resources.database
        self._sealer = Sealer(sealing_key(resources.settings.sealing_key_file))
        self._receivers = Receivers(resources.settings.webhook_allowed_hosts)

    async def send(self, delivery: Delivery, moment: datetime) -> Outcome:
        """As `Sender` says."""
        async with self._database.snapshot() as tx:
            webhook = await webhooks.webhook(tx, delivery.recipient)
        if webhook is None:
            return Outcome(Verdict.UNWANTED, error="The webhook was removed.")
        secret = self._sealer.opened(webhook.secret, webhook_wire.SECRET_PURPOSE)
        if secret is None:
            return Outcome(Verdict.REFUSED, error="The secret was sealed with another key: make the webhook anew.")
        headers = webhook_wire.headers(delivery, secret, moment)
        try:
            answer = await self._receivers.post(webhook.url, delivery.content.encode(), headers, moment)
        except CannotFetch as error:
            return Outcome(Verdict.FAILED, error=str(error))
        if 200 <= answer.status <= 299:
            return Outcome(Verdict.SENT, answer.status)
        verdict = Verdict.REFUSED if answer.is_gone else Verdict.FAILED
        return Outcome(verdict, answer.status, answer.beginning, answer.wait_seconds, gone=answer.is_gone)

    async def noted(self, tx: AsyncConnection, after: Delivery, outcome: Outcome) -> None:
        """Marks a webhook as failing that took nothing for a day, or is gone; it is told no more."""
        if after.state is not State.FAILED:
            return
        webhook = await webhooks.webhook(tx, after.recipient, lock=True)
        if webhook is not None and after.end_time is not None:
            await webhooks.save(tx, webhook.marked_failing(after.end_time))
            await deliveries.give_up(tx, Channel.WEBHOOK, webhook.id, after.end_time, GIVEN_UP)
