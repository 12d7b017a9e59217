"""People who look for posts and tags, in the words that the tests use."""

from typing import Any

from plein.feed.v1 import discovery_pb2, discovery_pb2_grpc

from tests.feed.caller import Caller, walked


def discovery(caller: Caller) -> "discovery_pb2_grpc.DiscoveryServiceAsyncStub":
    """The methods, over the caller's own channel."""
    return discovery_pb2_grpc.DiscoveryServiceStub(caller.channel)


async def found(caller: Caller, query: str, order_by: str = "", size: int = 100) -> list[str]:
    """The names of all posts that are found, page by page."""
    return [hit.post.name for hit in await hits(caller, query, order_by, size)]


async def hits(caller: Caller, query: str, order_by: str = "", size: int = 100) -> list[Any]:
    """All that is found, page by page."""
    request = discovery_pb2.SearchPostsRequest(query=query, order_by=order_by, page_size=size)
    return await walked(discovery(caller).SearchPosts, request)


async def highlighted(caller: Caller, query: str) -> list[list[str]]:
    """The highlighted parts of the texts that are found."""
    return [[hit.post.text[place.start : place.end] for place in hit.highlights] for hit in await hits(caller, query)]


async def trending(caller: Caller) -> list[tuple[str, int, int]]:
    """(tag, people, posts) of each tag that rises."""
    request = discovery_pb2.ListTrendingTagsRequest(page_size=50)
    tags = await walked(discovery(caller).ListTrendingTags, request)
    return [(tag.name.removeprefix("tags/"), tag.person_count, tag.post_count) for tag in tags]


async def completed(caller: Caller, prefix: str, size: int = 50) -> list[str]:
    """The tags that begin so, page by page."""
    request = discovery_pb2.ListTagsRequest(prefix=prefix, page_size=size)
    return [tag.removeprefix("tags/") for tag in await walked(discovery(caller).ListTags, request)]
