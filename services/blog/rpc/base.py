"""What all of blog's methods work with."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.access import Sight
from chassis.filtering import Filtering
from chassis.problems import BadInput, Unavailable
from chassis.resources import Resources
from services.blog.domain.blogs import Audience, Blog
from services.blog.neighbours import Identity
from services.blog.store import blogs
from services.blog.wire.names import blog_id, closed_group, unknown_blog


class Base:
    """The resources of the process, and the few things that several methods do."""

    def __init__(self, resources: Resources) -> None:
        self.database = resources.database
        self.access = resources.access
        self.pages = resources.pages
        self.settings = resources.settings
        self.identity = Identity(resources.neighbours)
        self.filtering = resources.one(Filtering)

    def sight(self) -> Sight:
        """What the caller may see."""
        return self.access.sight(viewer.person())

    def sight_of_member(self) -> Sight:
        """What the caller sees, who is about to write; this process must have heard of the person."""
        if self.access.person(viewer.person()) is None:
            raise Unavailable("ACCESS_UNCERTAIN", "You are so new here that this has to wait for a moment.")
        return self.sight()

    async def people_behind(self, handles: Sequence[str]) -> dict[str, UUID]:
        """Handle → person, of those whom the caller may mention. Identity knows barriers, but no blocks."""
        apart = self.sight().apart
        found = await self.identity.people_behind(handles)
        return {handle: person for handle, person in found.items() if person.int not in apart}

    async def seen_blog(self, tx: AsyncConnection, sight: Sight, name: str, *, lock: bool = False) -> Blog:
        """A blog that the viewer may see, or NotFound."""
        found = await blogs.visible_blog(tx, sight, blog_id(name), lock=lock)
        if found is None:
            raise unknown_blog(name)
        return found


def check_audience(sight: Sight, audience: Audience, field: str) -> None:
    """Whether somebody may write for these people: in a group only its members."""
    if audience.group is not None and not sight.sees(sight.viewer, group=audience.group, create_time=now()):
        raise closed_group(f"groups/{audience.group}", f"{field}.group")


def check_within(audience: Audience, wider: Audience, field: str) -> None:
    """Whether an article reaches only whom its blog is for."""
    if not audience.within(wider):
        raise BadInput("AUDIENCE_TOO_WIDE", "An article is for those whom its blog is for, or fewer.", field=field)


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
