"""A post with a word that is nowhere else, and all the places where somebody can come upon it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
from plein.feed.v1 import discovery_pb2, feed_pb2, own_data_pb2, own_data_pb2_grpc, relations_pb2

from chassis.testing import World
from tests.feed.cached import pause
from tests.feed.caller import Caller, walked
from tests.feed.pictures import content, uploaded
from tests.feed.reader import Reader
from tests.feed.relating import bookmark, relations
from tests.feed.searching import completed, discovery
from tests.feed.writing import edit, reshare, revisions

WITHIN_SECONDS = 2.0


@dataclass
class Canary:
    """`word` stands in the post, in its tag and in what it said before; `quoting` passes it on with a comment.

    `request` is how it was written.
    """

    world: World
    author: Caller
    word: str
    name: str
    image: str
    request: feed_pb2.CreatePostRequest
    quoting: str = ""

    @property
    def group(self) -> str:
        return self.request.post.audience.group

    async def places(self, reader: Caller) -> set[str]:
        """Where the reader comes upon it now."""
        sought = {place: look for place, look in PLACES.items() if place != "group" or self.group}
        found = await asyncio.gather(*(self._shows(look, reader) for look in sought.values()))
        return {place for place, shown in zip(sought, found, strict=True) if shown}

    async def _shows(self, look: "Look", reader: Caller) -> bool:
        """What shows no words is shown or refused."""
        try:
            answer = await look(self, reader)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            return False
        return answer is True or self.word in str(answer)

    async def comes_to(self, reader: Caller, expected: set[str], seconds: float = WITHIN_SECONDS) -> None:
        """Waits until the reader comes upon it there and nowhere else, as it has to be so soon."""
        await becomes(lambda: self.places(reader), expected, seconds)


async def becomes(look: Callable[[], Awaitable[object]], expected: object, seconds: float = WITHIN_SECONDS) -> None:
    """Waits until a look finds what is expected; one that begins so many seconds from now has to."""
    ends_at = time.monotonic() + seconds
    while True:
        is_last = time.monotonic() >= ends_at
        found = await look()
        if found == expected:
            return
        assert not is_last, f"still {found}, not {expected}"
        await pause()


Look = Callable[[Canary, Caller], Awaitable[object]]


async def canary(world: World, author: Caller, reader: Caller, friend: Caller, **place: str) -> Canary:
    """A post, in a `group` or as `reply_to` something, that mentions the reader, who follows its author and keeps it;
    friend, whom the reader follows too, passes it on."""
    await reader.follow(author, friend)
    word, image = f"kanarie{uuid4().hex[:12]}", (await uploaded(author)).name
    post = feed_pb2.Post(text=f"{word} before", images=[feed_pb2.Image(image=image)])
    post.reply_to, post.audience.group = place.get("reply_to", ""), place.get("group", "")
    request = feed_pb2.CreatePostRequest(post=post, request_id=str(uuid4()))
    name = (await author.api.CreatePost(request)).name
    await edit(author, name, "text", text=f"{word} #{word} @{reader.person.handle}")
    fields = {"group": post.audience.group} if post.audience.group else {}
    quoting = (await reshare(friend, name, "Look at this", **fields)).name
    await bookmark(reader, name)
    await friend.react(name)
    await world.caught_up()
    return Canary(world, author, word, name, image, request, quoting)


async def _alone(seen: Canary, reader: Caller) -> object:
    return await reader.read(seen.name)


async def _batch(seen: Canary, reader: Caller) -> object:
    return await reader.api.BatchGetPosts(feed_pb2.BatchGetPostsRequest(names=[seen.name]))


async def _home(seen: Canary, reader: Caller) -> object:
    """Not as what somebody passed on."""
    return [post for post in await reader.home() if post.name == seen.name]


async def _everyone(seen: Canary, reader: Caller) -> object:
    request = feed_pb2.ListEveryonePostsRequest(page_size=100)
    return [post for post in await walked(reader.api.ListEveryonePosts, request) if post.name == seen.name]


async def _of_author(seen: Canary, reader: Caller) -> object:
    request = feed_pb2.ListPersonPostsRequest(parent=seen.author.name, include_replies=True, page_size=100)
    return await walked(reader.api.ListPersonPosts, request)


async def _tagged(seen: Canary, reader: Caller) -> object:
    request = feed_pb2.ListTagPostsRequest(parent=f"tags/{seen.word}", page_size=100)
    return [post.text for post in await walked(reader.api.ListTagPosts, request)]


async def _in_group(seen: Canary, reader: Caller) -> object:
    return await walked(reader.api.ListGroupPosts, feed_pb2.ListGroupPostsRequest(parent=seen.group, page_size=100))


async def _thread(seen: Canary, reader: Caller) -> object:
    """A post opens its thread, a reply stands in one."""
    if seen.request.post.reply_to:
        return await reader.replies(seen.request.post.reply_to)
    await reader.replies(seen.name)
    return True


async def _searched(seen: Canary, reader: Caller) -> object:
    request = discovery_pb2.SearchPostsRequest(query=seen.word, page_size=100)
    return [found.post.text for found in await walked(discovery(reader).SearchPosts, request)]


async def _bookmarked(seen: Canary, reader: Caller) -> object:
    request = relations_pb2.ListBookmarkedPostsRequest(page_size=100)
    return await walked(relations(reader).ListBookmarkedPosts, request)


async def _earlier(seen: Canary, reader: Caller) -> object:
    return await revisions(reader, seen.name)


async def _reactions(seen: Canary, reader: Caller) -> object:
    await reader.reactions(seen.name)
    return True


async def _image(seen: Canary, reader: Caller) -> object:
    return bool(await content(reader, seen.image))


async def _quoted(seen: Canary, reader: Caller) -> object:
    return await reader.read(seen.quoting)


async def _quoted_at_home(seen: Canary, reader: Caller) -> object:
    return [post for post in await reader.home() if post.name == seen.quoting]


async def _inbox(seen: Canary, reader: Caller) -> object:
    return [found.post.text for found in (await Reader(seen.world, reader).page()).notifications]


async def _tags(seen: Canary, reader: Caller) -> object:
    return await completed(reader, seen.word[:-1])


async def _own_data(seen: Canary, reader: Caller) -> object:
    api: Any = own_data_pb2_grpc.OwnDataServiceStub(reader.channel)
    return [part async for part in api.ExportOwnData(own_data_pb2.ExportOwnDataRequest())]


PLACES: dict[str, Look] = {
    "alone": _alone,
    "batch": _batch,
    "home": _home,
    "everyone": _everyone,
    "author": _of_author,
    "tag": _tagged,
    "group": _in_group,
    "thread": _thread,
    "search": _searched,
    "bookmarks": _bookmarked,
    "revisions": _earlier,
    "reactions": _reactions,
    "image": _image,
    "quoted": _quoted,
    "quoted at home": _quoted_at_home,
    "inbox": _inbox,
    "tags": _tags,
    "own data": _own_data,
}
