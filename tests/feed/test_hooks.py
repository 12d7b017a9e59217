"""Incoming webhooks: what is signed comes in once, and nothing else does."""

import asyncio
import hmac
import json
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.api import httpbody_pb2
from plein.feed.v1 import card_pb2, events_pb2, hooks_pb2, hooks_pb2_grpc
from sqlalchemy import text

from chassis.testing import Account, Answers, World
from tests.feed.caller import Caller, Meet, Refusal, refused
from tests.feed.systems import titled

UNKNOWN_HOOK = "hooks/01993e54-0000-7000-8000-000000000000"
OUTAGE = {"title": "DSL Utrecht", "severity": "OUTAGE_SEVERITY_MAJOR"}


@dataclass
class Hook:
    """A webhook as the system that has its secret uses it."""

    api: Any
    name: str
    secret: str

    async def send(
        self,
        event: dict[str, Any] | bytes,
        delivery: str = "",
        *,
        seconds: int = 0,
        secret: str = "",
        name: str = "",
        signature: str = "",
    ) -> str:
        """Delivers an event with a signature of so many seconds ago; answers the post."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        signed = signature or signature_of(secret or self.secret, body, int(time.time()) - seconds)
        headers = [("x-plein-signature", signed), ("x-plein-delivery", delivery or str(uuid4()))]
        request = hooks_pb2.ReceiveHookRequest(hook=name or self.name, body=httpbody_pb2.HttpBody(data=body))
        return str((await self.api.ReceiveHook(request, metadata=headers)).post)

    async def report(self, key: str, delivery: str = "", **sending: Any) -> str:
        return await self.send({"key": key, "createOutage": OUTAGE}, delivery, **sending)


def signature_of(secret: str, body: bytes, seconds: int) -> str:
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256).hexdigest()
    return f"t={seconds},v1={digest}"


@pytest.fixture(scope="module")
def answers(answers: Answers) -> Answers:
    return {**answers, **titled("Monitoring")}


@pytest.fixture
async def owner(meet: Meet) -> Caller:
    return (await meet("olga"))[0]


@pytest.fixture
async def account(world: World, owner: Caller) -> Account:
    return await world.account(owner.person, "cards.write")


@pytest.fixture(scope="module")
async def office(world: World) -> Any:
    """HookService as an administrator calls it."""
    ada = await world.person("ada", roles=["administrator"])
    return hooks_pb2_grpc.HookServiceStub(world.channel(ada))


@pytest.fixture
async def hook(world: World, office: Any, account: Account) -> Hook:
    return await made(world, office, account)


async def made(world: World, office: Any, account: Account, request_id: str = "") -> Hook:
    asked = hooks_pb2.CreateIncomingHookRequest(
        incoming_hook=hooks_pb2.IncomingHook(title="Alarms", account=account.name), request_id=request_id
    )
    answer = await office.CreateIncomingHook(asked)
    public = hooks_pb2_grpc.HookServiceStub(world.channel(None))
    return Hook(public, answer.incoming_hook.name.replace("incomingHooks", "hooks"), answer.secret)


async def test_a_signed_delivery_posts_a_card(hook: Hook, owner: Caller, account: Account) -> None:
    post = await owner.read(await hook.report("INC-1"))
    assert (post.author, post.card.via, post.card.external_id) == (owner.name, "Monitoring", "INC-1")
    assert post.card.account == account.name
    assert post.card.outage.title == "DSL Utrecht"
    assert post.name in await owner.home_names()


async def test_what_happens_next_changes_the_one_card(hook: Hook, owner: Caller) -> None:
    name = await hook.report("INC-1")
    news = {"state": "OUTAGE_STATE_INVESTIGATING", "text": "We zoeken."}
    assert await hook.send({"key": "INC-1", "addOutageUpdate": news}) == name
    change = {"outage": {"regions": ["Utrecht"]}, "updateMask": "regions"}
    assert await hook.send({"key": "INC-1", "changeOutage": change}) == name
    outage = (await owner.read(name)).card.outage
    assert outage.state == card_pb2.OUTAGE_STATE_INVESTIGATING
    assert list(outage.regions) == ["Utrecht"]
    assert await owner.written_by(owner) == [name]


async def test_a_vacancy_is_opened_and_closed(hook: Hook, owner: Caller) -> None:
    vacancy = {"title": "Monteur", "closingDate": "2099-12-31"}
    name = await hook.send({"key": "VAC-7", "createVacancy": vacancy})
    await hook.send({"key": "VAC-7", "closeVacancy": {}})
    assert (await owner.read(name)).card.vacancy.state == card_pb2.VACANCY_STATE_CLOSED


async def test_a_delivery_that_is_repeated_is_answered_again_and_done_once(hook: Hook, owner: Caller) -> None:
    name = await hook.report("INC-1", "one")
    assert await asyncio.gather(*(hook.report("INC-1", "one", seconds=second) for second in range(4))) == [name] * 4
    news = {"key": "INC-1", "addOutageUpdate": {"text": "We zoeken."}}
    await asyncio.gather(*(hook.send(news, "two") for _ in range(4)))
    assert len((await owner.read(name)).card.outage.updates) == 1


async def test_a_delivery_that_is_refused_can_be_repeated(hook: Hook) -> None:
    news = {"key": "INC-1", "addOutageUpdate": {"text": "We zoeken."}}
    assert (await refused(hook.send(news, "two"))).reason == "CARD_NOT_FOUND"
    await hook.report("INC-1", "one")
    assert await hook.send(news, "two")


async def test_one_delivery_id_is_for_one_content(hook: Hook) -> None:
    await hook.report("INC-1", "one")
    assert (await refused(hook.report("INC-2", "one"))).reason == "REQUEST_ID_USED"


async def test_a_captured_delivery_is_not_good_for_another_one(hook: Hook, owner: Caller) -> None:
    name = await hook.report("INC-1", "one")
    body, now = json.dumps({"key": "INC-1", "addOutageUpdate": {"text": "We zoeken."}}).encode(), int(time.time())
    captured = signature_of(hook.secret, body, now)
    await hook.send(body, "two", signature=captured)
    assert (await refused(hook.send(body, "three", signature=captured))).reason == "HOOK_REFUSED"
    assert await hook.send(body, "two", signature=captured) == name
    assert len((await owner.read(name)).card.outage.updates) == 1


async def test_whatever_does_not_hold_is_refused_alike(
    world: World, office: Any, hook: Hook, account: Account, owner: Caller
) -> None:
    other = await made(world, office, account)
    body = json.dumps({"key": "INC-1", "createOutage": OUTAGE}).encode()
    good = signature_of(hook.secret, body, int(time.time()))
    refusals = {
        await refused(hook.send(body, name=UNKNOWN_HOOK)),
        await refused(hook.send(body, name="hooks/nonsense")),
        await refused(hook.send(body, secret=other.secret)),
        await refused(hook.send(body + b" ", signature=good)),
        await refused(hook.send(body, seconds=301)),
        await refused(hook.send(body, seconds=-301)),
        await refused(hook.send(body, signature="nonsense")),
        await refused(hook.send(body, signature=good.partition(",")[2])),
        await refused(hook.send(body, signature=good.partition(",")[0])),
        await refused(hook.send(body, signature=f"t=1,{good}")),
        await refused(hook.send(b"{broken", secret="wrong")),
    }
    assert refusals == {
        Refusal("UNAUTHENTICATED", "This is no webhook, or the signature does not hold.", "HOOK_REFUSED", (), ())
    }
    assert await owner.written_by(owner) == []


async def test_a_clock_that_is_off_by_minutes_does_no_harm(hook: Hook) -> None:
    assert await hook.report("INC-1", seconds=290)
    assert await hook.report("INC-2", seconds=-290)


async def test_a_webhook_ends_with_its_account_its_owner_and_itself(
    world: World, office: Any, hook: Hook, account: Account
) -> None:
    await world.account_access(account, "cards.write", active=False, epoch=1)
    assert (await refused(hook.report("INC-1"))).reason == "HOOK_REFUSED"
    await world.account_access(account, "cards.write", epoch=1)
    await world.access(account.owner, active=False, epoch=1)
    assert (await refused(hook.report("INC-1"))).reason == "HOOK_REFUSED"
    await world.access(account.owner, epoch=1)
    assert await hook.report("INC-1")
    name = hook.name.replace("hooks", "incomingHooks")
    await office.DeleteIncomingHook(hooks_pb2.DeleteIncomingHookRequest(name=name))
    assert (await refused(hook.report("INC-2"))).reason == "HOOK_REFUSED"
    gone = office.DeleteIncomingHook(hooks_pb2.DeleteIncomingHookRequest(name=name))
    assert (await refused(gone)).reason == "HOOK_NOT_FOUND"


async def test_a_webhook_may_do_what_its_account_may(world: World, office: Any, owner: Caller, hook: Hook) -> None:
    loud = {"key": "INC-1", "createOutage": OUTAGE, "announcement": True}
    assert (await refused(hook.send(loud))).reason == "NOT_YOUR_SCOPE"
    quiet = await made(world, office, await world.account(owner.person, "cards.announce"))
    assert (await refused(quiet.report("INC-1"))).reason == "NOT_YOUR_SCOPE"
    announcing = await made(world, office, await world.account(owner.person, "cards.announce", "cards.write"))
    assert (await owner.read(await announcing.send(loud))).announcement


async def test_two_secrets_work_while_they_overlap(world: World, office: Any, hook: Hook) -> None:
    name = hook.name.replace("hooks", "incomingHooks")
    rotate = hooks_pb2.RotateIncomingHookSecretRequest(name=name, overlap_hours=24)
    rotated = await office.RotateIncomingHookSecret(rotate)
    assert rotated.incoming_hook.HasField("previous_secret_expire_time")
    assert await hook.report("INC-1")
    assert await hook.report("INC-2", secret=rotated.secret)
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(text("UPDATE incoming_hooks SET previous_expire_time = now() - interval '1 second'"))
    assert (await refused(hook.report("INC-3"))).reason == "HOOK_REFUSED"
    assert await hook.report("INC-3", secret=rotated.secret)


async def test_without_an_overlap_the_old_secret_ends(office: Any, hook: Hook) -> None:
    name = hook.name.replace("hooks", "incomingHooks")
    await office.RotateIncomingHookSecret(hooks_pb2.RotateIncomingHookSecretRequest(name=name))
    assert (await refused(hook.report("INC-1"))).reason == "HOOK_REFUSED"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{broken", "UNREADABLE_EVENT"),
        (b"\xff", "UNREADABLE_EVENT"),
        (b"[" * 60_000, "UNREADABLE_EVENT"),
        (b'{"key": "INC-1", "createOutrage": {}}', "UNREADABLE_EVENT"),
        (b'{"key": "INC-1"}', "BAD_FIELD"),
        (b'{"createOutage": {}}', "BAD_FIELD"),
        (b" " * 65_537, "TOO_LARGE"),
    ],
    ids=["broken", "no text", "deep", "unknown", "nothing", "no key", "large"],
)
async def test_a_sender_who_is_known_is_told_what_is_wrong(hook: Hook, body: bytes, reason: str) -> None:
    told = await refused(hook.send(body))
    assert told.code == "INVALID_ARGUMENT"
    assert told.reason == reason


async def test_a_delivery_has_an_id(hook: Hook) -> None:
    assert (await refused(hook.report("INC-1", "no spaces"))).fields == ("x-plein-delivery",)


async def test_the_secret_is_shown_once_and_stored_sealed(world: World, office: Any, account: Account) -> None:
    asked = str(uuid4())
    first, again = [await made(world, office, account, asked) for _ in range(2)]
    assert first.name == again.name
    assert first.secret.startswith("plein_hook_")
    assert not again.secret
    async with world.server.resources.database.snapshot() as tx:
        kept = (await tx.execute(text("SELECT incoming_hooks::text FROM incoming_hooks"))).scalars()
        answers = (await tx.execute(text("SELECT answer FROM once.requests"))).scalars()
        assert first.secret not in "".join(kept)
        assert first.secret.encode() not in b"".join(answers)


async def test_only_administrators_make_webhooks(world: World, owner: Caller, account: Account, office: Any) -> None:
    for caller in (owner.person, account):
        stub = hooks_pb2_grpc.HookServiceStub(world.channel(caller))
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await stub.ListIncomingHooks(hooks_pb2.ListIncomingHooksRequest())
        assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED
    unknown = hooks_pb2.IncomingHook(title="Alarms", account=f"serviceAccounts/{uuid4()}")
    asked = office.CreateIncomingHook(hooks_pb2.CreateIncomingHookRequest(incoming_hook=unknown))
    assert (await refused(asked)).reason == "ACCOUNT_NOT_FOUND"


async def test_webhooks_are_listed_in_pages_and_what_happened_is_told(
    world: World, office: Any, account: Account
) -> None:
    mine = [(await made(world, office, account)).name.replace("hooks", "incomingHooks") for _ in range(3)]
    listed: list[str] = []
    request = hooks_pb2.ListIncomingHooksRequest(page_size=2)
    while True:
        page = await office.ListIncomingHooks(request)
        listed += [hook.name for hook in page.incoming_hooks]
        assert all(hook.uri.endswith(hook.name.replace("incomingHooks", "/v1/hooks")) for hook in page.incoming_hooks)
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert listed[-3:] == mine
    await world.caught_up("feed")
    query = text("SELECT payload FROM eventlog.events WHERE aggregate = :name")
    async with world.server.resources.database.snapshot() as tx:
        [payload] = (await tx.execute(query, {"name": mine[0]})).scalars()
    created = events_pb2.IncomingHookCreated.FromString(payload)
    assert (created.account, created.actor) == (account.name, world.people["ada"].name)
