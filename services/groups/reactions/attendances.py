"""What follows for events when somebody is no member any more: groups follows its own log."""

import time
from datetime import UTC, datetime

from plein.groups.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import Reactions, append_many, on
from chassis.resources import Resources
from services.groups.store import members, places
from services.groups.wire import id_in


class Attendances(Reactions):
    """Who is gone comes to nothing any more, and who waited has the place."""

    source = "groups"

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    @on(events_pb2.MemberLeft, events_pb2.MemberRemoved)
    async def member_gone(self, tx: AsyncConnection, event: events_pb2.MemberLeft) -> None:
        """Who has come back meanwhile may have answered anew."""
        group, person = id_in(event.group), id_in(event.person)
        member = await members.member(tx, group, person)
        if member is None or member.suspended:
            now = datetime.fromtimestamp(time.time(), UTC)
            await append_many(tx, await places.let_go(tx, group, person, now))
