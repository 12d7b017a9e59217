"""Service accounts: made by administrators, let in by a secret that is shown once."""

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf import field_mask_pb2
from plein.chassis.v1 import audience_pb2
from plein.identity.v1 import accounts_pb2, accounts_pb2_grpc, events_pb2, identity_pb2
from sqlalchemy import text

from chassis.testing import Person
from tests.identity.house import House, why

REFUSED = (grpc.StatusCode.UNAUTHENTICATED, "CLIENT_REFUSED")
UNKNOWN = "serviceAccounts/01993e54-0000-7000-8000-000000000000"


@dataclass
class Office:
    """Where an administrator makes accounts; `owner` answers for them."""

    house: House
    administrator: Person
    owner: Person

    def api(self, caller: Person | str | None) -> "accounts_pb2_grpc.AccountServiceAsyncStub":
        return accounts_pb2_grpc.AccountServiceStub(self.house.world.channel(caller))

    async def make(self, *scopes: str, **request: Any) -> accounts_pb2.CreateServiceAccountResponse:
        account = accounts_pb2.ServiceAccount(
            title=request.pop("title", "Monitoring"),
            owner=request.pop("owner", self.owner.name),
            scopes=scopes or ["cards.write"],
        )
        asked = accounts_pb2.CreateServiceAccountRequest(service_account=account, **request)
        return await self.api(self.administrator).CreateServiceAccount(asked)

    async def token(self, name: str, secret: str) -> str:
        asked = accounts_pb2.IssueServiceAccountTokenRequest(client_id=name, client_secret=secret)
        return (await self.api(None).IssueServiceAccountToken(asked)).access_token

    async def rotate(self, name: str, hours: int = 0) -> str:
        asked = accounts_pb2.RotateServiceAccountSecretRequest(name=name, overlap_hours=hours)
        return (await self.api(self.administrator).RotateServiceAccountSecret(asked)).client_secret

    async def update(self, *paths: str, **fields: Any) -> accounts_pb2.ServiceAccount:
        asked = accounts_pb2.UpdateServiceAccountRequest(
            service_account=accounts_pb2.ServiceAccount(**fields), update_mask=field_mask_pb2.FieldMask(paths=paths)
        )
        return await self.api(self.administrator).UpdateServiceAccount(asked)


@pytest.fixture(scope="module")
async def office(house: House) -> Office:
    return Office(house, await house.hire("ada", role="administrator"), await house.hire("olga"))


async def test_an_account_gets_a_token_for_its_secret(office: Office) -> None:
    made = await office.make("cards.write", "cards.announce")
    claims = claims_of(await office.token(made.service_account.name, made.client_secret))
    assert (claims["sub"], claims["scope"]) == (made.service_account.name, "cards.announce cards.write")
    assert claims["aud"] == "plein"
    assert 300 <= claims["exp"] - claims["iat"] <= 600


async def test_a_wrong_secret_an_unknown_account_and_nonsense_are_refused_alike(office: Office) -> None:
    made = await office.make()
    wrong = [(made.service_account.name, "x" * 43), (UNKNOWN, made.client_secret), ("nonsense", made.client_secret)]
    refusals = set()
    for name, secret in wrong:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await office.token(name, secret)
        assert why(refusal) == REFUSED
        refusals.add(refusal.value.details())
    assert len(refusals) == 1


async def test_the_secret_is_shown_once_and_stored_nowhere(office: Office) -> None:
    asked = str(uuid4())
    first, again = await office.make(request_id=asked), await office.make(request_id=asked)
    assert again.service_account == first.service_account
    assert first.client_secret
    assert not again.client_secret
    async with office.house.world.server.resources.database.snapshot() as tx:
        answers = (await tx.execute(text("SELECT answer FROM once.requests"))).scalars()
        kept = (await tx.execute(text("SELECT service_accounts::text FROM service_accounts"))).scalars()
        assert first.client_secret.encode() not in b"".join(answers)
        assert first.client_secret not in "".join(kept)


async def test_only_administrators_make_and_see_accounts(office: Office) -> None:
    made = await office.make()
    token = await office.token(made.service_account.name, made.client_secret)
    account = Person(uuid4(), "", token)
    for caller in (office.owner, account):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await office.api(caller).ListServiceAccounts(accounts_pb2.ListServiceAccountsRequest())
        assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_an_account_sees_nobody(office: Office) -> None:
    made = await office.make()
    account = Person(uuid4(), "", await office.token(made.service_account.name, made.client_secret))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await office.house.stub(account).GetPerson(identity_pb2.GetPersonRequest(name=office.owner.name))
    assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_accounts_are_listed_in_pages(office: Office) -> None:
    names = [(await office.make(title=f"System {number}")).service_account.name for number in range(3)]
    listed: list[str] = []
    request = accounts_pb2.ListServiceAccountsRequest(page_size=2)
    while True:
        page = await office.api(office.administrator).ListServiceAccounts(request)
        listed += [account.name for account in page.service_accounts]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert listed == sorted(listed)
    assert listed[-3:] == names


async def test_what_happened_to_an_account_is_told_with_who_did_it(office: Office) -> None:
    name = (await office.make()).service_account.name
    api = office.api(office.administrator)
    for _ in range(2):
        await api.DisableServiceAccount(accounts_pb2.DisableServiceAccountRequest(name=name))
    await api.EnableServiceAccount(accounts_pb2.EnableServiceAccountRequest(name=name))
    told = await office.house.told(name)
    actor = {"account": name, "actor": office.administrator.name}
    assert told[1::2] == [
        events_pb2.ServiceAccountCreated(**actor),
        events_pb2.ServiceAccountDisabled(**actor),
        events_pb2.ServiceAccountEnabled(**actor),
    ]
    access = [event for event in told if isinstance(event, audience_pb2.ServiceAccountAccessChanged)]
    assert [(event.active, event.epoch) for event in access] == [(True, 0), (False, 1), (True, 1)]
    assert {event.owner for event in access} == {office.owner.name}


async def test_a_disabled_account_gets_no_token_until_it_is_enabled(office: Office) -> None:
    made = await office.make()
    name, api = made.service_account.name, office.api(office.administrator)
    await api.DisableServiceAccount(accounts_pb2.DisableServiceAccountRequest(name=name))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await office.token(name, made.client_secret)
    assert why(refusal) == REFUSED
    await api.EnableServiceAccount(accounts_pb2.EnableServiceAccountRequest(name=name))
    assert await office.token(name, made.client_secret)


async def test_without_an_overlap_the_old_secret_and_the_tokens_end(office: Office) -> None:
    made = await office.make()
    name = made.service_account.name
    secret = await office.rotate(name)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await office.token(name, made.client_secret)
    assert why(refusal) == REFUSED
    assert claims_of(await office.token(name, secret))["aep"] == 1


async def test_two_secrets_work_while_they_overlap(office: Office) -> None:
    made = await office.make()
    name = made.service_account.name
    secret = await office.rotate(name, hours=1)
    tokens = await asyncio.gather(office.token(name, made.client_secret), office.token(name, secret))
    assert [claims_of(token)["aep"] for token in tokens] == [0, 0]
    earlier = "UPDATE service_accounts SET previous_expire_time = now() - interval '1 second'"
    async with office.house.world.server.resources.database.transaction() as tx:
        await tx.execute(text(earlier))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await office.token(name, made.client_secret)
    assert why(refusal) == REFUSED
    assert await office.token(name, secret)


async def test_taking_a_scope_away_ends_tokens_and_giving_one_does_not(office: Office) -> None:
    made = await office.make()
    name = made.service_account.name
    wider = await office.update("scopes", name=name, scopes=["cards.write", "cards.announce"])
    assert claims_of(await office.token(name, made.client_secret))["aep"] == 0
    await office.update("scopes", name=name, scopes=["cards.write"], etag=wider.etag)
    assert claims_of(await office.token(name, made.client_secret))["aep"] == 1


async def test_an_update_of_what_somebody_else_changed_is_refused(office: Office) -> None:
    account = (await office.make()).service_account
    renamed = await office.update("title", name=account.name, title=" Alarms ", etag=account.etag)
    assert renamed.title == "Alarms"
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await office.update("title", name=account.name, title="Sirens", etag=account.etag)
    assert why(refusal) == (grpc.StatusCode.ABORTED, "ACCOUNT_CHANGED")


async def test_an_account_ends_with_its_owner_and_goes_on_with_another(office: Office) -> None:
    leaver = await office.house.hire("leaver")
    made = await office.make(owner=leaver.name)
    name = made.service_account.name
    await office.house.stub("operator").SuspendPerson(identity_pb2.SuspendPersonRequest(name=leaver.name))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await office.token(name, made.client_secret)
    assert why(refusal) == REFUSED
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await office.make(owner=leaver.name)
    assert why(refusal) == (grpc.StatusCode.FAILED_PRECONDITION, "OWNER_KEPT_OUT")
    await office.update("owner", name=name, owner=office.owner.name)
    assert await office.token(name, made.client_secret)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"title": " "}, "NO_TITLE"), ({"owner": UNKNOWN.replace("serviceAccounts", "people")}, "PERSON_NOT_FOUND")],
)
async def test_an_account_has_a_title_and_an_owner(office: Office, fields: dict[str, str], reason: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await office.make(**fields)
    assert why(refusal)[1] == reason


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims
