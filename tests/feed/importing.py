"""The operator, who brings in what happened before."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.caller import Caller, Kinds, audience


def imported(
    author: Caller, external_id: str, moment: datetime, text: str = "Before", reply_to: str = "", kinds: Kinds = ()
) -> feed_pb2.ImportedPost:
    """A post of the past."""
    written = Timestamp()
    written.FromDatetime(moment)
    return feed_pb2.ImportedPost(
        external_id=external_id,
        author=author.name,
        text=text,
        reply_to_external_id=reply_to,
        audience=audience(kinds),
        create_time=written,
    )


async def bring_in(world: World, *requests: feed_pb2.ImportActivityRequest) -> feed_pb2.ImportActivityResponse:
    """What the operator hears about an import."""
    async with operator(world) as caller:
        return await caller.api.ImportActivity(iter(requests))


async def bring_in_posts(world: World, posts: Sequence[feed_pb2.ImportedPost]) -> feed_pb2.ImportActivityResponse:
    """The same for posts alone."""
    return await bring_in(world, feed_pb2.ImportActivityRequest(posts=posts))


@asynccontextmanager
async def operator(world: World) -> AsyncIterator[Caller]:
    caller = Caller(world, "operator")
    yield caller
    await caller.channel.close()
