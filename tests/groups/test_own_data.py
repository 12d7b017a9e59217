"""What groups keeps of somebody is theirs to take along, and goes when they are erased."""

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from plein.groups.v1 import own_data_pb2, own_data_pb2_grpc

from chassis.testing import World
from services.groups.rpc import own_contents, own_data
from tests.feed.caller import refused
from tests.groups.caller import UNKNOWN_GROUP, Caller, Meet
from tests.groups.telling import kinds_told, until

PLACES = """
    SELECT table_schema, table_name, column_name
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE data_type = 'uuid' AND table_schema IN ('public', 'access') AND table_name <> 'erasures'"""


async def exported(caller: Caller) -> own_data_pb2.ExportOwnDataResponse:
    """All parts as one."""
    whole = own_data_pb2.ExportOwnDataResponse()
    stub = own_data_pb2_grpc.OwnDataServiceStub(caller.channel)
    async for part in stub.ExportOwnData(own_data_pb2.ExportOwnDataRequest()):
        whole.MergeFrom(part)
    assert whole.complete
    return whole


async def erase(world: World, person: Caller, mode: str = "REMOVE") -> own_data_pb2.Erasure:
    """Erases somebody who left, and waits for the end."""
    await world.access(person.person, active=False, epoch=1)
    kind = own_data_pb2.ErasureMode.Value(f"ERASURE_MODE_{mode}")
    async with world.channel("identity") as channel:
        stub = own_data_pb2_grpc.OwnDataServiceStub(channel)
        asked = await stub.EraseOwnData(own_data_pb2.EraseOwnDataRequest(name=person.name, mode=kind))
        request = own_data_pb2.GetErasureRequest(name=asked.name)

        async def finished() -> bool:
            return (await stub.GetErasure(request)).HasField("finish_time")

        await until(finished)
        return await stub.GetErasure(request)


async def standing(world: World, person: Caller) -> dict[str, int]:
    """In which tables somebody stands, and how often."""
    async with world.server.resources.database.snapshot() as tx:
        counts: Counter[str] = Counter()
        for schema, table, column in list(await tx.execute(sa.text(PLACES))):
            query = sa.text(f'SELECT count(*) FROM {schema}.{table} WHERE "{column}" = :person')
            counts[table] += (await tx.execute(query, {"person": person.id})).scalar_one()
    return {table: count for table, count in counts.items() if count}


@pytest.mark.parametrize("page", [1, 200])
async def test_what_one_is_part_of_comes_out_whole(meet: Meet, monkeypatch: Any, page: int) -> None:
    for module in (own_data, own_contents):
        monkeypatch.setattr(module, "AT_ONCE", page)
    ada, bob, eve = await meet("ada", "bob", "eve")
    own, other = [(await ada.found(title, "SECRET")).name for title in ("One", "Two")]
    joined, asked, banned = [(await bob.found(title, "CLOSED")).name for title in ("Three", "Four", "Five")]
    await bob.invite(joined, ada)
    await ada.come_in(joined)
    await ada.ask(asked, "Please")
    await bob.ban(banned, ada)
    await ada.invite(own, bob)
    await ada.invite(own, eve)
    await ada.link(other)
    whole = await exported(ada)
    assert [group.title for group in whole.groups] == ["One", "Two", "Three", "Four"]
    assert [found.name for found in whole.memberships] == [f"{name}/members/{ada.id}" for name in (own, other, joined)]
    assert [found.note for found in whole.requests] == ["Please"]
    assert {found.person for found in whole.sent_invitations} == {bob.name, eve.name}
    assert [(found.most_uses, found.secret) for found in whole.invite_links] == [(1, "")]
    assert [(found.name, found.banned_by) for found in whole.bans] == [(f"{banned}/bans/{ada.id}", "")]
    assert [found.inviter for found in (await exported(bob)).invitations] == [ada.name]


async def test_nothing_is_left_of_who_is_erased(world: World, meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve", department="HR")
    own, other = (await ada.found(visibility="CLOSED")).name, (await bob.found(visibility="CLOSED")).name
    await ada.ask(other)
    await bob.ask(own)
    await ada.accept(own, bob)
    await ada.invite(own, eve)
    await ada.link(own)
    await ada.ban(own, (await meet("zoe"))[0])
    assert {"members", "groups", "requests", "bans", "invitations"} <= (await standing(world, ada)).keys()
    erasure = await erase(world, ada)
    assert erasure.counts["memberships"] == 2
    assert await standing(world, ada) == {}
    assert await bob.role(own) == "OWNER"
    assert len(await bob.bans(own)) == 1
    assert "MemberLeft" in await kinds_told(world, own)
    assert (await erase(world, ada)).name == erasure.name
    assert (await refused(erase(world, ada, "ANONYMISE"))).reason == "REMOVED_ALREADY"


async def test_only_who_does_not_come_in_any_more_is_erased(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada")
    request = own_data_pb2.EraseOwnDataRequest(name=ada.name, mode=own_data_pb2.ERASURE_MODE_REMOVE)
    async with world.channel("operator") as channel:
        stub = own_data_pb2_grpc.OwnDataServiceStub(channel)
        assert (await refused(stub.EraseOwnData(request))).reason == "STILL_ACTIVE"
        unknown = own_data_pb2.GetErasureRequest(name=UNKNOWN_GROUP.replace("groups", "erasures"))
        assert (await refused(stub.GetErasure(unknown))).code == "NOT_FOUND"
    own = own_data_pb2_grpc.OwnDataServiceStub(ada.channel)
    assert (await refused(own.EraseOwnData(request))).code == "PERMISSION_DENIED"
