"""The calls that groups makes to other services."""

from collections.abc import Collection, Sequence
from uuid import UUID

import grpc
from plein.feed.v1 import feed_pb2, feed_pb2_grpc
from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from chassis.neighbours import Neighbours

CALLS = ("identity", "feed")
MOST_NAMES = 200


class Identity:
    """Identity, asked in groups' own name: it needs what HR knows, whoever may see it."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
        self._stub = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", api))

    async def departments(self, names: Sequence[str]) -> dict[UUID, str]:
        """Person → department, of the people of these names, `people/…`; without those whom identity does not know."""
        found: list[identity_pb2.Person] = []
        for first in range(0, len(names), MOST_NAMES):
            found += await self._known(names[first : first + MOST_NAMES])
        return {UUID(person.name.removeprefix("people/")): person.department for person in found}

    async def _known(self, names: Sequence[str]) -> list[identity_pb2.Person]:
        """Identity answers for all or for none, so an unknown name is found by halving."""
        try:
            answer = await self._stub.BatchGetPeople(identity_pb2.BatchGetPeopleRequest(names=names))
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            half = len(names) // 2
            return [*await self._known(names[:half]), *await self._known(names[half:])] if half else []
        return list(answer.people)


class Feed:
    """Feed, asked in the name of whoever calls groups: it decides which posts that person sees."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
        self._stub = feed_pb2_grpc.FeedServiceStub(neighbours.as_viewer("feed", api))

    async def posts_of_group(self, group: UUID, posts: Collection[UUID]) -> set[UUID]:
        """Those of these posts that belong to a group, and that the caller sees."""
        request = feed_pb2.BatchGetPostsRequest(names=[f"posts/{post}" for post in posts])
        answer = await self._stub.BatchGetPosts(request, timeout=2)
        audience = f"groups/{group}"
        return {UUID(post.name.removeprefix("posts/")) for post in answer.posts if post.audience.group == audience}
