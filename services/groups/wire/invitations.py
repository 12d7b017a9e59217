"""Requests, invitations and links as messages."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from plein.groups.v1 import invitations_pb2

from chassis.moments import timestamp
from services.groups.domain.entering import Invitation, InviteLink, Request, expiry


def request(request: Request) -> invitations_pb2.MembershipRequest:
    """That somebody asks to be let in."""
    return invitations_pb2.MembershipRequest(
        name=request.name,
        person=f"people/{request.person}",
        note=request.note,
        create_time=timestamp(request.create_time),
    )


def invitation(invitation: Invitation) -> invitations_pb2.Invitation:
    """That somebody is invited."""
    return invitations_pb2.Invitation(
        name=invitation.name,
        person=f"people/{invitation.person}",
        inviter=f"people/{invitation.inviter}",
        create_time=timestamp(invitation.create_time),
    )


def invite_link(link: InviteLink, secret: str = "") -> invitations_pb2.InviteLink:
    """A link, with its secret for those who may pass it on."""
    return invitations_pb2.InviteLink(
        name=link.name,
        secret=secret,
        most_uses=link.most_uses,
        use_count=link.use_count,
        expire_time=timestamp(link.expire_time),
        creator=f"people/{link.creator}",
        create_time=timestamp(link.create_time),
    )


def new_link(asked: invitations_pb2.InviteLink, id_: UUID, group: UUID, creator: UUID, now: datetime) -> InviteLink:
    """What somebody wants to pass on."""
    wanted = asked.expire_time.ToDatetime(tzinfo=UTC) if asked.HasField("expire_time") else None
    return InviteLink(id_, group, creator, now, expiry(wanted, now), asked.most_uses or 1)


def link_id(name: str) -> UUID | None:
    """The id in `groups/{group}/inviteLinks/{invite_link}`; None for what is no id."""
    with suppress(ValueError):
        return UUID(name.rpartition("/")[2])
    return None
