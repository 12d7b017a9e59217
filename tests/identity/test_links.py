"""One-time links: made, mailed and used."""

import asyncio
import time

import grpc
import pytest
from plein.identity.v1 import events_pb2, identity_pb2

from tests.identity.house import PASSWORD, House, hours_pass, hr_file, person_of, row, why

LINK_REFUSED = (grpc.StatusCode.UNAUTHENTICATED, "LINK_REFUSED")


async def use(house: House, token: str, password: str = PASSWORD) -> identity_pb2.Tokens:
    request = identity_pb2.SignInWithLinkRequest(link_token=token, new_password=password)
    return await house.stub(None).SignInWithLink(request)


async def refused(house: House, token: str, password: str = PASSWORD) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await use(house, token, password)
    return why(refusal)


async def test_a_link_lets_a_newcomer_in_once_and_sets_a_password(house: House) -> None:
    name = await house.newcomer("abel")
    token = await house.link(name)
    tokens = await use(house, token)
    assert tokens.person == name
    assert (await house.person("people/me", caller=person_of(tokens))).status == identity_pb2.PERSON_STATUS_ACTIVE
    assert (await house.told(name))[2:] == [
        events_pb2.PersonActivated(person=name),
        events_pb2.PersonChanged(person=name),
    ]
    assert await refused(house, token) == LINK_REFUSED
    assert (await house.sign_in("abel")).person == name


async def test_the_link_is_an_address_of_the_site(house: House) -> None:
    name = await house.newcomer("bas")
    request = identity_pb2.CreateSignInLinksRequest(people=[name, name])
    one, same = (await house.stub("operator").CreateSignInLinks(request)).links
    assert one == same
    assert one.person == name
    assert one.uri.startswith("http://localhost:8080/welcome?token=")
    assert one.expire_time.seconds - time.time() == pytest.approx(72 * 3600, abs=60)


async def test_a_newer_link_ends_the_older_one(house: House) -> None:
    name = await house.newcomer("cato")
    older, newer = await house.link(name), await house.link(name)
    assert await refused(house, older) == LINK_REFUSED
    assert (await use(house, newer)).person == name


async def test_a_link_ends_with_time(house: House) -> None:
    token = await house.link(await house.newcomer("dirk"))
    await hours_pass(house, 72)
    assert await refused(house, token) == LINK_REFUSED


async def test_of_twenty_who_use_a_link_at_once_one_comes_in(house: House) -> None:
    token = await house.link(await house.newcomer("elin"))
    results = await asyncio.gather(
        *(use(house, token, f"{number} olifanten fietsen") for number in range(20)), return_exceptions=True
    )
    won = [number for number, result in enumerate(results) if isinstance(result, identity_pb2.Tokens)]
    assert len(won) == 1
    assert (await house.sign_in("elin", f"{won[0]} olifanten fietsen")).person


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("kort", "BAD_FIELD"),
        ("1234567890", "PASSWORD_COMMON"),
        ("Welkom12345!", "PASSWORD_COMMON"),
        ("aaaaaaaaaaaa", "PASSWORD_COMMON"),
        ("Floor.van.dijk", "PASSWORD_IS_NAME"),
        ("floor.van.dijk@telwiek.example", "PASSWORD_IS_NAME"),
    ],
)
async def test_a_password_that_is_guessed_first_does_not_use_the_link_up(
    house: House, password: str, reason: str
) -> None:
    token = await house.link(await house.newcomer("floor.van.dijk"))
    assert await refused(house, token, password) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert (await use(house, token)).access_token


async def test_a_link_for_who_is_here_sets_a_new_password_and_ends_other_sessions(house: House) -> None:
    gijs = await house.hire("gijs")
    before = await house.sign_in("gijs")
    await use(house, await house.link(gijs.name), "vier nijlpaarden zwemmen")
    await house.world.caught_up()
    for attempt in (
        house.refresh(before.refresh_token),
        house.sign_in("gijs"),
        house.person("people/me", caller=person_of(before)),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await attempt
        assert refusal.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert (await house.sign_in("gijs", "vier nijlpaarden zwemmen")).access_token


async def test_who_is_suspended_or_unknown_gets_no_link(house: House) -> None:
    name = await house.newcomer("hugo")
    token = await house.link(name)
    await house.stub("operator").SuspendPerson(identity_pb2.SuspendPersonRequest(name=name))
    assert await refused(house, token) == LINK_REFUSED
    for unwelcome, code in [(name, "PERSON_KEPT_OUT"), ("people/nobody", "PERSON_NOT_FOUND")]:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await house.link(unwelcome)
        assert why(refusal)[1] == code


async def test_only_the_operator_makes_links(house: House) -> None:
    admin = await house.hire("ilse", role="administrator")
    for caller in (admin, "moderation"):
        request = identity_pb2.CreateSignInLinksRequest(people=[admin.name])
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await house.stub(caller).CreateSignInLinks(request)
        assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED


async def test_five_hundred_links_are_made_at_once(house: House) -> None:
    names = (await house.take_in(hr_file([row(f"bulk{number}") for number in range(500)]))).names()
    answer = await house.stub("operator").CreateSignInLinks(
        identity_pb2.CreateSignInLinksRequest(people=names.values())
    )
    assert [link.person for link in answer.links] == list(names.values())
    assert len({link.uri for link in answer.links}) == 500
    assert (await use(house, answer.links[499].uri.partition("token=")[2])).person == names["bulk499"]


async def test_without_a_mail_server_nothing_is_mailed_and_older_links_work(house: House) -> None:
    name = await house.newcomer("jan")
    token = await house.link(name)
    request = identity_pb2.CreateSignInLinksRequest(people=[name], mail=True)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.stub("operator").CreateSignInLinks(request)
    assert why(refusal) == (grpc.StatusCode.FAILED_PRECONDITION, "MAIL_NOT_SET")
    assert (await use(house, token)).access_token
