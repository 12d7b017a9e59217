"""People as they use feed, each over a channel of their own, in the words that the tests use."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

import grpc
from google.rpc import error_details_pb2, status_pb2
from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import feed_pb2, feed_pb2_grpc

from chassis.status import DETAILS_KEY
from chassis.testing import Person, World

Answer = TypeVar("Answer")
Kinds = Sequence[str]
Method = Callable[[Any], Awaitable[Any]]
TIMELINES = ["home", "person", "everyone", "tag"]

UNKNOWN_POST = "posts/01993e54-0000-7000-8000-000000000000"
UNKNOWN_PERSON = "people/01993e54-0000-7000-8000-000000000000"


class Caller:
    """Somebody who is signed in, or a service by its name, or nobody."""

    def __init__(self, world: World, who: Person | str | None) -> None:
        self.who = who
        self.channel = world.channel(who)
        self.api = feed_pb2_grpc.FeedServiceStub(self.channel)

    @property
    def id(self) -> UUID:
        assert isinstance(self.who, Person)
        return self.who.id

    @property
    def name(self) -> str:
        return f"people/{self.id}"

    @property
    def person(self) -> Person:
        assert isinstance(self.who, Person)
        return self.who

    async def post(
        self, text: str = "Hello", *, reply_to: str = "", kinds: Kinds = (), request_id: str = ""
    ) -> feed_pb2.Post:
        """Writes a post, or with `reply_to` a reply."""
        post = feed_pb2.Post(text=text, reply_to=reply_to, audience=audience(kinds))
        return await self.api.CreatePost(feed_pb2.CreatePostRequest(post=post, request_id=request_id))

    async def read(self, name: str) -> feed_pb2.Post:
        return await self.api.GetPost(feed_pb2.GetPostRequest(name=name))

    async def delete(self, name: str) -> None:
        await self.api.DeletePost(feed_pb2.DeletePostRequest(name=name))

    async def react(self, name: str, reaction: str = "LIKE") -> feed_pb2.Post:
        sort = feed_pb2.Reaction.Value(f"REACTION_{reaction}")
        return await self.api.ReactToPost(feed_pb2.ReactToPostRequest(name=name, reaction=sort))

    async def take_back(self, name: str) -> feed_pb2.Post:
        return await self.api.RemoveReaction(feed_pb2.RemoveReactionRequest(name=name))

    async def follow(self, *people: "Caller") -> None:
        for person in people:
            await self.api.FollowPerson(feed_pb2.FollowPersonRequest(name=person.name))

    async def unfollow(self, person: "Caller") -> None:
        await self.api.UnfollowPerson(feed_pb2.UnfollowPersonRequest(name=person.name))

    async def follows(self, person: "Caller") -> bool:
        try:
            await self.api.GetFollow(feed_pb2.GetFollowRequest(name=person.name))
        except grpc.aio.AioRpcError as error:
            if refusal(error).reason != "NOT_FOLLOWED":
                raise
            return False
        return True

    async def home(self, size: int = 100) -> list[feed_pb2.Post]:
        """All of the caller's home, page by page."""
        return await walked(self.api.ListHomePosts, feed_pb2.ListHomePostsRequest(page_size=size))

    async def home_names(self) -> list[str]:
        return [post.name for post in await self.home()]

    async def everyone(self) -> list[str]:
        request = feed_pb2.ListEveryonePostsRequest(page_size=100)
        return [post.name for post in await walked(self.api.ListEveryonePosts, request)]

    async def written_by(self, person: "Caller", *, replies: bool = False, size: int = 100) -> list[str]:
        request = feed_pb2.ListPersonPostsRequest(parent=person.name, include_replies=replies, page_size=size)
        return [post.name for post in await walked(self.api.ListPersonPosts, request)]

    async def tagged(self, tag: str) -> list[str]:
        request = feed_pb2.ListTagPostsRequest(parent=f"tags/{tag}", page_size=100)
        return [post.name for post in await walked(self.api.ListTagPosts, request)]

    async def replies(self, name: str, size: int = 100) -> list[feed_pb2.Post]:
        return await walked(self.api.ListReplies, feed_pb2.ListRepliesRequest(parent=name, page_size=size))

    async def reactions(self, name: str, size: int = 100) -> list[tuple[str, int]]:
        request = feed_pb2.ListReactionsRequest(parent=name, page_size=size)
        return [(found.person, found.reaction) for found in await walked(self.api.ListReactions, request)]

    async def following(self, person: "Caller", size: int = 100) -> list[str]:
        request = feed_pb2.ListFollowingRequest(parent=person.name, page_size=size)
        return [found.followee for found in await walked(self.api.ListFollowing, request)]

    async def followers(self, person: "Caller", size: int = 100) -> list[str]:
        request = feed_pb2.ListFollowersRequest(parent=person.name, page_size=size)
        return [found.follower for found in await walked(self.api.ListFollowers, request)]


def timelines(reader: Caller, author: Caller) -> dict[str, tuple[Method, Any]]:
    """The four, each with a request for what `author` tagged #many."""
    return {
        "home": (reader.api.ListHomePosts, feed_pb2.ListHomePostsRequest()),
        "person": (reader.api.ListPersonPosts, feed_pb2.ListPersonPostsRequest(parent=author.name)),
        "everyone": (reader.api.ListEveryonePosts, feed_pb2.ListEveryonePostsRequest()),
        "tag": (reader.api.ListTagPosts, feed_pb2.ListTagPostsRequest(parent="tags/many")),
    }


class Meet(Protocol):
    """`ada, bob = await meet("ada", "bob")`; `kind`, `segments` and `roles` are those of all."""

    async def __call__(self, *handles: str, **access: Any) -> list[Caller]: ...


def audience(kinds: Kinds) -> audience_pb2.Audience:
    """Only these kinds of worker, or everyone."""
    return audience_pb2.Audience(kinds=[audience_pb2.WorkerKind.Value(f"WORKER_KIND_{kind}") for kind in kinds])


async def patiently(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Calls again for as long as the server is too busy, as people click again."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await call()
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise


async def walked(method: Method, request: Any) -> list[Any]:
    """What all pages list together."""
    return [item async for page in pages(method, request) for item in page]


async def pages(method: Method, request: Any) -> AsyncIterator[list[Any]]:
    """The pages of a list, each with at most as much as was asked for, and none but a first one empty."""
    while True:
        answer = await method(request)
        page = list(getattr(answer, answer.DESCRIPTOR.fields[0].name))
        assert len(page) <= request.page_size
        assert page or not request.page_token
        yield page
        if not answer.next_page_token:
            return
        request.page_token = answer.next_page_token


@dataclass(frozen=True)
class Refusal:
    """What a caller hears: `fields` are the bad ones."""

    code: str
    message: str
    reason: str
    fields: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]

    def without(self, name: str) -> "Refusal":
        """The same with a placeholder for what the caller sent."""
        facts = tuple((key, value.replace(name, "{name}")) for key, value in self.facts)
        return Refusal(self.code, self.message.replace(name, "{name}"), self.reason, self.fields, facts)


async def refused(call: Awaitable[Any]) -> Refusal:
    """How a call is refused, which it has to be."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return refusal(error)
    raise AssertionError(f"It was not refused: {answer}")


def refusal(error: grpc.aio.AioRpcError) -> Refusal:
    trailers = dict(error.trailing_metadata() or ())
    details = trailers.get(DETAILS_KEY, b"")
    assert isinstance(details, bytes)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(details).details:
        assert detail.Unpack(info) or detail.Unpack(bad) or detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR)
    fields = tuple(violation.field for violation in bad.field_violations)
    return Refusal(error.code().name, error.details() or "", info.reason, fields, tuple(sorted(info.metadata.items())))
