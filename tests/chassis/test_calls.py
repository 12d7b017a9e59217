"""What stands around every call: refusals that leak nothing, the log line, the trace, the end of a server."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import orjson
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, empty_pb2
from google.protobuf.descriptor import ServiceDescriptor
from plein.feed.v1 import feed_pb2, feed_pb2_grpc

from chassis.calls import access_rules
from chassis.testing import Person, World
from tests.chassis.small_feed import API, PATH, POST, SmallFeed, service
from tests.conftest import Start
from tests.feed.caller import refused

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-00"
Line = dict[str, Any]


@pytest.fixture(scope="module")
def servicers() -> list[SmallFeed]:
    return []


@pytest.fixture(scope="module")
async def world(start: Start, servicers: list[SmallFeed]) -> World:
    """A small service that is its own neighbour."""
    started = await start(service(servicers))
    started.server.settings.neighbours["feed"] = started.server.address
    return started


@pytest.fixture(scope="module")
async def ada(world: World) -> Person:
    return await world.person("ada")


@pytest.fixture
def api(world: World, ada: Person) -> Any:
    return feed_pb2_grpc.FeedServiceStub(world.channel(ada))


@pytest.fixture
def waiting(servicers: list[SmallFeed]) -> Iterator[SmallFeed]:
    """The servicer, ready for a call that waits."""
    servicers[0].begun.clear()
    servicers[0].going_on.clear()
    yield servicers[0]
    servicers[0].going_on.set()


@pytest.fixture
def logged(api: Any, capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[[str], Awaitable[Line]]:
    """`await logged(method)` is the line about the method's last call; lines are written with those of later calls."""

    async def last_line(method: str) -> Line:
        async with asyncio.timeout(5):
            while True:
                await api.GetPost(feed_pb2.GetPostRequest(name=POST))
                for raw in reversed(capsysbinary.readouterr().out.splitlines()):
                    line: Line = orjson.loads(raw)
                    if line["method"] == PATH + method:
                        return line

    return last_line


async def test_what_goes_wrong_inside_is_logged_and_not_told(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    refusal = await refused(api.DeletePost(feed_pb2.DeletePostRequest(name=POST)))
    assert refusal.code == "INTERNAL"
    assert refusal.message == "Something went wrong on our side. It has been logged."
    assert (refusal.reason, refusal.facts) == ("", ())
    assert "what no stranger should read" in caplog.text


@pytest.mark.parametrize("raw", [b"\xff", b"\x0a\x05post", b"\x0a\x02\xc3\x28"], ids=["tag", "length", "text"])
async def test_what_cannot_be_parsed_is_refused_without_the_parsers_words(
    world: World, ada: Person, raw: bytes
) -> None:
    call: Any = world.channel(ada).unary_unary(PATH + "GetPost")
    refusal = await refused(call(raw))
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "UNREADABLE")
    assert (refusal.message, refusal.facts) == ("The request cannot be read.", ())


async def test_a_stream_that_cannot_be_parsed_is_refused_alike(world: World) -> None:
    call: Any = world.channel("operator").stream_unary(PATH + "ImportActivity")
    refusal = await refused(call(iter([b"\xff"])))
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "UNREADABLE")


def test_every_method_says_who_may_call_it() -> None:
    assert access_rules([API])[PATH + "GetPost"].person
    with pytest.raises(RuntimeError, match=r"small\.Open\.Leak does not declare who may call it"):
        access_rules([without_rule()])


async def test_a_log_line_says_what_was_called_and_not_by_whom(api: Any, ada: Person, logged: Any) -> None:
    await refused(api.DeletePost(feed_pb2.DeletePostRequest(name=POST), metadata=[("traceparent", TRACEPARENT)]))
    line = await logged("DeletePost")
    assert set(line) == {"time", "service", "method", "code", "ms", "trace_id"}
    assert (line["service"], line["code"], line["trace_id"]) == ("feed", "INTERNAL", TRACE)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert 0 <= line["ms"] < 5000
    assert str(ada.id) not in str(line)
    assert POST not in str(line)


async def test_a_refused_call_is_logged_with_its_code(world: World, logged: Any) -> None:
    nobody: Any = feed_pb2_grpc.FeedServiceStub(world.channel(None))
    await refused(nobody.FollowPerson(feed_pb2.FollowPersonRequest(name="people/ada")))
    assert (await logged("FollowPerson"))["code"] == "UNAUTHENTICATED"


async def test_a_cancelled_call_is_logged_as_cancelled(api: Any, waiting: SmallFeed, logged: Any) -> None:
    call = api.ListEveryonePosts(feed_pb2.ListEveryonePostsRequest())
    await begun(waiting)
    call.cancel()
    assert (await logged("ListEveryonePosts"))["code"] == "CANCELLED"


async def test_a_call_that_is_out_of_time_is_logged_as_such(api: Any, waiting: SmallFeed, logged: Any) -> None:
    refusal = await refused(api.ListEveryonePosts(feed_pb2.ListEveryonePostsRequest(), timeout=0.2))
    assert refusal.code == "DEADLINE_EXCEEDED"
    assert (await logged("ListEveryonePosts"))["code"] in ("CANCELLED", "DEADLINE_EXCEEDED")


async def test_a_neighbour_is_asked_in_the_callers_name_and_trace(api: Any, ada: Person) -> None:
    request = feed_pb2.ListRepliesRequest(parent=POST)
    (post,) = (await api.ListReplies(request, metadata=[("traceparent", TRACEPARENT)])).posts
    assert (post.author, post.text) == (ada.name, TRACEPARENT)


async def test_a_call_without_a_trace_begins_one_for_itself_and_its_neighbours(api: Any, logged: Any) -> None:
    (post,) = (await api.ListReplies(feed_pb2.ListRepliesRequest(parent=POST))).posts
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", post.text)
    assert (await logged("ListReplies"))["trace_id"] == post.text[3:35]


async def test_a_server_that_stops_lets_running_calls_end_and_takes_no_new_ones(start: Start) -> None:
    servicers: list[SmallFeed] = []
    world = await start(service(servicers), drain_seconds=20)
    api: Any = feed_pb2_grpc.FeedServiceStub(world.channel(await world.person("bob")))
    running = asyncio.ensure_future(api.ListEveryonePosts(feed_pb2.ListEveryonePostsRequest()))
    await begun(servicers[0])
    began = time.monotonic()
    stopping = asyncio.create_task(world.server.stop())
    await refuses_new_calls(world)
    assert not running.done()
    servicers[0].going_on.set()
    assert await running == feed_pb2.ListEveryonePostsResponse()
    await stopping
    assert time.monotonic() - began < 10


async def begun(servicer: SmallFeed) -> None:
    """Waits until a call of the method that waits runs."""
    async with asyncio.timeout(5):
        await servicer.begun.wait()


async def refuses_new_calls(world: World) -> None:
    """Waits until nobody new comes in."""
    async with asyncio.timeout(5):
        code = ""
        while code != "UNAVAILABLE":
            newcomer: Any = feed_pb2_grpc.FeedServiceStub(world.channel("web"))
            code = (await refused(newcomer.GetPost(feed_pb2.GetPostRequest(name=POST)))).code


def without_rule() -> ServiceDescriptor:
    """A service with a method of which its author forgot to say who may call it."""
    file = descriptor_pb2.FileDescriptorProto(name="small/open.proto", package="small", syntax="proto3")
    file.dependency.append(empty_pb2.DESCRIPTOR.name)
    empty = "." + empty_pb2.Empty.DESCRIPTOR.full_name
    method = descriptor_pb2.MethodDescriptorProto(name="Leak", input_type=empty, output_type=empty)
    file.service.add(name="Open", method=[method])
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(empty_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    found: ServiceDescriptor = pool.FindServiceByName("small.Open")
    return found
