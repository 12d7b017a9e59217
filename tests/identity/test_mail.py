"""Links by mail, through a mail server on this machine."""

from collections.abc import Awaitable, Callable

import grpc
import pytest
from plein.identity.v1 import identity_pb2

from tests.conftest import free_address
from tests.identity.house import PASSWORD, House, hr_file, row, why
from tests.mail_room import MailRoom

SENDER = "plein@telwiek.example"
ADDRESS = free_address()


@pytest.fixture(scope="module")
async def house(open_house: Callable[..., Awaitable[House]]) -> House:
    return await open_house(smtp_url=f"smtp://{ADDRESS}", mail_from=SENDER)


async def mailed(house: House, *names: str) -> identity_pb2.CreateSignInLinksResponse:
    request = identity_pb2.CreateSignInLinksRequest(people=names, mail=True)
    return await house.stub("operator").CreateSignInLinks(request)


async def test_everybody_gets_the_link_in_their_own_language(house: House) -> None:
    rows = [row("m1", handle="anna"), row("m2", handle="bob", given_name="Bob", language="en")]
    names = (await house.take_in(hr_file(rows))).names()
    async with MailRoom(ADDRESS).opened() as room:
        answer = await mailed(house, *names.values())
    assert not answer.links
    assert not answer.unmailed
    dutch, english = room.letters
    assert (dutch["To"], dutch["From"], dutch["Subject"]) == (
        "anna@telwiek.example", SENDER, "Je bent welkom op Plein",
    )  # fmt: skip
    assert "Hallo Noor" in dutch.get_content()
    assert (english["Subject"], "Hello Bob" in english.get_content()) == ("Welcome to Plein", True)
    token = english.get_content().partition("token=")[2].split()[0]
    tokens = await house.stub(None).SignInWithLink(
        identity_pb2.SignInWithLinkRequest(link_token=token, new_password=PASSWORD)
    )
    assert tokens.person == names["m2"]


async def test_whom_the_mail_server_refuses_is_told(house: House) -> None:
    names = (await house.take_in(hr_file([row("m3", handle="cato"), row("m4", handle="daan")]))).names()
    async with MailRoom(ADDRESS, unwanted="cato@").opened() as room:
        answer = await mailed(house, *names.values())
    assert list(answer.unmailed) == [names["m3"]]
    assert [letter["To"] for letter in room.letters] == ["daan@telwiek.example"]


async def test_when_the_mail_server_is_away_older_links_still_work(house: House) -> None:
    name = (await house.take_in(hr_file([row("m5", handle="eva")]))).names()["m5"]
    token = await house.link(name)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await mailed(house, name)
    assert why(refusal) == (grpc.StatusCode.UNAVAILABLE, "MAIL_AWAY")
    request = identity_pb2.SignInWithLinkRequest(link_token=token, new_password=PASSWORD)
    assert (await house.stub(None).SignInWithLink(request)).person == name
