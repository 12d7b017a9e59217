"""Pushes what is new to people's devices."""

from datetime import datetime
from uuid import UUID

import orjson
from plein.identity.v1 import identity_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.fetching import CannotFetch
from chassis.resources import Resources
from services.feed.domain.deliveries import Channel, Delivery, Outcome, State, Verdict
from services.feed.domain.digests import quiet_until
from services.feed.domain.notifications import NotificationSettings
from services.feed.domain.push import PushSubscription
from services.feed.jobs.news import News, language_of, news, people_of, unmuted
from services.feed.neighbours import Identity, Receivers, Reply
from services.feed.settings import FeedSettings
from services.feed.store import deliveries, notification_settings, notifications, push
from services.feed.wire.web_push import Vapid, encrypted

INBOXES_AT_ONCE = 200
NOTHING_NEW = "There was nothing new any more."


async def plan_due(database: Database, moment: datetime) -> None:
    """Makes a delivery for each device of whoever was told something. What is told is read when it is sent."""
    planned = INBOXES_AT_ONCE
    while planned == INBOXES_AT_ONCE:
        async with database.quiet_transaction() as tx:
            unpushed = [inbox.recipient for inbox in await notifications.unsent_for_push(tx, INBOXES_AT_ONCE)]
            if unpushed:
                await push.plan(tx, unpushed, moment)
                await notifications.keep_pushed(tx, unpushed)
        planned = len(unpushed)


class PushSender:
    """Encrypts for one device and hands it to its push service."""

    channel = Channel.PUSH

    def __init__(self, resources: Resources, vapid: Vapid) -> None:
        settings: FeedSettings = resources.settings
        self._database = resources.database
        self._access = resources.access
        self._identity = Identity(resources.neighbours)
        self._receivers = Receivers(settings.push_allowed_hosts)
        self._time_zone = settings.organisation_time_zone
        self._vapid = vapid

    async def send(self, delivery: Delivery, moment: datetime) -> Outcome:
        """As `Sender` says."""
        async with self._database.snapshot() as tx:
            device = await push.subscription(tx, delivery.recipient)
            if device is None:
                return Outcome(Verdict.UNWANTED, error="The device was removed.")
            settings = await notification_settings.of_person(tx, device.person)
            until = quiet_until(settings.quiet_hours, moment, self._time_zone)
            if until is not None:
                return Outcome(Verdict.POSTPONED, until=until)
            kinds = unmuted(settings.push_kinds, settings)
            new = await news(tx, self._access.sight(device.person), device.position, kinds, 1)
        if not new.found:
            return Outcome(Verdict.UNWANTED, error=NOTHING_NEW, position=new.position)
        people = await people_of(self._identity, device.person, new.actors())
        if device.person not in people:
            return Outcome(Verdict.UNWANTED, error="The person does not work here now, or never signed in.")
        return await self._pushed(device, _content(delivery.id, new, people, device.person, settings), new, moment)

    async def _pushed(self, device: PushSubscription, content: bytes, new: News, moment: datetime) -> Outcome:
        headers = self._vapid.headers(device.endpoint, moment)
        try:
            body = encrypted(content, device.public_key, device.auth)
            reply = await self._receivers.post(device.endpoint, body, headers, moment)
        except CannotFetch as error:
            return Outcome(Verdict.FAILED, error=str(error))
        return _outcome(reply, new.position)

    async def noted(self, tx: AsyncConnection, after: Delivery, outcome: Outcome) -> None:
        """Removes a device that is gone; otherwise keeps up to where it was told."""
        if outcome.gone:
            await push.remove(tx, after.recipient)
            await deliveries.forget(tx, Channel.PUSH, after.recipient)
        elif outcome.position and after.state in (State.SENT, State.DROPPED):
            await push.keep_position(tx, after.recipient, outcome.position)


def _outcome(reply: Reply, position: int) -> Outcome:
    """404 and 410 say that there is no such device (RFC 8030); what is wrong with a push is never right later."""
    if 200 <= reply.status <= 299:
        return Outcome(Verdict.SENT, reply.status, position=position)
    if reply.status in (404, 410):
        return Outcome(Verdict.REFUSED, reply.status, reply.beginning, gone=True)
    passes = reply.status in (408, 425, 429) or reply.status >= 500
    verdict = Verdict.FAILED if passes else Verdict.REFUSED
    return Outcome(verdict, reply.status, reply.beginning, reply.wait_seconds)


def _content(
    id_: UUID, new: News, people: dict[UUID, identity_pb2.Person], person: UUID, settings: NotificationSettings
) -> bytes:
    """What the device shows: JSON. `count` is how many notifications are unread in all."""
    newest = new.found[0]
    shown = {
        "id": str(id_),
        "kind": newest.kind.name,
        "count": new.unread_count,
        "text": new.sentence(newest, people, language_of(settings, people[person])),
        "path": new.path(newest),
    }
    return orjson.dumps(shown)
