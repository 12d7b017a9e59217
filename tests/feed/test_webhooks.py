"""What other systems are told: signed, each event once, again when they did not take it, and not for ever."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from plein.feed.v1 import delivery_pb2 as pb
from plein.feed.v1 import delivery_pb2_grpc, events_pb2
from sqlalchemy import text

from chassis.events import reset_cursor
from chassis.testing import Answers, World
from services.feed import neighbours
from services.feed.jobs.deliveries import LEASE, Deliveries
from services.feed.jobs.webhooks import WebhookSender
from services.feed.service import SERVICE
from services.feed.wire.webhooks import EVENT_TYPES, KEPT_TYPES
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, refused, walked
from tests.feed.receiving import Receiver

UNKNOWN = "outgoingWebhooks/01993e54-0000-7000-8000-000000000000"


@dataclass
class Clock:
    """The time that the job believes it is."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


@dataclass
class Administrator:
    """Who makes webhooks, and the job that serves them."""

    world: World
    caller: Caller
    job: Deliveries
    clock: Clock

    @property
    def api(self) -> Any:
        return delivery_pb2_grpc.OutgoingWebhookServiceStub(self.caller.channel)

    async def hook(self, receiver: Receiver, *types: str, **fields: Any) -> pb.OutgoingWebhook:
        asked = pb.OutgoingWebhook(title="Intranet", url=receiver.url, event_types=types or ["PostCreated"], **fields)
        request = pb.CreateOutgoingWebhookRequest(outgoing_webhook=asked)
        made: pb.OutgoingWebhook = await self.api.CreateOutgoingWebhook(request)
        return made

    async def state(self, hook: pb.OutgoingWebhook) -> str:
        found = await self.api.GetOutgoingWebhook(pb.GetOutgoingWebhookRequest(name=hook.name))
        return pb.OutgoingWebhookState.Name(found.state).removeprefix("OUTGOING_WEBHOOK_STATE_")

    async def log(self, hook: pb.OutgoingWebhook) -> list[pb.WebhookDelivery]:
        request = pb.ListWebhookDeliveriesRequest(parent=hook.name, page_size=2)
        return await walked(self.api.ListWebhookDeliveries, request)

    async def states(self, hook: pb.OutgoingWebhook) -> list[str]:
        names = [pb.WebhookDeliveryState.Name(found.state) for found in await self.log(hook)]
        return [name.removeprefix("WEBHOOK_DELIVERY_STATE_") for name in names]

    async def send(self) -> None:
        """Lets the job send all that is due by its clock."""
        await self.world.caught_up()
        await self.job.send_due()

    async def activate(self, hook: pb.OutgoingWebhook, state: str = "ACTIVE") -> None:
        wanted = pb.OutgoingWebhookState.Value(f"OUTGOING_WEBHOOK_STATE_{state}")
        changed = pb.OutgoingWebhook(name=hook.name, state=wanted)
        await self.api.UpdateOutgoingWebhook(pb.UpdateOutgoingWebhookRequest(outgoing_webhook=changed))


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    """Feed without its clockwork, which the tests drive."""
    return await start(replace(SERVICE, background=()), answers, webhook_allowed_hosts=["127.0.0.0/8"])


@pytest.fixture
async def admin(world: World, meet: Meet) -> Administrator:
    await world.clean()
    (caller,) = await meet("ada", roles=["administrator"])
    clock = Clock(datetime.now(UTC) + timedelta(seconds=5))
    return Administrator(world, caller, job(world, clock), clock)


def job(world: World, clock: Clock) -> Deliveries:
    resources = world.server.resources
    return Deliveries(resources.database, WebhookSender(resources), clock)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().opened() as opened:
        yield opened


def ids(receiver: Receiver) -> list[str]:
    return [received.headers["x-plein-delivery"] for received in receiver.got]


async def test_an_event_comes_signed_and_in_identifiers_only(admin: Administrator, receiver: Receiver) -> None:
    hook = await admin.hook(receiver)
    post = await admin.caller.post("Something secret")
    await admin.send()
    (received,) = receiver.got
    assert received.headers["x-plein-event"] == "PostCreated"
    moment, given = (part.partition("=")[2] for part in received.headers["x-plein-signature"].split(","))
    assert moment == str(int(admin.clock.moment.timestamp()))
    signed = moment.encode() + b"." + received.body
    assert hmac.compare_digest(given, hmac.new(hook.secret.encode(), signed, "sha256").hexdigest())
    told = json.loads(received.body)
    assert (told["type"], told["subject"]) == ("PostCreated", post.name)
    assert told["event"] == {"post": post.name, "author": admin.caller.name, "root": post.name}
    (logged,) = await admin.log(hook)
    assert (logged.last_status, logged.attempt_count, logged.body) == (200, 1, received.body.decode())
    assert logged.name.endswith(received.headers["x-plein-delivery"])
    assert await admin.states(hook) == ["SENT"]


async def test_only_chosen_events_come_and_none_from_before(admin: Administrator, receiver: Receiver) -> None:
    post = await admin.caller.post()
    hook = await admin.hook(receiver, "PostReactedTo", "PostDeleted")
    await admin.caller.post()
    await admin.caller.react(post.name)
    await admin.caller.delete(post.name)
    await admin.send()
    assert [received.headers["x-plein-event"] for received in receiver.got] == ["PostReactedTo", "PostDeleted"]
    assert [logged.event_type for logged in await admin.log(hook)] == ["PostDeleted", "PostReactedTo"]


async def test_an_event_that_is_followed_twice_comes_once(admin: Administrator, receiver: Receiver) -> None:
    await admin.hook(receiver)
    await admin.caller.post()
    await admin.send()
    await reset_cursor(admin.world.server.resources.database, "feed/webhooks")
    await admin.caller.post()
    await admin.send()
    assert len(set(ids(receiver))) == len(receiver.got) == 2


async def test_what_was_not_taken_comes_again_later_under_the_same_id(admin: Administrator, receiver: Receiver) -> None:
    receiver.statuses = [500, 302]
    hook = await admin.hook(receiver)
    await admin.caller.post()
    await admin.send()
    await admin.send()
    (logged,) = await admin.log(hook)
    assert (logged.last_status, logged.attempt_count, len(receiver.got)) == (500, 1, 1)
    assert logged.next_attempt_time.ToDatetime(tzinfo=UTC) > admin.clock.moment
    for _ in range(2):
        admin.clock.pass_by(minutes=1)
        await admin.send()
    assert len(receiver.got) == 3
    assert len(set(ids(receiver))) == 1
    assert await admin.states(hook) == ["SENT"]


async def test_a_receiver_is_left_alone_for_as_long_as_it_asks(admin: Administrator, receiver: Receiver) -> None:
    receiver.statuses, receiver.headers = [429], "retry-after: 3000\r\n"
    await admin.hook(receiver)
    await admin.caller.post()
    for minutes in (0, 40, 15):
        admin.clock.pass_by(minutes=minutes)
        await admin.send()
    assert len(receiver.got) == 2


async def test_a_later_event_waits_for_an_earlier_one_but_not_for_ever(
    admin: Administrator, receiver: Receiver
) -> None:
    receiver.statuses = [500, 500, 500]
    hook = await admin.hook(receiver)
    first, second = await admin.caller.post(), await admin.caller.post()
    for _ in range(3):
        await admin.send()
        admin.clock.pass_by(seconds=30)
    subjects = [json.loads(received.body)["subject"] for received in receiver.got]
    assert subjects == [first.name, first.name, first.name, second.name]
    assert await admin.states(hook) == ["SENT", "WAITING"]


async def test_who_hangs_is_given_up(admin: Administrator, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "RECEIVER_SECONDS", 0.3)
    receiver.hangs = True
    hook = await admin.hook(receiver)
    await admin.caller.post()
    await admin.world.caught_up()
    await job(admin.world, admin.clock).send_due()
    (logged,) = await admin.log(hook)
    assert (logged.last_status, logged.last_error) == (0, "It took longer than 0.3 seconds.")


async def test_no_transaction_is_open_while_something_is_sent(admin: Administrator, receiver: Receiver) -> None:
    receiver.hangs = True
    await admin.hook(receiver)
    await admin.caller.post()
    await admin.world.caught_up()
    sending = asyncio.create_task(admin.job.send_due())
    await receiver.once_asked(1)
    async with asyncio.timeout(5):
        while await open_transactions(admin.world):
            assert not sending.done()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def open_transactions(world: World) -> int:
    """Others' transactions that wait for their client."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND pid <> pg_backend_pid()"
    query += " AND datname = current_database()"
    async with world.server.resources.database.snapshot() as tx:
        return int((await tx.execute(text(query))).scalar_one())


async def test_who_dies_between_sending_and_noting_repeats_it_under_the_same_id(
    admin: Administrator, receiver: Receiver
) -> None:
    receiver.hangs = True
    hook = await admin.hook(receiver)
    await admin.caller.post()
    await admin.world.caught_up()
    dying = asyncio.create_task(admin.job.send_due())
    await receiver.once_asked(1)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    receiver.hangs = False
    await admin.send()
    assert len(receiver.got) == 1
    admin.clock.pass_by(seconds=LEASE.total_seconds())
    await admin.send()
    assert len(receiver.got) == 2
    assert len(set(ids(receiver))) == 1
    assert await admin.states(hook) == ["SENT"]


async def test_several_processes_send_each_once(admin: Administrator, receiver: Receiver) -> None:
    hooks = [await admin.hook(receiver) for _ in range(10)]
    await admin.caller.post()
    await admin.world.caught_up()
    jobs = [admin.job, *(job(admin.world, admin.clock) for _ in range(2))]
    await asyncio.gather(*(each.send_due() for each in jobs))
    assert len(set(ids(receiver))) == len(receiver.got) == len(hooks)


async def test_who_takes_nothing_for_a_day_is_told_no_more_until_it_is_mended(
    admin: Administrator, receiver: Receiver
) -> None:
    receiver.statuses = [503] * 100
    hook = await admin.hook(receiver)
    await admin.caller.post()
    for _ in range(25):
        await admin.send()
        admin.clock.pass_by(hours=1)
    assert await admin.state(hook) == "FAILING"
    await admin.caller.post()
    await admin.send()
    assert await admin.states(hook) == ["FAILED"]
    receiver.statuses.clear()
    await admin.activate(hook)
    await admin.caller.post()
    await admin.send()
    assert await admin.states(hook) == ["SENT", "FAILED"]


async def test_who_is_gone_is_told_no_more_at_once(admin: Administrator, receiver: Receiver) -> None:
    receiver.statuses = [410]
    hook = await admin.hook(receiver)
    await admin.caller.post()
    await admin.caller.post()
    await admin.send()
    assert await admin.state(hook) == "FAILING"
    assert await admin.states(hook) == ["FAILED", "FAILED"]
    assert len(receiver.got) == 1


async def test_a_paused_webhook_hears_nothing(admin: Administrator, receiver: Receiver) -> None:
    hook = await admin.hook(receiver)
    await admin.activate(hook, "PAUSED")
    await admin.caller.post()
    await admin.send()
    assert await admin.log(hook) == []


async def test_a_delivery_is_sent_again_on_demand(admin: Administrator, receiver: Receiver) -> None:
    hook = await admin.hook(receiver)
    await admin.caller.post()
    await admin.send()
    (logged,) = await admin.log(hook)
    again = await admin.api.RedeliverWebhookDelivery(pb.RedeliverWebhookDeliveryRequest(name=logged.name))
    assert again.state == pb.WEBHOOK_DELIVERY_STATE_WAITING
    await admin.send()
    assert len(receiver.got) == 2
    assert len(set(ids(receiver))) == 1


async def test_the_secret_is_told_once(admin: Administrator, receiver: Receiver) -> None:
    asked = pb.OutgoingWebhook(title="Intranet", url=receiver.url, event_types=["PostCreated"])
    request = pb.CreateOutgoingWebhookRequest(outgoing_webhook=asked, request_id=str(uuid4()))
    first, second = [await admin.api.CreateOutgoingWebhook(request) for _ in range(2)]
    assert len(first.secret) == 43
    first.secret = ""
    assert first == second == await admin.api.GetOutgoingWebhook(pb.GetOutgoingWebhookRequest(name=first.name))
    listed = await walked(admin.api.ListOutgoingWebhooks, pb.ListOutgoingWebhooksRequest(page_size=1))
    assert listed == [first]


@pytest.mark.parametrize(
    ("url", "types", "fields"),
    [
        ("http://example.com/", ["PostCreated"], ("outgoing_webhook.url",)),
        ("https://10.0.0.1/", ["PostCreated"], ("outgoing_webhook.url",)),
        ("https://me:secret@example.com/", ["PostCreated"], ("outgoing_webhook.url",)),
        ("https://example.com/", ["Nonsense"], ("outgoing_webhook.event_types",)),
        ("https://example.com/", ["MeetingChanged"], ("outgoing_webhook.event_types",)),
        ("https://example.com/", [], ("outgoing_webhook.event_types",)),
    ],
)
async def test_what_can_never_work_is_refused(
    admin: Administrator, url: str, types: list[str], fields: tuple[str, ...]
) -> None:
    asked = pb.OutgoingWebhook(title="Intranet", url=url, event_types=types)
    call = admin.api.CreateOutgoingWebhook(pb.CreateOutgoingWebhookRequest(outgoing_webhook=asked))
    assert (await refused(call)).fields == fields


def test_of_each_kind_of_event_it_is_decided_whether_others_hear_of_it() -> None:
    assert set(events_pb2.DESCRIPTOR.message_types_by_name) == EVENT_TYPES | KEPT_TYPES
    assert not EVENT_TYPES & KEPT_TYPES


async def test_a_stale_change_is_refused(admin: Administrator, receiver: Receiver) -> None:
    hook = await admin.hook(receiver)
    await admin.activate(hook, "PAUSED")
    changed = pb.OutgoingWebhook(name=hook.name, title="Other", etag=hook.etag)
    call = admin.api.UpdateOutgoingWebhook(pb.UpdateOutgoingWebhookRequest(outgoing_webhook=changed))
    assert (await refused(call)).reason == "WEBHOOK_CHANGED"


async def test_a_removed_webhook_is_gone_with_its_log(admin: Administrator, receiver: Receiver) -> None:
    hook = await admin.hook(receiver)
    await admin.caller.post()
    await admin.world.caught_up()
    for _ in range(2):
        await admin.api.DeleteOutgoingWebhook(pb.DeleteOutgoingWebhookRequest(name=hook.name))
    await admin.send()
    assert receiver.got == []
    refusal = await refused(admin.log(hook))
    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "WEBHOOK_NOT_FOUND")
    unknown = await refused(admin.api.GetOutgoingWebhook(pb.GetOutgoingWebhookRequest(name=UNKNOWN)))
    assert unknown.without(UNKNOWN) == refusal.without(hook.name)


async def test_others_than_administrators_have_no_webhooks(admin: Administrator, meet: Meet) -> None:
    (bob,) = await meet("bob")
    api: Any = delivery_pb2_grpc.OutgoingWebhookServiceStub(bob.channel)
    assert (await refused(api.ListOutgoingWebhooks(pb.ListOutgoingWebhooksRequest()))).code == "PERMISSION_DENIED"
