"""The inbox, and how people want to be told."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from plein.feed.v1 import notifications_pb2, notifications_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from chassis.problems import BadInput, Unavailable
from services.feed.domain.notifications import Notification, QuietHours
from services.feed.rpc.base import Base
from services.feed.store import notification_settings, notifications, posts
from services.feed.store.notifications import Place
from services.feed.wire import notifications as inbox_wire


class InboxReading(Base):
    """Shows what somebody was told."""

    async def notification_messages(
        self, tx: AsyncConnection, sight: Sight, found: Sequence[Notification]
    ) -> list[notifications_pb2.Notification]:
        """Notifications as their recipient sees them, with the newest post of each."""
        told = await posts.visible_by_ids(tx, sight, [item.post for item in found if item.post])
        messages = await self.messages(tx, sight, list(told.values()))
        shown = dict(zip(told, messages, strict=True))
        return [inbox_wire.notification(item, shown) for item in found]


class Notifications(InboxReading, notifications_pb2_grpc.NotificationServiceServicer):
    """All methods of the NotificationService."""

    async def ListNotifications(
        self, request: notifications_pb2.ListNotificationsRequest, context: Any
    ) -> notifications_pb2.ListNotificationsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        place = _place(self.pages.position(request))
        async with self.database.snapshot() as tx:
            found = await notifications.visible_page(
                tx, sight, place, size + 1, kinds=request.kinds, unread_only=request.unread_only
            )
            more = len(found) > size
            newer = place is not None and place.newer
            found = found[-size:] if newer else found[:size]
            answer = notifications_pb2.ListNotificationsResponse(
                notifications=await self.notification_messages(tx, sight, found),
                unread_count=await notifications.unread_count(tx, sight),
            )
        # Who came from older ones finds these again below.
        if found and (more or newer):
            answer.next_page_token = self.pages.seal(request, _packed(Place(found[-1].position)))
        above = found[0].position if found else place.position if place else 0
        answer.previous_page_token = self.pages.seal(request, _packed(Place(above, newer=True)))
        return answer

    async def CountUnreadNotifications(
        self, request: notifications_pb2.CountUnreadNotificationsRequest, context: Any
    ) -> notifications_pb2.CountUnreadNotificationsResponse:
        sight = self.access.sight(viewer.person())
        async with self.database.snapshot() as tx:
            count = await notifications.unread_count(tx, sight)
        return notifications_pb2.CountUnreadNotificationsResponse(unread_count=count)

    async def MarkNotificationsRead(
        self, request: notifications_pb2.MarkNotificationsReadRequest, context: Any
    ) -> notifications_pb2.MarkNotificationsReadResponse:
        sight = self.access.sight(viewer.person())
        ids = [id_ for name in request.names if (id_ := inbox_wire.notification_id(name))]
        async with self.database.transaction() as tx:
            await notifications.mark_read(tx, sight.viewer, request.up_to_position, ids)
            count = await notifications.unread_count(tx, sight)
        return notifications_pb2.MarkNotificationsReadResponse(unread_count=count)

    async def GetNotificationSettings(
        self, request: notifications_pb2.GetNotificationSettingsRequest, context: Any
    ) -> notifications_pb2.NotificationSettings:
        person = inbox_wire.own_settings(request.name)
        async with self.database.snapshot() as tx:
            return inbox_wire.settings(await notification_settings.of_person(tx, person))

    async def UpdateNotificationSettings(
        self, request: notifications_pb2.UpdateNotificationSettingsRequest, context: Any
    ) -> notifications_pb2.NotificationSettings:
        person = inbox_wire.own_settings(request.settings.name)
        fields = inbox_wire.settings_fields(request.settings, request.update_mask.paths)
        _check_time_zone(fields.get("quiet_hours"))
        async with self.database.transaction() as tx:
            before = await notification_settings.of_person(tx, person, lock=True)
            changed = before.changed(request.settings.etag, fields)
            if not await notification_settings.save(tx, changed):
                raise Unavailable("SETTINGS_BUSY", "Your settings are being changed at the same moment.")
        return inbox_wire.settings(changed)


def _check_time_zone(quiet: QuietHours | None) -> None:
    if quiet is not None and quiet.time_zone and quiet.time_zone not in available_timezones():
        field = "settings.quiet_hours.time_zone"
        raise BadInput("UNKNOWN_TIME_ZONE", "There is no time zone {zone}.", field=field, zone=quiet.time_zone)


def _packed(place: Place) -> bytes:
    return place.position.to_bytes(8, "big") + bytes((place.newer,))


def _place(packed: bytes | None) -> Place | None:
    return Place(int.from_bytes(packed[:8], "big"), bool(packed[8])) if packed else None
