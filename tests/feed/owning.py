"""What operators do with all that feed keeps, in the words that the tests use."""

import asyncio

from plein.feed.v1 import own_data_pb2, own_data_pb2_grpc

from chassis.testing import World
from tests.feed.cached import pause
from tests.feed.caller import Caller


async def rebuild(world: World) -> dict[str, int]:
    """Table → how many of its rows were wrong, without the tables in which all was right."""
    async with world.channel("operator") as channel:
        stub = own_data_pb2_grpc.OwnDataServiceStub(channel)
        answers = [answer async for answer in stub.RebuildDerived(own_data_pb2.RebuildDerivedRequest())]
    assert [answer.done for answer in answers] == [False] * (len(answers) - 1) + [True]
    return {found.table: found.wrong_count for found in answers[-1].tables if found.wrong_count}


async def leave_for_good(world: World, person: Caller) -> None:
    """Somebody does not come in any more."""
    known = world.server.resources.access.person(person.id)
    assert known is not None
    await world.access(person.person, segments=known.segments, active=False, epoch=1)


async def ask_to_erase(world: World, person: str, mode: str) -> own_data_pb2.Erasure:
    sort = own_data_pb2.ErasureMode.Value(f"ERASURE_MODE_{mode}")
    async with world.channel("identity") as channel:
        stub = own_data_pb2_grpc.OwnDataServiceStub(channel)
        return await stub.EraseOwnData(own_data_pb2.EraseOwnDataRequest(name=person, mode=sort))


async def finished(world: World, erasure: str) -> own_data_pb2.Erasure:
    """An erasure, once nothing is left."""
    async with asyncio.timeout(20), world.channel("identity") as channel:
        stub = own_data_pb2_grpc.OwnDataServiceStub(channel)
        while True:
            found = await stub.GetErasure(own_data_pb2.GetErasureRequest(name=erasure))
            if found.HasField("finish_time"):
                await world.caught_up("feed")
                return found
            await pause()


async def erase(world: World, person: Caller, mode: str) -> own_data_pb2.Erasure:
    """Erases somebody who left."""
    await leave_for_good(world, person)
    return await finished(world, (await ask_to_erase(world, person.name, mode)).name)
