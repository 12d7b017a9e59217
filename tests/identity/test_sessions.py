"""Sessions: refreshed, listed, ended; and tokens that come twice."""

import asyncio

import grpc
import pytest
from plein.identity.v1 import identity_pb2

from tests.identity.house import House, hours_pass, person_of, why

REFUSED = (grpc.StatusCode.UNAUTHENTICATED, "REFRESH_REFUSED")
ENDED = (grpc.StatusCode.UNAUTHENTICATED, "SESSION_ENDED")


async def refresh_refused(house: House, token: str) -> bool:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.refresh(token)
    return why(refusal) == REFUSED


async def access_ended(house: House, tokens: identity_pb2.Tokens) -> bool:
    await house.world.caught_up()
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.person("people/me", caller=person_of(tokens))
    return why(refusal) == ENDED


async def sessions_of(house: House, tokens: identity_pb2.Tokens, **page: object) -> identity_pb2.ListSessionsResponse:
    request = identity_pb2.ListSessionsRequest(**page)  # type: ignore[arg-type]  # a page's fields
    return await house.stub(person_of(tokens)).ListSessions(request)


async def test_a_refresh_token_works_once(house: House) -> None:
    await house.hire("anne")
    first = await house.sign_in("anne")
    second = await house.refresh(first.refresh_token)
    assert (second.session, second.person) == (first.session, first.person)
    assert second.refresh_token != first.refresh_token
    third = await house.refresh(second.refresh_token)
    assert (await house.person("people/me", caller=person_of(third))).handle == "anne"


async def test_an_old_refresh_token_ends_the_session_for_both(house: House) -> None:
    await house.hire("bram")
    first = await house.sign_in("bram")
    second = await house.refresh(first.refresh_token)
    assert await refresh_refused(house, first.refresh_token)
    assert await refresh_refused(house, second.refresh_token)
    assert await access_ended(house, second)


async def test_of_fifty_refreshes_at_once_one_succeeds_and_the_session_ends(house: House) -> None:
    await house.hire("carla")
    tokens = await house.sign_in("carla")
    results = await asyncio.gather(*(house.refresh(tokens.refresh_token) for _ in range(50)), return_exceptions=True)
    won = [result for result in results if isinstance(result, identity_pb2.Tokens)]
    assert len(won) == 1
    assert await refresh_refused(house, won[0].refresh_token)
    assert await access_ended(house, won[0])


async def test_refreshing_keeps_other_sessions(house: House) -> None:
    await house.hire("dora")
    one, other = await house.sign_in("dora"), await house.sign_in("dora")
    await house.refresh(one.refresh_token)
    assert await refresh_refused(house, one.refresh_token)
    assert (await house.refresh(other.refresh_token)).access_token


@pytest.mark.parametrize("token", ["x" * 64, "A" * 64, "not base64 at all!!!!!", "é" * 30])
async def test_what_never_was_a_refresh_token_is_refused(house: House, token: str) -> None:
    assert await refresh_refused(house, token)


async def test_a_session_that_is_not_refreshed_in_time_is_over(house: House) -> None:
    await house.hire("elke")
    tokens = await house.sign_in("elke")
    await hours_pass(house, 30 * 24)
    other = await house.sign_in("elke")
    assert await refresh_refused(house, tokens.refresh_token)
    assert (await house.person("people/me", caller=person_of(other))).handle == "elke"


async def test_sign_out_ends_the_session_and_can_be_repeated(house: House) -> None:
    await house.hire("femke")
    tokens = await house.sign_in("femke")
    for _ in range(2):
        await house.stub(person_of(tokens)).SignOut(identity_pb2.SignOutRequest())
    assert await refresh_refused(house, tokens.refresh_token)


async def test_sessions_are_listed_newest_first_in_pages(house: House) -> None:
    await house.hire("greet")
    others = [await house.sign_in("greet", device=f"Device {number}") for number in range(4)]
    page = await sessions_of(house, others[1], page_size=2)
    assert [session.device for session in page.sessions] == ["Device 3", "Device 2"]
    rest = await sessions_of(house, others[1], page_size=9, page_token=page.next_page_token)
    assert [(session.device, session.current) for session in rest.sessions] == [
        ("Device 1", True), ("Device 0", False), ("First", False),
    ]  # fmt: skip
    assert rest.next_page_token == ""


async def test_a_page_token_is_good_for_its_owner_alone(house: House) -> None:
    await house.hire("hans")
    await house.hire("hilda")
    mine, theirs = await house.sign_in("hans"), await house.sign_in("hilda")
    page = await sessions_of(house, mine, page_size=1)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await sessions_of(house, theirs, page_size=1, page_token=page.next_page_token)
    assert why(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, "BAD_PAGE_TOKEN")


async def test_a_deleted_session_bites_at_once_and_others_go_on(house: House) -> None:
    await house.hire("iris")
    lost, kept = await house.sign_in("iris"), await house.sign_in("iris")
    await house.stub(person_of(kept)).DeleteSession(identity_pb2.DeleteSessionRequest(name=lost.session))
    assert await access_ended(house, lost)
    assert await refresh_refused(house, lost.refresh_token)
    again = await house.refresh(kept.refresh_token)
    assert (await sessions_of(house, again)).sessions[0].name == kept.session


async def test_sessions_of_others_are_as_unknown_as_none(house: House) -> None:
    await house.hire("jaap")
    await house.hire("jette")
    mine, theirs = await house.sign_in("jaap"), await house.sign_in("jette")
    for name in (theirs.session, "sessions/018f0000-0000-7000-8000-000000000000", "sessions/nonsense"):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await house.stub(person_of(mine)).DeleteSession(identity_pb2.DeleteSessionRequest(name=name))
        assert why(refusal) == (grpc.StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")
    assert (await house.refresh(theirs.refresh_token)).access_token
