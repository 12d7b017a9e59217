"""Who follows whom."""

from typing import Any

from google.protobuf import empty_pb2
from plein.feed.v1 import feed_pb2

from chassis import pages, viewer
from chassis.events import append
from chassis.problems import NotFound
from services.feed import wire
from services.feed.domain.follows import check_follow
from services.feed.rpc.base import Base, now
from services.feed.store import blocks, follows


class Follows(Base):
    """Following, and the lists of it."""

    async def GetFollow(self, request: feed_pb2.GetFollowRequest, context: Any) -> feed_pb2.Follow:
        follower, followee = viewer.person(), self.known_person(request.name)
        async with self.database.snapshot() as tx:
            since = await follows.since(tx, follower, followee)
        if since is None:
            raise NotFound("NOT_FOLLOWED", "You do not follow {name}.", name=request.name)
        return wire.follow(follower, followee, since)

    async def FollowPerson(self, request: feed_pb2.FollowPersonRequest, context: Any) -> feed_pb2.Follow:
        follower, followee = viewer.person(), self.known_person(request.name)
        self.sight_of_member(follower)
        check_follow(follower, followee)
        async with self.database.transaction() as tx:
            # The replica may be a moment behind, and a follow that came after a block would outlive it.
            await blocks.lock_pair(tx, follower, followee)
            if (await blocks.between(tx, follower, followee))[0]:
                raise wire.unknown_person(request.name)
            begun = await follows.begin(tx, follower, followee, now())
            if begun is None:
                since = await follows.since(tx, follower, followee)
                return wire.follow(follower, followee, since or now())
            await append(tx, wire.follow_name(follower, followee), begun.version, wire.followed(follower, followee))
        await self.rebuild_home(follower)
        return wire.follow(follower, followee, begun.create_time)

    async def UnfollowPerson(self, request: feed_pb2.UnfollowPersonRequest, context: Any) -> empty_pb2.Empty:
        follower, followee = viewer.person(), wire.person_id(request.name)
        async with self.database.transaction() as tx:
            version = await follows.end(tx, follower, followee)
            if version is None:
                return empty_pb2.Empty()
            await append(tx, wire.follow_name(follower, followee), version, wire.unfollowed(follower, followee))
        await self.rebuild_home(follower)
        return empty_pb2.Empty()

    async def ListFollowing(
        self, request: feed_pb2.ListFollowingRequest, context: Any
    ) -> feed_pb2.ListFollowingResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        person = self.known_person(request.parent)
        before = wire.moment_and_person(self.pages.position(request))
        async with self.database.snapshot() as tx:
            found = await follows.visible_following(tx, sight, person, before, size + 1)
        answer = feed_pb2.ListFollowingResponse(
            follows=[wire.follow(row.follower, row.followee, row.create_time) for row in found[:size]]
        )
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.position(last.create_time, last.followee))
        return answer

    async def ListFollowers(
        self, request: feed_pb2.ListFollowersRequest, context: Any
    ) -> feed_pb2.ListFollowersResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        person = self.known_person(request.parent)
        before = wire.moment_and_person(self.pages.position(request))
        async with self.database.snapshot() as tx:
            found = await follows.visible_followers(tx, sight, person, before, size + 1)
        answer = feed_pb2.ListFollowersResponse(
            follows=[wire.follow(row.follower, row.followee, row.create_time) for row in found[:size]]
        )
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.position(last.create_time, last.follower))
        return answer
