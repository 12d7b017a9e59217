"""Listening to what is new, in the words that the tests use."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
from plein.feed.v1 import live_pb2, live_pb2_grpc
from uuid_utils.compat import uuid7

from chassis.events import append
from chassis.testing import World
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.store import posts
from tests.feed.caller import Caller

Message = Any  # of one of the two streams


class Listener:
    """One open stream, of a home or of `notifications`, and all that it told."""

    def __init__(
        self, caller: Caller, cursor: str = "", *, notifications: bool = False, seconds: float | None = None
    ) -> None:
        api = live_pb2_grpc.LiveServiceStub(caller.channel)
        self._call: Any
        if notifications:
            self._call = api.WatchNotifications(live_pb2.WatchNotificationsRequest(cursor=cursor), timeout=seconds)
        else:
            self._call = api.WatchHome(live_pb2.WatchHomeRequest(cursor=cursor), timeout=seconds)
        self.heard: list[Message] = []

    async def next(self, seconds: float = 5) -> Message:
        """The next message."""
        async with asyncio.timeout(seconds):
            message = await self._call.read()
        if message is grpc.aio.EOF:
            raise AssertionError(f"The stream ended without saying why: {await self._call.code()}")
        self.heard.append(message)
        return message

    async def until(self, happened: Callable[[Message], bool], seconds: float = 5) -> Message:
        """The first message from now on of which this is true."""
        async with asyncio.timeout(seconds):
            while not happened(message := await self.next(seconds)):
                pass
        return message

    async def count(self, expected: int, seconds: float = 5) -> Message:
        """Waits until so many new posts are told; never more, or fewer than before."""
        heard = self.heard[-1:]
        message = heard[0] if heard and heard[0].new_post_count >= expected else None
        message = message or await self.until(lambda message: message.new_post_count >= expected, seconds)
        assert message.new_post_count == expected
        return message

    async def unread(self, expected: int, seconds: float = 5) -> Message:
        """Waits until so many notifications are told to be unread."""
        if self.heard[-1].unread_count == expected:
            return self.heard[-1]
        return await self.until(lambda message: message.unread_count == expected, seconds)

    async def ended(self, seconds: float = 5) -> str:
        """Why the stream ended, without the prefix; nothing may come after that."""
        message = await self.until(lambda message: message.end != 0, seconds)
        async with asyncio.timeout(seconds):
            assert await self._call.read() is grpc.aio.EOF
        return live_pb2.StreamEnd.Name(message.end).removeprefix("STREAM_END_")

    async def refused(self) -> grpc.aio.AioRpcError:
        """How the stream was refused, which it has to be."""
        try:
            message = await self._call.read()
        except grpc.aio.AioRpcError as error:
            return error
        raise AssertionError(f"It was not refused: {message}")

    def close(self) -> None:
        self._call.cancel()


@asynccontextmanager
async def listening(caller: Caller, cursor: str = "", *, notifications: bool = False) -> AsyncIterator[Listener]:
    """A stream that has begun."""
    listener = Listener(caller, cursor, notifications=notifications)
    try:
        await listener.next()
        yield listener
    finally:
        listener.close()


async def write(world: World, author: Caller, *, imported: bool = False, **content: Any) -> Post:
    """A post of any sort, as it lies in the database and is told in the log."""
    id_ = uuid7()
    post = Post(id=id_, author=author.id, root=id_, create_time=datetime.now(UTC), **({"text": ""} | content))
    async with world.server.resources.database.transaction() as tx:
        await posts.add(tx, post)
        await append(tx, post.name, post.version, wire.created(post, imported=imported))
    return post
