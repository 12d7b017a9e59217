"""Sessions of the web site, a client that proves who it is with its own key."""

import asyncio

import grpc
import pytest
from plein.identity.v1 import identity_pb2

from tests.identity.house import PASSWORD, House, person_of


async def sign_in_at_the_site(house: House, login: str) -> identity_pb2.Tokens:
    request = identity_pb2.SignInRequest(login=login, password=PASSWORD, device="Browser")
    return await house.stub("web").SignIn(request)


async def refresh(house: House, caller: str | None, token: str) -> identity_pb2.Tokens:
    return await house.stub(caller).RefreshTokens(identity_pb2.RefreshTokensRequest(refresh_token=token))


async def test_two_requests_of_one_page_refresh_at_once(house: House) -> None:
    await house.hire("sofie")
    tokens = await sign_in_at_the_site(house, "sofie")
    refreshed = await asyncio.gather(*(refresh(house, "web", tokens.refresh_token) for _ in range(20)))
    assert {answer.refresh_token for answer in refreshed} == {tokens.refresh_token}
    assert (await house.person("people/me", caller=person_of(refreshed[-1]))).handle == "sofie"


@pytest.mark.parametrize("thief", [None, "feed"])
async def test_a_stolen_refresh_token_is_good_for_nothing_elsewhere(house: House, thief: str | None) -> None:
    await house.hire(f"tim-{thief}".lower())
    tokens = await sign_in_at_the_site(house, f"tim-{thief}".lower())
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await refresh(house, thief, tokens.refresh_token)
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


async def test_the_site_cannot_refresh_the_session_of_a_telephone(house: House) -> None:
    await house.hire("ursula")
    tokens = await house.sign_in("ursula")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await refresh(house, "web", tokens.refresh_token)
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
