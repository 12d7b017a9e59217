"""Members and bans as messages."""

from datetime import UTC, datetime
from uuid import UUID

from plein.groups.v1 import groups_pb2, members_pb2

from chassis.moments import timestamp
from services.groups.domain.entering import Ban
from services.groups.domain.members import Member, Place


def membership(member: Member) -> groups_pb2.Membership:
    """That somebody belongs to a group."""
    return groups_pb2.Membership(
        name=member.name,
        role=member.role.value,  # type: ignore[arg-type] # the domain's numbers are those of the API
        person=f"people/{member.person}",
        join_time=timestamp(member.join_time),
    )


def ban(ban: Ban) -> members_pb2.Ban:
    """That somebody may not come in."""
    return members_pb2.Ban(
        name=ban.name,
        person=f"people/{ban.person}",
        banned_by=f"people/{ban.banned_by}" if ban.banned_by else "",
        create_time=timestamp(ban.create_time),
    )


def place_position(member: Member) -> bytes:
    """Where a list of members goes on."""
    micros = round(member.join_time.timestamp() * 1_000_000).to_bytes(8, "big")
    return bytes([member.role.value]) + micros + member.person.bytes


def place(packed: bytes | None) -> Place | None:
    """The inverse of `place_position`."""
    if packed is None:
        return None
    seconds, micros = divmod(int.from_bytes(packed[1:9], "big"), 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)
    return Place(packed[0], moment, UUID(bytes=packed[9:]))
