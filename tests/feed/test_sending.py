"""Feed by itself, with its clockwork: what happened leaves the house without anybody's doing."""

from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from plein.feed.v1 import delivery_pb2 as pb
from plein.feed.v1 import delivery_pb2_grpc

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Meet
from tests.feed.receiving import Receiver
from tests.feed.staff import Staff
from tests.feed.test_push import Device, subscribed


@pytest.fixture(scope="module")
def staff() -> Staff:
    return Staff()


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, staff: Staff, tmp_path_factory: pytest.TempPathFactory) -> World:
    key: Path = tmp_path_factory.mktemp("vapid") / "vapid.pem"
    with key.open("wb") as file:
        file.write(ECKey.generate_key("P-256").as_pem(private=True))
    hosts = ["127.0.0.0/8"]
    settings = {"vapid_key_file": key, "push_allowed_hosts": hosts, "webhook_allowed_hosts": hosts}
    return await start(SERVICE, {**answers, **staff.answers}, **settings)


async def test_an_event_and_a_notification_go_out_by_themselves(meet: Meet, staff: Staff) -> None:
    (ada,) = await meet("ada", roles=["administrator"])
    (bob,) = await meet("bob")
    staff.hire(ada, bob)
    async with Receiver().opened() as system, Receiver().opened() as push_service:
        api: Any = delivery_pb2_grpc.OutgoingWebhookServiceStub(ada.channel)
        hook = pb.OutgoingWebhook(title="Intranet", url=system.url, event_types=["PostCreated"])
        await api.CreateOutgoingWebhook(pb.CreateOutgoingWebhookRequest(outgoing_webhook=hook))
        device = Device()
        await subscribed(bob, device.subscription(push_service))
        await ada.post("Look @bob")
        await system.once_asked(1)
        await push_service.once_asked(1)
    assert system.got[0].headers["x-plein-event"] == "PostCreated"
    assert device.shown(push_service)[0]["text"] == "Ada Bos noemde je"
