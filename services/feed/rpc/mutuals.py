"""Who stands between two people, and how many follow whom."""

from typing import Any

from plein.feed.v1 import relations_pb2

from chassis import pages, viewer
from services.feed import wire
from services.feed.rpc.base import Base
from services.feed.store import follows


class Mutuals(Base):
    """What is told of follows besides the lists of them."""

    async def ListMutuals(
        self, request: relations_pb2.ListMutualsRequest, context: Any
    ) -> relations_pb2.ListMutualsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        person = self.known_person(request.parent)
        before = wire.moment_and_person(self.pages.position(request))
        async with self.database.snapshot() as tx:
            found = await follows.visible_mutuals(tx, sight, person, before, size + 1)
        shown = [wire.follow(row.follower, row.followee, row.create_time) for row in found[:size]]
        answer = relations_pb2.ListMutualsResponse(follows=shown)
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.position(last.create_time, last.follower))
        return answer

    async def GetFollowCounts(
        self, request: relations_pb2.GetFollowCountsRequest, context: Any
    ) -> relations_pb2.FollowCounts:
        sight, person = self.access.sight(viewer.person()), self.known_person(request.name)
        async with self.database.snapshot() as tx:
            followers, following = await follows.visible_counts(tx, sight, person)
        return relations_pb2.FollowCounts(
            person=f"people/{person}", follower_count=followers, following_count=following
        )
