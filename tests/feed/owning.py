"""What operators do with all that feed keeps, in the words that the tests use."""

from plein.feed.v1 import own_data_pb2, own_data_pb2_grpc

from chassis.testing import World


async def rebuild(world: World) -> dict[str, int]:
    """Table → how many of its rows were wrong, without the tables in which all was right."""
    async with world.channel("operator") as channel:
        stub = own_data_pb2_grpc.OwnDataServiceStub(channel)
        answers = [answer async for answer in stub.RebuildDerived(own_data_pb2.RebuildDerivedRequest())]
    assert [answer.done for answer in answers] == [False] * (len(answers) - 1) + [True]
    return {found.table: found.wrong_count for found in answers[-1].tables if found.wrong_count}
