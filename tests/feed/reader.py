"""People as they use their inbox, in the words that the tests use."""

from typing import Any

from plein.feed.v1 import notifications_pb2 as pb
from plein.feed.v1 import notifications_pb2_grpc

from chassis.testing import World
from tests.feed.caller import Caller


class Reader:
    """Somebody's inbox, over the channel of the caller whose it is."""

    def __init__(self, world: World, caller: Caller) -> None:
        self.caller = caller
        self.api = notifications_pb2_grpc.NotificationServiceStub(caller.channel)
        self._world = world

    async def page(self, size: int = 100, token: str = "", **narrowed: Any) -> pb.ListNotificationsResponse:
        request = pb.ListNotificationsRequest(page_size=size, page_token=token, **narrowed)
        return await self.api.ListNotifications(request)

    async def inbox(self, **narrowed: Any) -> list[pb.Notification]:
        """All of it, once all that happened so far was dealt with."""
        await self._world.caught_up()
        answer = await self.page(**narrowed)
        assert not answer.next_page_token
        return list(answer.notifications)

    async def told(self, **narrowed: Any) -> list[tuple[str, list[str]]]:
        """Kind and the handles of the newest people, newest first."""
        handles = {person.name: handle for handle, person in self._world.people.items()}
        return [(kind(found), [handles[name] for name in found.people]) for found in await self.inbox(**narrowed)]

    async def unread(self) -> int:
        """The unread count, which is the same wherever it stands."""
        await self._world.caught_up()
        count = (await self.api.CountUnreadNotifications(pb.CountUnreadNotificationsRequest())).unread_count
        page = await self.page()
        assert page.unread_count == count
        assert sum(not found.read for found in page.notifications) == count
        return count

    async def read(self, up_to: int = 0, *names: str) -> int:
        """Marks as read, and answers how many are unread."""
        request = pb.MarkNotificationsReadRequest(up_to_position=up_to, names=names)
        return (await self.api.MarkNotificationsRead(request)).unread_count

    async def settings(self) -> pb.NotificationSettings:
        request = pb.GetNotificationSettingsRequest(name="people/me/notificationSettings")
        return await self.api.GetNotificationSettings(request)

    async def want(self, *paths: str, **fields: Any) -> pb.NotificationSettings:
        """Changes settings."""
        settings = pb.NotificationSettings(name="people/me/notificationSettings", **fields)
        request = pb.UpdateNotificationSettingsRequest(settings=settings)
        request.update_mask.paths.extend(paths)
        return await self.api.UpdateNotificationSettings(request)


def kind(notification: pb.Notification) -> str:
    """Such as `MENTION`."""
    return pb.NotificationKind.Name(notification.kind).removeprefix("NOTIFICATION_KIND_")
