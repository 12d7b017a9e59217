"""Voting in polls."""

from typing import Any
from uuid import uuid4

from plein.feed.v1 import events_pb2, feed_pb2

from chassis import viewer
from chassis.events import append
from services.feed import wire
from services.feed.domain.marks import UNMARKED
from services.feed.rpc.base import Base, now
from services.feed.store import marks, posts


class Polls(Base):
    """Who chose what stands in the voter's own mark, and nowhere else."""

    async def Vote(self, request: feed_pb2.VoteRequest, context: Any) -> feed_pb2.Post:
        person = viewer.person()
        sight = self.sight_of_member(person)
        async with self.database.transaction() as tx:
            post = await posts.visible_post(tx, sight, wire.post_id(request.name), lock=True)
            if post is None:
                raise wire.unknown_post(request.name)
            # By the time that it is when nobody else can vote, so that nobody votes after the end was told.
            votes = post.voted_on.votes(request.choices, now())
            before = (await marks.of_person(tx, person, [post.id])).get(post.id, UNMARKED)
            row = None
            if before.votes != votes:
                post, ballot = post.with_votes(before.votes, votes), uuid4()
                row = await marks.put(tx, post.id, person, votes=votes, ballot=ballot)
                await posts.save_counts(tx, [post])
                await append(tx, post.name, post.version, events_pb2.PollVoted(post=post.name, ballot=str(ballot)))
            answer = (await self.messages(tx, sight, [post]))[0]
        if row is not None:
            await self.shown(self.show_marked(post, row))
        return answer
