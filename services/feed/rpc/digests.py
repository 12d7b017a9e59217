"""The way out of the mail with what is new."""

from types import ModuleType
from typing import Any

from google.api import httpbody_pb2
from plein.feed.v1 import delivery_pb2, delivery_pb2_grpc

from chassis.problems import Unavailable
from chassis.resources import Resources
from chassis.sealing import Sealer
from chassis.settings import sealing_key
from services.feed.domain.notifications import Digest
from services.feed.store import notification_settings
from services.feed.wire.digests import PATH, unsubscriber


class Digests(delivery_pb2_grpc.DigestServiceServicer):
    """All methods of the DigestService."""

    def __init__(self, resources: Resources) -> None:
        self.database = resources.database
        self.sealer = Sealer(sealing_key(resources.settings.sealing_key_file))

    async def AskToUnsubscribe(
        self, request: delivery_pb2.AskToUnsubscribeRequest, context: Any
    ) -> httpbody_pb2.HttpBody:
        person = unsubscriber(self.sealer, request.token)
        async with self.database.snapshot() as tx:
            settings = await notification_settings.of_person(tx, person)
        return _letters().asking_page(settings.language, f"{PATH}?token={request.token}")

    async def Unsubscribe(self, request: delivery_pb2.UnsubscribeRequest, context: Any) -> httpbody_pb2.HttpBody:
        person = unsubscriber(self.sealer, request.token)
        async with self.database.transaction() as tx:
            before = await notification_settings.of_person(tx, person, lock=True)
            if before.digest is not Digest.OFF:
                changed = before.changed("", {"digest": Digest.OFF})
                if not await notification_settings.save(tx, changed):
                    raise Unavailable("SETTINGS_BUSY", "Your settings are being changed at the same moment.")
        return _letters().stopped_page(before.language)


def _letters() -> ModuleType:
    """Imported when it is needed, which is seldom: templates are megabytes."""
    from services.feed.wire import letters

    return letters
