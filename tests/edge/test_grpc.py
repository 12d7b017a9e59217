"""The port for other systems, which speak gRPC."""

from typing import Any

import grpc
import pytest
from plein.chassis.v1 import event_log_pb2, event_log_pb2_grpc
from plein.feed.v1 import feed_pb2, feed_pb2_grpc
from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from tests.edge.stack import Edge

POST = feed_pb2.GetPostRequest(name="posts/1")


async def test_a_person_reads_a_post(edge: Edge) -> None:
    async with edge.channel() as channel:
        post = await feed_pb2_grpc.FeedServiceStub(channel).GetPost(POST, metadata=edge.signed_in())
    assert post.name == "posts/1"


async def test_without_a_token_nothing_is_read(edge: Edge) -> None:
    async with edge.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await feed_pb2_grpc.FeedServiceStub(channel).GetPost(POST)
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert refused.value.details() == "Jwt is missing"


async def test_signing_in_needs_no_token_but_patience(edge: Edge) -> None:
    async with edge.channel() as channel:
        sign_in = identity_pb2_grpc.IdentityServiceStub(channel).SignIn
        for _ in range(3):
            assert (await sign_in(identity_pb2.SignInRequest())).access_token
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await sign_in(identity_pb2.SignInRequest())
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_internal_methods_do_not_exist(edge: Edge) -> None:
    async with edge.channel() as channel:
        identity, log = identity_pb2_grpc.IdentityServiceStub(channel), event_log_pb2_grpc.EventLogServiceStub(channel)
        # As one message: whoever is still sending when a stream is refused may see the stream's end before the reason.
        import_people: Any = channel.unary_unary("/plein.identity.v1.IdentityService/ImportPeople")
        calls: list[Any] = [
            identity.ResolveHandles(identity_pb2.ResolveHandlesRequest(), metadata=edge.signed_in()),
            log.ListEvents(event_log_pb2.ListEventsRequest(), metadata=edge.signed_in()),
            import_people(b"", metadata=edge.signed_in()),
        ]
        assert [await call.code() for call in calls] == [grpc.StatusCode.UNIMPLEMENTED] * 3
    assert not edge.seen.calls["ImportPeople"]


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (100, 10), (None, 10)])
async def test_a_caller_can_only_shorten_the_deadline(edge: Edge, asked: float | None, given: float) -> None:
    async with edge.channel() as channel:
        await feed_pb2_grpc.FeedServiceStub(channel).GetPost(POST, metadata=edge.signed_in(), timeout=asked)
    assert edge.seen.seconds_left == pytest.approx(given, abs=0.5)


async def test_a_problem_of_a_service_arrives_whole(edge: Edge) -> None:
    async with edge.channel() as channel:
        missing = feed_pb2.GetPostRequest(name="posts/missing")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await feed_pb2_grpc.FeedServiceStub(channel).GetPost(missing, metadata=edge.signed_in())
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    assert "grpc-status-details-bin" in dict(refused.value.trailing_metadata() or ())


async def test_services_see_neither_cookies_nor_what_only_the_edge_may_say(edge: Edge) -> None:
    forged = (("x-plein-person", "people/1"), ("x-envoy-original-path", "/v1/posts"), ("cookie", "session=1"))
    async with edge.channel() as channel:
        await feed_pb2_grpc.FeedServiceStub(channel).GetPost(POST, metadata=(*edge.signed_in(), *forged))
    assert not {key for key, _ in forged}.intersection(edge.seen.headers)
