"""What all ways into a group have in common."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from chassis.events import append_many
from chassis.problems import NotAllowed
from services.groups import wire
from services.groups.domain.entering import Applicant, Kept, barred, check_entry
from services.groups.domain.groups import Group
from services.groups.domain.members import Member, Role, Standing
from services.groups.rpc.base import Base
from services.groups.store import changes, entering, members, visible


class Entering(Base):
    """Who comes in is decided in one place, however they come."""

    async def admitted(
        self, tx: AsyncConnection, group: Group, person: UUID, moment: datetime, admitted_by: UUID | None = None
    ) -> Member:
        """A new member of a group that is locked; whoever is one already stays it."""
        standing = await self.standing(tx, group, person)
        if standing.is_member and (member := await members.member(tx, group.id, person)):
            return member
        await self.check_admission(tx, group, person, standing)
        member = Member(group.id, person, Role.MEMBER, moment)
        _, told = await changes.join(tx, group, member, admitted_by)
        await append_many(tx, told)
        return member

    async def check_admission(self, tx: AsyncConnection, group: Group, person: UUID, standing: Standing) -> Applicant:
        """Refuses somebody whom the group's rule, a ban or a barrier keeps out of a group that is locked."""
        applicant = await members.applicant(tx, person)
        if applicant is None:
            raise wire.unknown_person(f"people/{person}")
        check_entry(group, standing, applicant)
        if await members.barred(tx, group.id, applicant.segments):
            raise barred()
        return applicant

    async def standing(self, tx: AsyncConnection, group: Group, person: UUID) -> Standing:
        """How somebody stands to a group that is locked."""
        found = await visible.group_with(tx, self.access.sight(person), group.id)
        return found.standing if found else Standing()

    async def page(self, request: Any, sight: Sight, kind: type[Kept]) -> tuple[list[Kept], str]:
        """A page of a group's requests, invitations or bans, for its keepers, and the token of the next."""
        size, after = pages.size(request, 20, 100), wire.moment_and_id(self.pages.position(request))
        async with self.database.snapshot() as tx:
            group, standing = await self.seen(tx, sight, request.parent)
            standing.check(Role.KEEPER)
            found = await entering.visible(tx, sight.despite_blocks(), kind, group.id, after, size + 1)
        if len(found) <= size:
            return found, ""
        last = found[size - 1]
        return found[:size], self.pages.seal(request, wire.position(last.create_time, last.person))


def ask_first() -> NotAllowed:
    return NotAllowed("ASK_FIRST", "The group is closed: ask to be let in.")
