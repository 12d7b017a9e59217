"""Links with which people come in: so often, for so long, until they are revoked."""

import time
from asyncio import gather
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

from grpc.aio import AioRpcError

from chassis.moments import timestamp
from chassis.testing import World
from tests.feed.caller import patiently, refusal, refused
from tests.groups.caller import Meet
from tests.groups.telling import told, until


async def test_a_link_leads_into_a_secret_group(world: World, meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found("Merger", "SECRET")).name
    link = await ada.link(group)
    assert (await bob.look(link.secret)).title == "Merger"
    assert not await bob.knows(group)
    await bob.use(link.secret)
    assert await bob.role(group) == "MEMBER"
    await bob.use(link.secret)
    assert (await told(world, group))[-1].admitted_by == ""
    assert [(found.use_count, found.most_uses) for found in await ada.links(group)] == [(1, 1)]
    gone, never = await refused(eve.look(link.secret)), await refused(eve.look("x" * 40))
    assert gone == never == await refused(eve.use(link.secret)) == await refused(eve.use("nothing"))


async def test_fifty_uses_at_once_of_a_link_with_one_use_admit_one(meet: Meet) -> None:
    (ada,) = await meet("ada")
    people = await meet(*(f"p{number}" for number in range(50)))
    group = (await ada.found(visibility="SECRET")).name
    link = await ada.link(group)

    uses = [patiently(partial(who.use, link.secret)) for who in people]
    answers = await gather(*uses, return_exceptions=True)
    refusals = [refusal(answer).reason for answer in answers if isinstance(answer, AioRpcError)]
    assert refusals == ["LINK_NOT_FOUND"] * 49
    assert len(await ada.members_of(group)) == (await ada.group(group)).member_count == 2


async def test_a_link_of_several_uses_admits_so_many(meet: Meet) -> None:
    (ada,) = await meet("ada")
    people = await meet("bob", "eve", "dan", "fay")
    group = (await ada.found()).name
    link = await ada.link(group, uses=3)
    await gather(*(who.use(link.secret) for who in people), return_exceptions=True)
    assert (await ada.group(group)).member_count == 4


async def test_a_link_expires(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    week = (await ada.link(group)).expire_time.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(days=6) < week < timedelta(days=8)
    soon = datetime.now(UTC) + timedelta(seconds=0.4)
    link = await ada.link(group, expire_time=timestamp(soon))
    await bob.look(link.secret)

    async def over() -> bool:
        return time.time() > soon.timestamp()

    await until(over)
    assert (await refused(bob.use(link.secret))).reason == "LINK_NOT_FOUND"
    for wrong in (datetime.now(UTC), datetime.now(UTC) + timedelta(days=400)):
        assert (await refused(ada.link(group, expire_time=timestamp(wrong)))).reason == "BAD_EXPIRY"


async def test_a_revoked_link_works_no_more(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found()).name
    await eve.join(group)
    link = await ada.link(group)
    for call in (eve.link(group), eve.links(group), eve.revoke(link.name)):
        assert (await refused(call)).reason == "NOT_YOUR_GROUP"
    await ada.revoke(link.name)
    await ada.revoke(link.name)
    assert (await refused(bob.use(link.secret))).reason == "LINK_NOT_FOUND"
    assert await ada.links(group) == []


async def test_keepers_can_pass_on_the_links_of_each_other(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group = (await ada.found()).name
    await bob.join(group)
    await ada.appoint(group, bob, "KEEPER")
    await ada.link(group)
    await eve.use((await bob.links(group))[0].secret)
    assert await eve.role(group) == "MEMBER"


async def test_asking_again_with_one_request_makes_one_link(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group, request_id = (await ada.found()).name, str(uuid4())
    first, again = [await ada.link(group, request_id=request_id) for _ in range(2)]
    assert first.name == again.name
    assert len(await ada.links(group)) == 1
    await bob.use(again.secret)
