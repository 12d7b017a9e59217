"""Who belongs to a group, and what members may do."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from chassis.problems import NotAllowed, WrongState


class Role(IntEnum):
    """What a member may do; GroupRole of the API. Each may also do what those before may."""

    MEMBER = 1
    KEEPER = 2
    OWNER = 3


class Place(NamedTuple):
    """Where somebody stands in the list of a group's members."""

    role: int
    join_time: datetime
    person: UUID


@dataclass(frozen=True, slots=True)
class Member:
    """A member. One who is suspended is none, until no barrier stands between them and another one."""

    group: UUID
    person: UUID
    role: Role
    join_time: datetime
    suspended: bool = False

    @property
    def name(self) -> str:
        return f"groups/{self.group}/members/{self.person}"

    def with_role(self, role: Role) -> "Member":
        """The member with another role."""
        return replace(self, role=role)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a group; `role` is that of a membership, also of one that is suspended."""

    role: Role | None = None
    suspended: bool = False
    requested: bool = False
    invited_by: UUID | None = None
    banned: bool = False

    @property
    def is_member(self) -> bool:
        return self.role is not None and not self.suspended

    @property
    def keeps(self) -> bool:
        """Whether it is theirs to keep order."""
        return self.is_member and self.role is not Role.MEMBER

    def check(self, role: Role) -> None:
        """NotAllowed for whoever is less than that."""
        if self.role is None or self.suspended or self.role < role:
            sentence = "Only {role}s of the group can do this."
            raise NotAllowed("NOT_YOUR_GROUP", sentence, role=role.name.lower())

    def check_over(self, other: Role) -> None:
        """NotAllowed for whoever does not stand above a member of this role."""
        self.check(Role.KEEPER)
        if self.role is None or self.role <= other:
            sentence = "You can do this with members whose role is less than yours."
            raise NotAllowed("NOT_BELOW_YOU", sentence)


STRANGER = Standing()


def check_not_last_owner(member: Member, other_owners: int) -> None:
    """A group is never without an owner: the last one has to hand it over first."""
    if member.role is Role.OWNER and other_owners == 0:
        raise WrongState("LAST_OWNER", "The last owner of a group has to make somebody else its owner first.")
