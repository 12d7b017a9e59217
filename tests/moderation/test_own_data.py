"""What moderation keeps of somebody is theirs to take along, and goes when they are erased."""

import pytest
from plein.moderation.v1 import own_data_pb2, own_data_pb2_grpc

from chassis.testing import World
from services.moderation.rpc import own_data
from tests.moderation.caller import Caller, Meet, refused
from tests.moderation.judging import Author, Judge, rows
from tests.moderation.owners import Shelf

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'once')"


async def exported(caller: Caller) -> list[own_data_pb2.ExportOwnDataResponse]:
    stub = own_data_pb2_grpc.OwnDataServiceStub(caller.channel)
    return [part async for part in stub.ExportOwnData(own_data_pb2.ExportOwnDataRequest())]


async def erase(world: World, caller: Caller, by: str = "operator") -> own_data_pb2.Erasure:
    stub = own_data_pb2_grpc.OwnDataServiceStub(world.channel(by))
    return await stub.EraseOwnData(own_data_pb2.EraseOwnDataRequest(name=caller.name))


async def traces(world: World, person: Caller) -> dict[str, int]:
    """Table → rows that still name somebody."""
    found = {}
    for (table,) in await rows(world, TABLES):
        schema = "once" if table == "requests" else "public"
        query = f"SELECT count(*) FROM {schema}.{table} AS one WHERE one::text LIKE :trace"
        [(count,)] = await rows(world, query, trace=f"%{person.id}%")
        found[table] = count
    return {table: count for table, count in found.items() if count}


async def test_reports_and_statements_come_out(meet: Meet, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_data, "AT_ONCE", 2)
    ada, bob = await meet("ada", "bob")
    (mia,) = await meet("mia", roles=["moderator"])
    posts = [shelf.put(ada, f"Nummer {number}") for number in range(5)]
    for post in posts:
        await bob.report(post, "HARASSMENT", "Over mij.")
        await Judge(mia).judge(post, "HIDE")
    await Author(ada).appeal((await Author(ada).statements())[0].name.removesuffix("/statement"), "Nee!")
    of_ada, of_bob = await exported(ada), await exported(bob)
    assert of_ada[-1].complete
    told = [statement for part in of_ada for statement in part.statements]
    assert [statement.text for statement in told] == [f"Nummer {number}" for number in range(4, -1, -1)]
    assert told[0].appeal.text == "Nee!"
    assert [report.subject for part in of_bob for report in part.reports] == posts[::-1]
    assert "Over mij." not in str(of_ada)
    assert await exported(mia) == [own_data_pb2.ExportOwnDataResponse(complete=True)]


async def test_nothing_is_left_of_who_is_erased(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    mia, max_ = (Judge(caller) for caller in await meet("mia", "max", roles=["moderator"]))
    post, open_ = shelf.put(ada, "Sukkels!"), shelf.put(ada)
    photo = shelf.put(ada, name=f"{ada.name}/photo")
    for subject in (post, open_, photo):
        await bob.report(subject, "SPAM", "Door Bob")
    case = await mia.judge(post, "MUTE", hours=24)
    await Author(ada).appeal(case.name, "Nooit!")
    await max_.take(case.name)
    await max_.decide_appeal(case.name, "MUTE", explanation="Toch wel.")
    await mia.note((await mia.take((await mia.about(open_)).name)).name, "Even kijken.")
    await mia.judge(photo, "HIDE")
    for caller in (ada, bob, mia.caller):
        assert (await refused(erase(world, caller))).reason == "STILL_ACTIVE"
        await world.access(caller.person, active=False, epoch=1)
        assert await traces(world, caller)
        await erase(world, caller)
        assert await traces(world, caller) == {"erasures": 1}
    open_case = await max_.about(open_)
    assert (open_case.report_count, open_case.assignee) == (1, "")
    assert (await max_.file(case.name)).decisions[0].decision.verdict
    assert "Sukkels!" not in str(await rows(world, "SELECT snapshots::text FROM snapshots"))
    assert "Door Bob" not in str(await rows(world, "SELECT reports::text FROM reports"))
    assert "Nooit!" not in str(await rows(world, "SELECT appeals::text FROM appeals"))


async def test_erasing_again_adds_what_came_since(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.report(shelf.put(ada))
    await world.access(bob.person, active=False, epoch=1)
    first, again = await erase(world, bob), await erase(world, bob)
    assert first.counts["reports"] == 1
    assert (again.name, dict(again.counts)) == (first.name, dict(first.counts))


async def test_only_identity_and_operators_erase(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    for by in ("feed", "web"):
        assert (await refused(erase(world, ada, by))).code == "PERMISSION_DENIED"
