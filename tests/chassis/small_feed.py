"""A service on the chassis with feed's contract, whose methods do what a test of the chassis needs."""

import asyncio
from typing import Any

from google.protobuf import empty_pb2
from plein.feed.v1 import feed_pb2, feed_pb2_grpc

from chassis import viewer
from chassis.audience import AccessReactions
from chassis.resources import Resources
from chassis.service import Api, Service
from chassis.telemetry import traceparent

API = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
PATH = "/plein.feed.v1.FeedService/"
POST = "posts/01993e54-0000-7000-8000-000000000000"


class SmallFeed(feed_pb2_grpc.FeedServiceServicer):
    """`begun` is set while a caller waits in ListEveryonePosts, `going_on` ends the waiting."""

    def __init__(self, resources: Resources) -> None:
        self._neighbours = resources.neighbours
        self.begun = asyncio.Event()
        self.going_on = asyncio.Event()

    async def GetPost(self, request: Any, context: Any) -> feed_pb2.Post:
        """Answers who asks, and within which trace."""
        return feed_pb2.Post(name=request.name, author=viewer.current().name, text=traceparent())

    async def ListReplies(self, request: Any, context: Any) -> feed_pb2.ListRepliesResponse:
        """Asks a neighbour, which is this service itself."""
        stub = feed_pb2_grpc.FeedServiceStub(self._neighbours.as_viewer("feed", API))
        post = await stub.GetPost(feed_pb2.GetPostRequest(name=request.parent))
        return feed_pb2.ListRepliesResponse(posts=[post])

    async def DeletePost(self, request: Any, context: Any) -> empty_pb2.Empty:
        raise ZeroDivisionError("what no stranger should read")

    async def ListEveryonePosts(self, request: Any, context: Any) -> feed_pb2.ListEveryonePostsResponse:
        self.begun.set()
        await self.going_on.wait()
        return feed_pb2.ListEveryonePostsResponse()

    async def ImportActivity(self, requests: Any, context: Any) -> feed_pb2.ImportActivityResponse:
        async for _ in requests:
            pass
        return feed_pb2.ImportActivityResponse()


def service(made: list[SmallFeed]) -> Service:
    """The service; what answers its calls is added to `made`."""

    def servicer(resources: Resources) -> SmallFeed:
        made.append(SmallFeed(resources))  # type: ignore[abstract] # the methods that it lacks are UNIMPLEMENTED
        return made[-1]

    api = Api(API, servicer, feed_pb2_grpc.add_FeedServiceServicer_to_server)
    return Service("feed", apis=[api], follows=[AccessReactions])
