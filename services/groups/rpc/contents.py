"""What methods about what is in a group have in common."""

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.access import Sight
from services.groups import wire
from services.groups.domain.members import Role
from services.groups.rpc.base import Base
from services.groups.store import contents
from services.groups.store.visible import Seen


class Contents(Base):
    """Groups as those see them who read and write in them."""

    async def as_member(self, tx: AsyncConnection, sight: Sight, name: str) -> Seen:
        """A group that the caller is a member of. NotAllowed for others who may know of it."""
        seen = await self.seen(tx, sight, name)
        seen.standing.check(Role.MEMBER)
        return seen

    async def as_writer(self, tx: AsyncConnection, sight: Sight, name: str) -> Seen:
        """The same for a group that is open to be written in; the membership lasts as long as the transaction."""
        await contents.hold_membership(tx, wire.group_id(name), sight.viewer)
        seen = await self.as_member(tx, sight, name)
        seen.group.check_open()
        return seen

    async def as_keeper(self, tx: AsyncConnection, sight: Sight, name: str) -> Seen:
        """The same for one that the caller keeps or owns."""
        seen = await self.as_writer(tx, sight, name)
        seen.standing.check(Role.KEEPER)
        return seen

    def sight(self) -> Sight:
        """What the caller may see."""
        return self.access.sight(viewer.person())
