"""Subscriptions to blogs, authors and tags."""

from typing import Any

from google.protobuf import empty_pb2
from plein.blog.v1 import subscriptions_pb2, subscriptions_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from services.blog.domain.subscriptions import Sort, Target, check_subscription_count, check_target
from services.blog.rpc.base import Base, now
from services.blog.store import subscriptions
from services.blog.wire import subscriptions as wire
from services.blog.wire.names import unknown_person


class Targets(Base):
    """What the methods about blogs, authors and tags have in common."""

    async def check_seen(self, tx: AsyncConnection, sight: Sight, target: Target) -> None:
        """NotFound for a blog or an author that the viewer may not see. Tags exist for everybody."""
        if target.sort is Sort.BLOG:
            await self.seen_blog(tx, sight, target.name)
        elif target.sort is Sort.AUTHOR and not sight.meets(target.id):
            raise unknown_person(target.name)


class Subscriptions(Targets, subscriptions_pb2_grpc.SubscriptionServiceServicer):
    """All methods of the SubscriptionService."""

    async def Subscribe(
        self, request: subscriptions_pb2.SubscribeRequest, context: Any
    ) -> subscriptions_pb2.Subscription:
        sight, target, moment = self.sight_of_member(), wire.target(request.target), now()
        check_target(target, sight.viewer)
        async with self.database.transaction() as tx:
            await self.check_seen(tx, sight, target)
            count = await subscriptions.locked_count(tx, sight.viewer)
            since = await subscriptions.since(tx, sight.viewer, target)
            if since is None:
                check_subscription_count(count)
                await subscriptions.subscribe(tx, sight.viewer, target, moment)
        return wire.subscription(target.name, since or moment)

    async def Unsubscribe(self, request: subscriptions_pb2.UnsubscribeRequest, context: Any) -> empty_pb2.Empty:
        person, target = self.sight().viewer, wire.target(request.target)
        async with self.database.transaction() as tx:
            await subscriptions.unsubscribe(tx, person, target)
        return empty_pb2.Empty()

    async def GetSubscription(
        self, request: subscriptions_pb2.GetSubscriptionRequest, context: Any
    ) -> subscriptions_pb2.Subscription:
        sight, target = self.sight(), wire.target(request.target)
        async with self.database.snapshot() as tx:
            await self.check_seen(tx, sight, target)
            since = await subscriptions.since(tx, sight.viewer, target)
        if since is None:
            raise wire.not_subscribed(request.target)
        return wire.subscription(target.name, since)

    async def ListSubscriptions(
        self, request: subscriptions_pb2.ListSubscriptionsRequest, context: Any
    ) -> subscriptions_pb2.ListSubscriptionsResponse:
        size = pages.size(request, 20, 100)
        before = wire.moment_and_target(self.pages.position(request))
        async with self.database.snapshot() as tx:
            found = await subscriptions.visible_subscriptions(tx, self.sight(), before, size + 1)
        shown = [wire.subscription(row.target, row.create_time) for row in found[:size]]
        answer = subscriptions_pb2.ListSubscriptionsResponse(subscriptions=shown)
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.target_position(last.create_time, last.target))
        return answer
