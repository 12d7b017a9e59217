"""2,000 people who listen to one process of feed. As a program: that process, which ends with its standard input."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import uvloop
from plein.chassis.v1.audience_pb2 import PersonAccessChanged, WorkerKind
from plein.feed.v1 import feed_pb2, feed_pb2_grpc, live_pb2, live_pb2_grpc
from uuid_utils.compat import uuid7

from chassis import memory
from chassis.testing import World
from tests.bench.alone import feed_alone
from tests.bench.figures import Figure, Figures, p, show

STREAMS, TOGETHER, POSTS = 2000, 200, 10
# Envoy opens few connections to a service and puts all streams on them.
CHANNELS = 4
QUIET_SECONDS = 12
LONG_SECONDS = 3600


class Crowd:
    """All open streams: how many posts each was told of, and when last."""

    def __init__(self, service: "asyncio.Task[bytes]") -> None:
        self.tasks: list[asyncio.Task[Any]] = [service]
        self.counts = [-1] * STREAMS
        self.moments = [0.0] * STREAMS
        self._heard = asyncio.Event()

    async def listen(self, number: int, api: Any, token: str) -> None:
        metadata = (("authorization", f"Bearer {token}"),)
        async for message in api.WatchHome(live_pb2.WatchHomeRequest(), metadata=metadata):
            if message.new_post_count != self.counts[number]:
                self.counts[number], self.moments[number] = message.new_post_count, time.perf_counter()
                self._heard.set()

    async def told(self, count: int, streams: int = STREAMS) -> None:
        """Waits until the first `streams` were told of so many posts."""
        async with asyncio.timeout(60):
            while min(self.counts[:streams]) < count:
                self._heard.clear()
                await self._heard.wait()

    async def quiet(self, seconds: float) -> None:
        """Lets time pass, in which neither the service nor a stream may end."""
        ended, _ = await asyncio.wait(self.tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ended:
            sys.exit("The service or a stream ended while it was measured.")

    async def come(self, channels: Sequence[grpc.aio.Channel], tokens: Sequence[str]) -> None:
        """Opens the streams, some at a time: a server of gRPC turns calls away when very many come in one moment."""
        apis = [live_pb2_grpc.LiveServiceStub(channel) for channel in channels]
        for start in range(0, STREAMS, TOGETHER):
            for number in range(start, start + TOGETHER):
                listening = self.listen(number, apis[number % CHANNELS], tokens[number])
                self.tasks.append(asyncio.create_task(listening))
            await self.told(0, start + TOGETHER)

    async def go(self) -> None:
        """Closes the streams."""
        for task in self.tasks[1:]:
            task.cancel()
        await asyncio.gather(*self.tasks[1:], return_exceptions=True)


async def measure(found: Figures) -> None:
    """What a stream that hears nothing costs, and how soon a post is told to all."""
    async with _process() as (process, told, service):
        crowd = Crowd(service)
        channels = [grpc.aio.insecure_channel(told["address"]) for _ in range(CHANNELS)]
        await crowd.quiet(QUIET_SECONDS)
        before, alone = _private_kib(process), await _cpu_share(process, crowd)
        await crowd.come(channels, told["tokens"])
        await crowd.quiet(QUIET_SECONDS)
        found["private memory of a stream"] = Figure((_private_kib(process) - before) / STREAMS, "KiB", 25)
        found["processor of 2,000 quiet streams"] = Figure(100 * (await _cpu_share(process, crowd) - alone), "%")
        delays = await _delays(crowd, channels[0], told["author"])
        found["a post told to 2,000 streams, p99"] = Figure(p(delays, 99) * 1000, "ms", 250)
        await crowd.go()
        for channel in channels:
            await channel.close()


async def _delays(crowd: Crowd, channel: grpc.aio.Channel, token: str) -> list[float]:
    """Seconds from the beginning of a post until each stream heard of it."""
    feed, delays = feed_pb2_grpc.FeedServiceStub(channel), []
    for number in range(POSTS):
        began = time.perf_counter()
        request = feed_pb2.CreatePostRequest(post=feed_pb2.Post(text="Nieuws voor iedereen"))
        await feed.CreatePost(request, metadata=(("authorization", f"Bearer {token}"),))
        await crowd.told(number + 1)
        delays += [moment - began for moment in crowd.moments]
        await crowd.quiet(1.5)
    return delays


async def _cpu_share(process: int, crowd: Crowd) -> float:
    """The share of one processor that a process takes."""
    began, used = time.monotonic(), _cpu_seconds(process)
    await crowd.quiet(QUIET_SECONDS)
    return (_cpu_seconds(process) - used) / (time.monotonic() - began)


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _private_kib(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


@asynccontextmanager
async def _process() -> AsyncIterator[tuple[int, dict[str, Any], "asyncio.Task[bytes]"]]:
    """Feed in a process of its own: its id, what it tells, and what lasts as long as it does."""
    command = [sys.executable, "-m", "tests.bench.streams", "serve"]
    pipe = asyncio.subprocess.PIPE
    environment = os.environ | {"PYTHONOPTIMIZE": "2"}
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=1 << 24, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        while not (line := await process.stdout.readline()).startswith(b'{"address"'):
            if not line:
                sys.exit("The process with the streams did not start.")
        lasting = asyncio.create_task(process.stdout.read())
        yield process.pid, json.loads(line), lasting
    finally:
        process.stdin.close()
        await process.wait()
    await lasting


async def serve() -> None:
    """Feed with many people, who all follow one."""
    async with feed_alone() as world:
        author = await world.person("author")
        people = [uuid7() for _ in range(STREAMS)]
        kind = WorkerKind.WORKER_KIND_EMPLOYEE
        changes = [PersonAccessChanged(person=f"people/{who}", kind=kind, active=True) for who in people]
        await world.identity_log.tell("people", *changes)
        await _follow(world, author.name, [f"people/{who}" for who in people])
        issuer = world.server.settings.issuer
        tokens = [world.secrets.token(who, issuer=issuer, seconds=LONG_SECONDS) for who in [author.id, *people]]
        told = {"address": world.server.address, "author": tokens[0], "tokens": tokens[1:]}
        print(json.dumps(told), flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def _follow(world: World, author: str, people: Sequence[str]) -> None:
    async def requests() -> AsyncIterator[feed_pb2.ImportActivityRequest]:
        for start in range(0, len(people), 500):
            follows = [feed_pb2.ImportedFollow(follower=who, followee=author) for who in people[start : start + 500]]
            yield feed_pb2.ImportActivityRequest(follows=follows)

    await feed_pb2_grpc.FeedServiceStub(world.channel("operator")).ImportActivity(requests())
    for follower in world.server.followers:
        await follower.caught_up(60)


async def main() -> None:
    found: Figures = {}
    await measure(found)
    show(found)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        memory.share()
        uvloop.run(serve())
    else:
        asyncio.run(main())
