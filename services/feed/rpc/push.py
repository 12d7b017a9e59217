"""The devices to which the caller's notifications are pushed."""

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
from services.feed.domain.push import PushSubscription
from services.feed.neighbours import Receivers
from services.feed.rpc.base import now
from services.feed.settings import FeedSettings
from services.feed.store import notifications, push
from services.feed.wire import web_push

MOST_DEVICES = 20


class Push(delivery_pb2_grpc.PushServiceServicer):
    """All methods of the PushService."""

    def __init__(self, resources: Resources) -> None:
        self.database = resources.database
        self.pages = resources.pages
        settings: FeedSettings = resources.settings
        self.vapid = web_push.vapid(settings.vapid_key_file, settings.mail_from, settings.public_url)
        self.receivers = Receivers(resources.settings.push_allowed_hosts)

    async def GetPushKey(self, request: delivery_pb2.GetPushKeyRequest, context: Any) -> delivery_pb2.PushKey:
        return delivery_pb2.PushKey(public_key=self._key().public_key)

    async def CreatePushSubscription(
        self, request: delivery_pb2.CreatePushSubscriptionRequest, context: Any
    ) -> delivery_pb2.PushSubscription:
        self._key()
        wanted = request.push_subscription
        self.receivers.check(wanted.endpoint, "push_subscription.endpoint")
        keys = web_push.device_keys(wanted)
        async with self.database.transaction() as tx:

            async def made() -> delivery_pb2.PushSubscription:
                return web_push.push_subscription(await _put(tx, wanted, *keys))

            return await once(tx, request, delivery_pb2.PushSubscription, made)

    async def ListPushSubscriptions(
        self, request: delivery_pb2.ListPushSubscriptionsRequest, context: Any
    ) -> delivery_pb2.ListPushSubscriptionsResponse:
        position, size = self.pages.position(request), pages.size(request, 20, 100)
        async with self.database.snapshot() as tx:
            before = UUID(bytes=position) if position else None
            found = await push.of_person(tx, viewer.person(), before, size + 1)
        shown = map(web_push.push_subscription, found[:size])
        answer = delivery_pb2.ListPushSubscriptionsResponse(push_subscriptions=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def DeletePushSubscription(
        self, request: delivery_pb2.DeletePushSubscriptionRequest, context: Any
    ) -> empty_pb2.Empty:
        id_, person = web_push.subscription_id(request.name), viewer.person()
        if id_ is not None:
            async with self.database.transaction() as tx:
                await push.remove(tx, id_, person)
        return empty_pb2.Empty()

    def _key(self) -> web_push.Vapid:
        if self.vapid is None:
            raise WrongState("PUSH_NOT_SET", "This installation does not push: it has no VAPID_KEY_FILE.")
        return self.vapid


async def _put(
    tx: AsyncConnection, wanted: delivery_pb2.PushSubscription, public_key: bytes, auth: bytes
) -> PushSubscription:
    """The device as it is stored: told of what comes from now on."""
    person = viewer.person()
    subscription = PushSubscription(
        id=new_id(),
        person=person,
        endpoint=wanted.endpoint,
        public_key=public_key,
        auth=auth,
        device=wanted.device,
        create_time=now(),
        position=await notifications.newest_position(tx, person),
    )
    stored = await push.put(tx, subscription)
    if len(await push.of_person(tx, person, None, MOST_DEVICES + 1)) > MOST_DEVICES:
        raise WrongState("TOO_MANY_DEVICES", "Nobody has more than {most} devices.", most=MOST_DEVICES)
    return stored
