"""Changes of a group that is locked, each with all that follows from it; they answer what is to be told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.domain.entering import Ban, Invitation, Request
from services.groups.domain.groups import Group
from services.groups.domain.members import Member, Role
from services.groups.store import entering, groups, links, members, people
from services.groups.wire import events
from services.groups.wire.events import Told


async def save(tx: AsyncConnection, before: Group, after: Group) -> tuple[Group, list[Told]]:
    """Keeps a changed group. Who forgot its members, or is to see another part of its past, is told of them anew."""
    if after == before:
        return before, []
    after = after.told()
    await groups.save(tx, after)
    back = before.is_withdrawn and not after.is_withdrawn
    if back or (after.history is not before.history and not after.is_withdrawn):
        await groups.retell(tx, after.id)
    told = events.saved(before, after)
    if after.is_secret and not before.is_secret:
        ended = await entering.end_requests(tx, after.id)
        told += [events.request_ended(after, person) for person in ended]
    return after, told


async def join(
    tx: AsyncConnection, group: Group, member: Member, admitted_by: UUID | None = None
) -> tuple[Group, list[Told]]:
    """Lets somebody in. What they asked, and to what they were invited, has its answer with it."""
    group = group.with_members(+1)
    await members.add(tx, member)
    await entering.end(tx, Request, group.id, member.person)
    await entering.end(tx, Invitation, group.id, member.person)
    await groups.save(tx, group)
    return group, [events.joined(group, member, admitted_by)]


async def leave(tx: AsyncConnection, group: Group, member: Member) -> tuple[Group, list[Told]]:
    """Lets a member go of their own will."""
    group = await _gone(tx, group, member)
    return group, [events.left(group, member), *await _end_ways_in(tx, group, member.person)]


async def remove(
    tx: AsyncConnection, group: Group, member: Member, *, banned: bool = False
) -> tuple[Group, list[Told]]:
    """Takes a member out."""
    group = await _gone(tx, group, member)
    return group, [events.removed(group, member, banned=banned), *await _end_ways_in(tx, group, member.person)]


async def change_role(tx: AsyncConnection, group: Group, member: Member, role: Role) -> tuple[Group, list[Told]]:
    """Gives a member another role. Of one who keeps the group no more the ways in end."""
    group, changed = group.told(), member.with_role(role)
    await members.save(tx, changed)
    await groups.save(tx, group)
    told = [events.role_changed(group, changed)]
    return group, told + (await _end_ways_in(tx, group, member.person) if role < Role.KEEPER else [])


async def ask(tx: AsyncConnection, group: Group, request: Request, keepers: Sequence[UUID]) -> list[Told]:
    """Lets somebody's request wait for an answer."""
    await entering.ask(tx, request)
    group = await _told(tx, group)
    return [events.requested(group, request.person, keepers)]


async def invite(
    tx: AsyncConnection, group: Group, invitation: Invitation, before: Invitation | None = None
) -> list[Told]:
    """Lets somebody know of a group, and come in; in the place of an invitation `before`."""
    told: list[Told] = []
    if before is not None:
        await entering.end(tx, Invitation, group.id, before.person)
        group = await _told(tx, group)
        told = [events.invitation_ended(group, before.person)]
    await entering.invite(tx, invitation)
    group = await _told(tx, group)
    return [*told, events.invited(group, invitation.person, invitation.inviter)]


async def depart(tx: AsyncConnection, group: Group, person: UUID, now: datetime, undelete: timedelta) -> list[Told]:
    """Lets somebody go who works here no more. A group without an owner gets one, and without anybody is deleted."""
    member = await members.member(tx, group.id, person)
    if member is None:
        return await end_wishes(tx, group, person)
    group, told = await leave(tx, group, member)
    if member.role is Role.OWNER and await members.other_owners(tx, member) == 0:
        heir = await members.next_owner(tx, group.id)
        group, more = await (_succeed(tx, group, heir) if heir else save(tx, group, group.deleted(now, undelete)))
        told += more
    return told + await end_wishes(tx, group, person)


async def _succeed(tx: AsyncConnection, group: Group, heir: Member) -> tuple[Group, list[Told]]:
    told: list[Told] = []
    if heir.suspended:
        group, told = await suspend(tx, group, [heir], suspended=False)
        heir = replace(heir, suspended=False)
    group, more = await change_role(tx, group, heir, Role.OWNER)
    return group, told + more


async def suspend(
    tx: AsyncConnection, group: Group, some: Sequence[Member], *, suspended: bool
) -> tuple[Group, list[Told]]:
    """Lets memberships rest, or go on. Of a group that is withdrawn nobody is a member to others anyway."""
    people = await members.suspend(tx, group.id, [member.person for member in some], suspended=suspended)
    group = group.with_members(-len(people) if suspended else +len(people))
    await groups.save(tx, group)
    changed = [member for member in some if member.person in set(people)]
    if suspended:
        await links.revoke_by(tx, group.id, people)
        return group, [events.left(group, member, suspended=True) for member in changed]
    return group, [] if group.is_withdrawn else [events.joined(group, member) for member in changed]


async def end_wishes(tx: AsyncConnection, group: Group, person: UUID) -> list[Told]:
    """Ends what somebody asked, and to what they are invited, if they did or are."""
    asked = await entering.end(tx, Request, group.id, person)
    invited = await entering.end(tx, Invitation, group.id, person)
    if asked or invited:
        group = await _told(tx, group)
    told = [events.request_ended(group, person)] if asked else []
    return [*told, events.invitation_ended(group, person)] if invited else told


async def ban(tx: AsyncConnection, group: Group, ban: Ban, member: Member | None) -> list[Told]:
    """Keeps somebody out from now on."""
    told: list[Told] = []
    if member is not None:
        group, told = await remove(tx, group, member, banned=True)
    await entering.ban(tx, ban)
    return told + await end_wishes(tx, group, ban.person)


async def _told(tx: AsyncConnection, group: Group) -> Group:
    """The group with a version for what is told next."""
    group = group.told()
    await groups.save(tx, group)
    return group


async def _gone(tx: AsyncConnection, group: Group, member: Member) -> Group:
    group = group.with_members(0 if member.suspended else -1)
    await members.remove(tx, member)
    await groups.save(tx, group)
    await people.check_rest(tx, group.id)
    return group


async def _end_ways_in(tx: AsyncConnection, group: Group, person: UUID) -> list[Told]:
    """Nobody comes in any more through somebody who could let people in."""
    await links.revoke_by(tx, group.id, [person])
    ended = await entering.end_invitations_by(tx, group.id, person)
    return [events.invitation_ended(group, invited) for invited in ended]
