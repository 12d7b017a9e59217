"""The cache through its socket, with a Valkey and a network that fail in every way we know of."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
import redis
import uvloop

from chassis.cache import Cache, CacheUnavailable, CommandError
from tests.chassis.faulty_proxy import FaultyProxy
from tests.chassis.own_valkey import OwnValkey

SHORT_SECONDS = 0.25
PATIENT_SECONDS = 30.0
LoopFactory = Callable[[], asyncio.AbstractEventLoop]
BOTH_LOOPS = pytest.mark.parametrize("loop_factory", [uvloop.new_event_loop, asyncio.new_event_loop])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnValkey]:
    with OwnValkey(tmp_path) as server:
        yield server


@pytest.fixture
async def proxy(server: OwnValkey) -> AsyncIterator[FaultyProxy]:
    async with FaultyProxy(server.port) as proxy:
        yield proxy


@pytest.fixture
async def cache(proxy: FaultyProxy) -> AsyncIterator[Cache]:
    async with connected(f"redis://127.0.0.1:{proxy.port}/0") as cache:
        yield cache


@pytest.fixture
async def hasty(proxy: FaultyProxy) -> AsyncIterator[Cache]:
    async with connected(f"redis://127.0.0.1:{proxy.port}/0", deadline_seconds=SHORT_SECONDS) as cache:
        yield cache


@asynccontextmanager
async def connected(
    url: str, password: str | None = None, deadline_seconds: float = PATIENT_SECONDS
) -> AsyncIterator[Cache]:
    cache = Cache(url, password, deadline_seconds)
    await cache.connect()
    yield cache
    await cache.close()


async def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    never = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.wait([never], timeout=0.005)


async def fails(reply: Awaitable[object]) -> str:
    with pytest.raises(CacheUnavailable) as caught:
        async with asyncio.timeout(10):
            await reply
    return str(caught.value)


# Replies


async def test_a_value_comes_back_as_bytes(cache: Cache) -> None:
    assert await cache.call(b"SET", "name", "Ada") == b"OK"
    assert await cache.call(b"GET", b"name") == b"Ada"
    assert await cache.call(b"GET", "nobody") is None


async def test_a_pipeline_answers_in_its_order(cache: Cache) -> None:
    replies = await cache.pipeline([(b"RPUSH", "list", 1, 2, 3), (b"LRANGE", "list", 0, -1), (b"MGET", "a", "b")])
    assert replies == [3, [b"1", b"2", b"3"], [None, None]]
    assert await cache.pipeline([]) == []


async def test_a_value_of_a_megabyte_survives(cache: Cache) -> None:
    value = bytes(range(256)) * 4096
    values = [value + b"%d" % number for number in range(8)]
    await asyncio.gather(*(cache.call(b"SET", number, value) for number, value in enumerate(values)))
    assert await asyncio.gather(*(cache.call(b"GET", number) for number in range(8))) == values


async def test_replies_in_small_pieces_are_put_together(proxy: FaultyProxy, cache: Cache) -> None:
    proxy.slice_bytes = 1
    commands = [(b"ECHO", "é" * 20), (b"TIME",), (b"ECHO", b"\r\n$-1\r\n")]
    accented, (seconds, _), line_ends = await cache.pipeline(commands)
    assert (accented.decode(), line_ends) == ("é" * 20, b"\r\n$-1\r\n")
    assert abs(int(seconds) - time.time()) < 60


async def test_calls_of_one_turn_leave_in_one_write(proxy: FaultyProxy, cache: Cache) -> None:
    before = len(proxy.requests)
    await asyncio.gather(*(cache.call(b"ECHO", number) for number in range(100)))
    assert len(proxy.requests) == before + 1


async def test_an_error_reply_is_raised_for_its_command_only(cache: Cache) -> None:
    await cache.call(b"SET", "text", "no list")
    before, wrong, after = await asyncio.gather(
        cache.call(b"ECHO", 1), cache.call(b"LPUSH", "text", 1), cache.call(b"ECHO", 2), return_exceptions=True
    )
    assert (before, after) == (b"1", b"2")
    assert isinstance(wrong, CommandError)
    assert wrong.code == "WRONGTYPE"


async def test_an_error_in_a_pipeline_stops_none_of_its_commands(cache: Cache) -> None:
    with pytest.raises(CommandError, match="WRONGTYPE"):
        await cache.pipeline([(b"SET", "text", 1), (b"LPUSH", "text", 1), (b"SET", "text", 2)])
    assert await cache.call(b"GET", "text") == b"2"


async def test_an_empty_command_is_refused_since_it_gets_no_reply(cache: Cache) -> None:
    with pytest.raises(ValueError, match="empty command"):
        cache.pipeline([(b"ECHO", 1), ()])
    assert await cache.call(b"ECHO", 2) == b"2"


async def test_a_script_runs_also_on_a_server_that_forgot_it(cache: Cache) -> None:
    add = cache.script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    assert await add(["sum"], 2) == 2
    await cache.call(b"SCRIPT", "FLUSH")
    assert await add(["sum"], 3) == 5
    assert await add(["sum"], 4) == 9
    with pytest.raises(CommandError, match="not an integer"):
        await add(["sum"], "much")


async def test_a_script_that_fails_is_not_run_again(cache: Cache) -> None:
    fails_after_counting = cache.script("redis.call('INCR', KEYS[1]) return redis.error_reply('ENOUGH of it')")
    for _ in range(2):
        with pytest.raises(CommandError, match="ENOUGH"):
            await fails_after_counting(["runs"])
    assert await cache.call(b"GET", "runs") == b"2"


# Callers who share the connection


async def asks(cache: Cache, token: str, chance: Random) -> bool:
    """Asks something of which only this caller knows the answer; whether it was answered before patience ran out."""
    try:
        async with asyncio.timeout(chance.choice([0, 0.0005, 0.002, 60])):
            match chance.randrange(4):
                case 0:
                    assert await cache.call(b"ECHO", token) == token.encode()
                case 1:
                    commands = [(b"SET", token, token), (b"GET", token), (b"ECHO", token)]
                    assert await cache.pipeline(commands) == [b"OK", token.encode(), token.encode()]
                case 2:
                    with pytest.raises(CommandError, match=token):
                        await cache.call(token.encode())
                case 3:
                    assert await cache.call(b"ECHO", token * 2000) == token.encode() * 2000
    except TimeoutError:
        return False
    return True


@BOTH_LOOPS
def test_no_reply_reaches_another_caller_whoever_gives_up(server: OwnValkey, loop_factory: LoopFactory) -> None:
    chance = Random(7)

    async def caller(cache: Cache, number: int) -> list[bool]:
        return [await asks(cache, f"token-{number}-{turn}", chance) for turn in range(30)]

    async def scene() -> None:
        async with connected(server.url) as cache:
            answers = await asyncio.gather(*(caller(cache, number) for number in range(200)))
            answered = sum(map(sum, answers))
            assert 1000 < answered < 5900, "Both have to happen often for this to prove anything."
            assert cache.generation == 0, "Callers who gave up cost the others nothing."

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(scene())


async def test_too_many_calls_in_flight_are_refused(server: OwnValkey, cache: Cache) -> None:
    server.freeze()
    calls = [cache.call(b"ECHO", number) for number in range(10_000)]
    with pytest.raises(CacheUnavailable, match="too many calls"):
        cache.call(b"ECHO", "one more")
    server.thaw()
    assert await asyncio.gather(*calls) == [b"%d" % number for number in range(10_000)]


async def test_more_than_the_network_takes_is_refused(server: OwnValkey, cache: Cache) -> None:
    server.freeze()
    calls = [cache.call(b"SET", number, bytes(1024 * 1024)) for number in range(64)]
    await eventually(lambda: not cache.available)
    with pytest.raises(CacheUnavailable, match="too much to send"):
        cache.call(b"GET", 1)
    server.thaw()
    assert await asyncio.gather(*calls) == [b"OK"] * 64
    assert cache.available


@BOTH_LOOPS
def test_a_busy_event_loop_is_no_reason_to_give_up(server: OwnValkey, loop_factory: LoopFactory) -> None:
    def busy_while_the_reply_arrives() -> None:
        server.thaw()
        keep_busy(SHORT_SECONDS * 3)

    async def scene() -> None:
        async with connected(server.url, deadline_seconds=SHORT_SECONDS) as cache:
            await cache.call(b"SETRANGE", "page", 8_000_000, "the end")
            server.freeze()
            call = cache.call(b"GET", "page")
            asyncio.get_running_loop().call_later(SHORT_SECONDS / 5, busy_while_the_reply_arrives)
            assert (await call).endswith(b"the end")
            assert cache.generation == 0

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(scene())


def keep_busy(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


# A cache that goes away


async def test_a_killed_server_is_found_again(server: OwnValkey, cache: Cache) -> None:
    await cache.call(b"SET", "name", "Ada")
    server.freeze()
    call = cache.call(b"GET", "name")
    server.kill()
    assert "broke" in await fails(call)
    with pytest.raises(CacheUnavailable):
        cache.call(b"GET", "at once, without waiting")
    assert not cache.available
    assert cache.generation == 1

    server.start()
    await eventually(lambda: cache.available)
    assert await cache.call(b"GET", "name") is None


async def test_a_frozen_server_costs_one_deadline_and_then_nothing(server: OwnValkey, hasty: Cache) -> None:
    await hasty.call(b"SET", "name", "Ada")
    server.freeze()
    started = time.monotonic()
    assert "in time" in await fails(hasty.call(b"GET", "name"))
    assert SHORT_SECONDS <= time.monotonic() - started < SHORT_SECONDS * 8
    with pytest.raises(CacheUnavailable):
        hasty.call(b"GET", "at once, without waiting")

    server.thaw()
    await eventually(lambda: hasty.available)
    assert await hasty.call(b"GET", "name") == b"Ada"
    assert hasty.generation == 1


async def test_a_slow_server_is_given_up_and_its_late_replies_reach_nobody(server: OwnValkey, hasty: Cache) -> None:
    await hasty.call(b"CLIENT", "PAUSE", int(SHORT_SECONDS * 3000))
    assert "in time" in await fails(hasty.call(b"ECHO", "late"))
    await eventually(lambda: hasty.available)
    assert await hasty.call(b"ECHO", "new") == b"new"


async def test_a_slow_network_is_no_outage(proxy: FaultyProxy, hasty: Cache) -> None:
    proxy.latency_seconds = SHORT_SECONDS / 5
    replies = await asyncio.gather(*(hasty.call(b"ECHO", number) for number in range(50)))
    assert replies == [b"%d" % number for number in range(50)]
    assert hasty.generation == 0


async def test_a_half_open_connection_is_replaced(proxy: FaultyProxy, hasty: Cache) -> None:
    await hasty.call(b"SET", "name", "Ada")
    proxy.freeze()
    assert "in time" in await fails(hasty.call(b"GET", "name"))
    await eventually(lambda: hasty.available)
    assert await hasty.call(b"GET", "name") == b"Ada"


async def test_what_was_given_up_never_happens_later(proxy: FaultyProxy, hasty: Cache) -> None:
    await hasty.call(b"SET", "name", "Ada")
    proxy.freeze()
    await fails(hasty.call(b"SET", "name", "Mallory"))
    await eventually(lambda: hasty.available)
    await proxy.thaw()
    assert [await hasty.call(b"GET", "name") for _ in range(3)] == [b"Ada"] * 3


async def test_a_reset_in_the_middle_of_a_reply_hands_out_no_part_of_it(proxy: FaultyProxy, cache: Cache) -> None:
    await cache.call(b"SET", "page", bytes(100_000))
    whole = len(b"$1\r\n1\r\n")
    proxy.reset_after_bytes = whole + 50_000
    calls = [cache.call(b"ECHO", 1), cache.call(b"GET", "page"), cache.call(b"ECHO", 2)]
    assert await calls[0] == b"1"
    assert "broke" in await fails(calls[1])
    assert "broke" in await fails(calls[2])
    await eventually(lambda: cache.available)
    assert await cache.call(b"GET", "page") == bytes(100_000)


async def test_an_answer_that_is_no_redis_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def answers_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()

    other = await asyncio.start_server(answers_http, "127.0.0.1", 0)
    async with other, connected(f"redis://127.0.0.1:{other.sockets[0].getsockname()[1]}") as cache:
        assert not cache.available
    assert [record.message.partition("(")[0] for record in caplog.records] == ["Cache: it sends nonsense "]


async def test_a_full_server_refuses_writes_and_still_answers_reads(tmp_path: Path) -> None:
    with OwnValkey(tmp_path, "--maxmemory", "3mb", "--maxmemory-policy", "noeviction") as server:
        async with connected(server.url) as cache:
            await cache.call(b"SET", "name", "Ada")
            with pytest.raises(CacheUnavailable, match="OOM"):
                await asyncio.gather(*(cache.call(b"SET", number, bytes(100_000)) for number in range(50)))
            assert await cache.call(b"GET", "name") == b"Ada"
            assert cache.generation == 0


# Opening and closing


@pytest.mark.parametrize(("in_url", "password"), [("", "p@ss word"), ("default:p%40ss%20word@", None)])
async def test_the_password_is_given(tmp_path: Path, in_url: str, password: str | None) -> None:
    with OwnValkey(tmp_path, "--requirepass", "p@ss word") as server:
        async with connected(f"redis://{in_url}127.0.0.1:{server.port}", password) as cache:
            assert await cache.call(b"ECHO", "in") == b"in"
            assert await cache.slow.ping()


async def test_a_wrong_password_is_logged_once(proxy: FaultyProxy, caplog: pytest.LogCaptureFixture) -> None:
    async with connected(f"redis://stranger:wrong@127.0.0.1:{proxy.port}") as cache:
        await eventually(lambda: len(proxy.requests) > 3)
        assert not cache.available
    assert [record.levelno for record in caplog.records if "WRONGPASS" in record.message] == [logging.WARNING]


async def test_databases_are_kept_apart(server: OwnValkey, cache: Cache) -> None:
    async with connected(server.url.removesuffix("0") + "3") as other:
        await other.call(b"SET", "name", "Ada")
        assert await other.slow.get("name") == b"Ada"
    assert await cache.call(b"GET", "name") is None


async def test_a_service_starts_without_its_cache_and_finds_it_later(server: OwnValkey) -> None:
    server.kill()
    async with connected(server.url) as cache:
        assert not cache.available
        with pytest.raises(CacheUnavailable):
            cache.call(b"GET", "name")
        server.start()
        await eventually(lambda: cache.available)
        assert await cache.call(b"ECHO", "here") == b"here"
        assert cache.generation == 0


async def test_closing_answers_those_who_wait(server: OwnValkey) -> None:
    async with connected(server.url) as cache:
        server.freeze()
        call = cache.call(b"GET", "name")
        pipeline = cache.pipeline([(b"GET", "name")])
    assert await fails(call) == "closed"
    assert await fails(pipeline) == "closed"
    with pytest.raises(CacheUnavailable, match="closed"):
        cache.call(b"GET", "name")
    server.thaw()


async def test_the_slow_client_gives_up_too(server: OwnValkey, cache: Cache) -> None:
    assert await cache.slow.set("name", "Ada")
    server.freeze()
    with pytest.raises(redis.RedisError):
        async with asyncio.timeout(3):
            await cache.slow.get("name")


@pytest.mark.parametrize("url", ["http://127.0.0.1:6379", "redis://", "127.0.0.1:6379"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="looks like redis://"):
        Cache(url)
