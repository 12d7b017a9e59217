"""Service accounts come in for what their scopes name, and for nothing else."""

import time
from hashlib import sha256
from typing import Any

import pytest
from joserfc.jwk import KeySet
from plein.chassis.v1 import access_pb2, event_log_pb2, event_log_pb2_grpc
from plein.feed.v1 import feed_pb2, feed_pb2_grpc

from chassis import viewer
from chassis.access import Access
from chassis.calls import Admission
from chassis.problems import NotAllowed, NotSignedIn, Problem, Unavailable
from chassis.testing import Account, World
from chassis.viewer import Verifier
from tests.chassis.small_feed import POST, service
from tests.conftest import Start
from tests.feed.caller import refused

WRITING = access_pb2.Access(scopes=["cards.write", "cards.announce"])


@pytest.fixture(scope="module")
async def world(start: Start) -> World:
    return await start(service([]))


@pytest.fixture
async def account(world: World) -> Account:
    return await world.account(await world.person("ada"), "cards.write")


async def test_an_account_with_one_of_the_scopes_comes_in(world: World, account: Account) -> None:
    await admit(world, account)
    assert viewer.current().name == account.name
    assert viewer.current().scopes == {"cards.write"}
    with pytest.raises(NotSignedIn):
        viewer.person()


async def test_an_account_without_the_scope_does_not(world: World) -> None:
    reader = await world.account(await world.person("bob"), "cards.read")
    assert await why_not(world, reader) == (NotAllowed, "NOT_YOUR_SCOPE")


async def test_an_account_is_neither_a_person_nor_a_service(world: World, account: Account) -> None:
    post = feed_pb2_grpc.FeedServiceStub(world.channel(account)).GetPost(feed_pb2.GetPostRequest(name=POST))
    assert (await refused(post)).reason == "NOT_YOUR_SCOPE"
    log: Any = event_log_pb2_grpc.EventLogServiceStub(world.channel(account))
    request = event_log_pb2.ListEventsRequest(after_chain=sha256(b"genesis").digest())
    assert (await refused(log.ListEvents(request))).reason == "NOT_YOUR_SCOPE"


async def test_people_and_services_are_not_admitted_where_accounts_are(world: World, account: Account) -> None:
    assert await why_not(world, account.owner) == (NotAllowed, "NOT_YOUR_ROLE")


async def test_an_account_that_is_disabled_stays_out_at_once(world: World, account: Account) -> None:
    await admit(world, account)
    await world.account_access(account, "cards.write", active=False, epoch=1)
    assert await why_not(world, account) == (NotSignedIn, "SESSION_ENDED")
    await world.account_access(account, "cards.write", epoch=1)
    assert await why_not(world, account) == (NotSignedIn, "SESSION_ENDED"), "its old tokens do not work again"


async def test_an_account_stays_out_while_its_owner_does(world: World, account: Account) -> None:
    await world.access(account.owner, active=False, epoch=1)
    assert await why_not(world, account) == (NotSignedIn, "SESSION_ENDED")
    await world.access(account.owner, epoch=1)
    await admit(world, account)


async def test_while_identity_is_silent_only_young_tokens_come_in(world: World, account: Account) -> None:
    await admit(world, account, silent_seconds=16)
    issuer = world.server.settings.issuer
    token = world.secrets.account_token(account.id, ["cards.write"], issuer=issuer, age_seconds=40)
    older = Account(account.id, account.owner, token)
    assert await why_not(world, older, silent_seconds=16) == (Unavailable, "ACCESS_UNCERTAIN")


async def why_not(world: World, caller: Any, silent_seconds: float = 0) -> tuple[type[Problem], str]:
    with pytest.raises(Problem) as problem:
        await admit(world, caller, silent_seconds)
    return problem.type, problem.value.reason


async def admit(world: World, caller: Any, silent_seconds: float = 0) -> None:
    """Asks for what is for accounts, when identity has been silent for so long."""

    async def keys() -> KeySet:
        return KeySet([world.secrets.people_key])

    access, settings = Access(), world.server.settings
    await access.refresh(world.server.resources.database)
    access.heard_at = time.monotonic() - silent_seconds
    verifier = Verifier("feed", settings.issuer, settings.service_jwks_file, keys)
    await Admission(verifier, access).admit(f"Bearer {caller.token}", WRITING)
