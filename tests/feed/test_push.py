"""What is pushed to devices: what is unread, that the owner may see, and nothing out of groups."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey
from plein.feed.v1 import delivery_pb2 as pb
from plein.feed.v1 import delivery_pb2_grpc, notifications_pb2

from chassis.testing import Answers, World
from services.feed.jobs import pushes
from services.feed.jobs.deliveries import Deliveries
from services.feed.jobs.pushes import PushSender
from services.feed.service import SERVICE
from services.feed.wire.web_push import decoded, encoded, vapid
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, refused, walked
from tests.feed.reader import Reader
from tests.feed.receiving import Receiver
from tests.feed.staff import Staff, post_in_new_group

NOON = datetime(2030, 11, 25, 11, tzinfo=UTC)
AUTH = bytes(range(16))


class Device:
    """A browser: it decrypts what its push service got."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, receiver: Receiver, path: str = "") -> pb.PushSubscription:
        subscription = pb.PushSubscription(endpoint=receiver.url + path, device="Firefox")
        subscription.p256dh, subscription.auth = encoded(self.public), encoded(AUTH)
        return subscription

    def shown(self, receiver: Receiver) -> list[dict[str, Any]]:
        """What the device shows, oldest first, without the ids."""
        return [{name: value for name, value in got.items() if name != "id"} for got in self.got(receiver)]

    def got(self, receiver: Receiver) -> list[dict[str, Any]]:
        """What came, decrypted, oldest first."""
        return [json.loads(self._opened(received.body)) for received in receiver.got]

    def _opened(self, body: bytes) -> bytes:
        salt, sender = body[:16], body[21:86]
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        key = derived(shared, AUTH, b"WebPush: info\0" + self.public + sender, 32)
        cipher = AESGCM(derived(key, salt, b"Content-Encoding: aes128gcm\0", 16))
        nonce = derived(key, salt, b"Content-Encoding: nonce\0", 12)
        return cipher.decrypt(nonce, body[86:], None).removesuffix(b"\x02")


def derived(secret: bytes, salt: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, purpose).derive(secret)


@dataclass
class Pushing:
    """The job, at a time that the test says."""

    world: World
    moment: datetime = NOON

    async def send(self) -> None:
        """Plans and sends all that is due."""
        await self.world.caught_up()
        resources = self.world.server.resources
        await pushes.plan_due(resources.database, self.moment)
        settings = resources.settings
        key = vapid(settings.vapid_key_file, settings.mail_from, settings.public_url)
        assert key is not None
        await Deliveries(resources.database, PushSender(resources, key), lambda: self.moment).send_due()


@pytest.fixture(scope="module")
def staff() -> Staff:
    return Staff()


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("vapid") / "vapid.pem"
    file.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    return file


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, staff: Staff, key_file: Path) -> World:
    """Feed without its clockwork, which the tests drive."""
    settings = {"vapid_key_file": key_file, "push_allowed_hosts": ["127.0.0.0/8"]}
    return await start(replace(SERVICE, background=()), {**answers, **staff.answers}, **settings)


@pytest.fixture
async def pushing(world: World) -> Pushing:
    await world.clean()
    return Pushing(world)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().opened() as opened:
        yield opened


@pytest.fixture
async def pair(meet: Meet, staff: Staff) -> tuple[Caller, Caller]:
    """Ada and Bob, who work here."""
    ada, bob = await meet("ada", "bob")
    staff.hire(ada, bob)
    return ada, bob


async def subscribed(caller: Caller, subscription: pb.PushSubscription) -> pb.PushSubscription:
    api: Any = delivery_pb2_grpc.PushServiceStub(caller.channel)
    request = pb.CreatePushSubscriptionRequest(push_subscription=subscription)
    made: pb.PushSubscription = await api.CreatePushSubscription(request)
    return made


async def devices(caller: Caller) -> list[str]:
    api: Any = delivery_pb2_grpc.PushServiceStub(caller.channel)
    return [
        device.name for device in await walked(api.ListPushSubscriptions, pb.ListPushSubscriptionsRequest(page_size=1))
    ]


async def test_a_mention_is_pushed_once_to_each_device(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    device = Device()
    for path in ("/1", "/2"):
        await subscribed(bob, device.subscription(receiver, path))
    post = await ada.post("Look @bob")
    await pushing.send()
    await pushing.send()
    shown = {"kind": "MENTION", "count": 1, "text": "Ada Bos noemde je", "path": f"/{post.name}"}
    assert device.shown(receiver) == [shown, shown]
    assert {received.path for received in receiver.got} == {"/hook/1", "/hook/2"}
    headers = receiver.got[0].headers
    assert (headers["content-encoding"], headers["ttl"], headers["topic"]) == ("aes128gcm", "86400", "plein")
    assert headers["authorization"].startswith("vapid t=")


async def test_what_was_there_before_the_device_is_not_pushed(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    await ada.post("Look @bob")
    await pushing.send()
    await subscribed(bob, Device().subscription(receiver))
    await pushing.send()
    assert receiver.got == []


async def test_what_was_read_meanwhile_is_not_pushed(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    await subscribed(bob, Device().subscription(receiver))
    await ada.post("Look @bob")
    reader = Reader(pushing.world, bob)
    (told,) = await reader.inbox()
    await reader.read(told.position)
    await pushing.send()
    assert receiver.got == []


async def test_what_was_deleted_meanwhile_is_not_pushed(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    await subscribed(bob, Device().subscription(receiver))
    receiver.statuses = [503]
    post = await ada.post("Look @bob")
    await pushing.send()
    await ada.delete(post.name)
    pushing.moment += timedelta(hours=1)
    await pushing.send()
    assert len(receiver.got) == 1


async def test_of_a_group_only_is_told_that_there_is_something(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    device = Device()
    await subscribed(bob, device.subscription(receiver))
    post = await post_in_new_group(pushing.world, ada, bob, "Secret plans for @bob")
    await pushing.send()
    text = "Nieuwe activiteit in een groep"
    assert device.shown(receiver) == [{"kind": "MENTION", "count": 1, "text": text, "path": f"/{post}"}]


async def test_nothing_is_pushed_in_quiet_hours_but_after_them(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    await subscribed(bob, Device().subscription(receiver))
    quiet = notifications_pb2.QuietHours(begin="11:00", end="13:00")
    await Reader(pushing.world, bob).want(quiet_hours=quiet)
    await ada.post("Look @bob")
    await ada.post("And look @bob")
    await pushing.send()
    assert receiver.got == []
    pushing.moment += timedelta(hours=1)
    await pushing.send()
    assert len(receiver.got) == 1


async def test_kinds_that_somebody_does_not_want_are_not_pushed(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    await subscribed(bob, Device().subscription(receiver))
    await Reader(pushing.world, bob).want("push_kinds")
    await ada.post("Look @bob")
    await pushing.send()
    assert receiver.got == []


@pytest.mark.parametrize(("status", "left"), [(404, 0), (410, 0), (400, 1), (503, 1)])
async def test_a_device_that_is_gone_is_forgotten(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller], status: int, left: int
) -> None:
    ada, bob = pair
    receiver.statuses = [status]
    await subscribed(bob, Device().subscription(receiver))
    await ada.post("Look @bob")
    await pushing.send()
    assert len(await devices(bob)) == left


async def test_what_a_push_service_did_not_take_is_pushed_later_under_the_same_id(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    receiver.statuses, device = [429, 503], Device()
    await subscribed(bob, device.subscription(receiver))
    await ada.post("Look @bob")
    for _ in range(3):
        await pushing.send()
        pushing.moment += timedelta(minutes=1)
    ids = [got["id"] for got in device.got(receiver)]
    assert len(ids) == 3
    assert len(set(ids)) == 1


async def test_nobody_who_left_is_pushed_to(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller], staff: Staff
) -> None:
    ada, bob = pair
    await subscribed(bob, Device().subscription(receiver))
    await ada.post("Look @bob")
    staff.depart(bob)
    await pushing.send()
    assert receiver.got == []


async def test_a_device_is_whose_who_subscribed_it_last(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    subscription = Device().subscription(receiver)
    first, second = await subscribed(ada, subscription), await subscribed(bob, subscription)
    assert first.name == second.name
    assert (await devices(ada), await devices(bob)) == ([], [first.name])
    assert (first.endpoint, first.p256dh, first.auth) == ("", "", "")


async def test_a_device_can_be_taken_off_by_its_owner_alone(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]
) -> None:
    ada, bob = pair
    await subscribed(bob, Device().subscription(receiver, "/1"))
    mine = await subscribed(bob, Device().subscription(receiver, "/2"))
    for caller, left in ((ada, 2), (bob, 1), (bob, 1)):
        api: Any = delivery_pb2_grpc.PushServiceStub(caller.channel)
        await api.DeletePushSubscription(pb.DeletePushSubscriptionRequest(name=mine.name))
        assert len(await devices(bob)) == left


@pytest.mark.parametrize("endpoint", ["http://push.example/1", "https://10.0.0.1/1", "https://[::1]/1"])
async def test_an_address_inside_is_no_push_service(
    pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller], endpoint: str
) -> None:
    subscription = Device().subscription(receiver)
    subscription.endpoint = endpoint
    refusal = await refused(subscribed(pair[0], subscription))
    assert (refusal.reason, refusal.fields) == ("ADDRESS_NOT_ALLOWED", ("push_subscription.endpoint",))


async def test_a_key_that_is_none_is_refused(pushing: Pushing, receiver: Receiver, pair: tuple[Caller, Caller]) -> None:
    subscription = Device().subscription(receiver)
    subscription.p256dh = "A" * 87
    assert (await refused(subscribed(pair[0], subscription))).fields == ("push_subscription.p256dh",)


async def test_the_key_to_subscribe_with_is_told(pushing: Pushing, pair: tuple[Caller, Caller]) -> None:
    api: Any = delivery_pb2_grpc.PushServiceStub(pair[0].channel)
    assert len(decoded((await api.GetPushKey(pb.GetPushKeyRequest())).public_key)) == 65
