"""How people come into groups: who may, how they ask, are invited, or use a link."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from chassis.problems import BadInput, NotAllowed, WrongState
from services.groups.domain.groups import Group, Visibility
from services.groups.domain.members import Role, Standing

MOST_OPEN_INVITATIONS = 200
# All of a group's requests end in one transaction when it becomes secret.
MOST_OPEN_REQUESTS = 400
MOST_LINKS = 50
# Who is asked to answer a request: those who are keepers longest.
MOST_ASKED_KEEPERS = 50
LINK_WEEK = timedelta(days=7)
LINK_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What decides about somebody who wants to come in. `kind` is a WorkerKind."""

    person: UUID
    kind: int
    segments: tuple[str, ...]
    department: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """That somebody asks to be let in."""

    group: UUID
    person: UUID
    note: str
    create_time: datetime

    @property
    def name(self) -> str:
        return f"groups/{self.group}/requests/{self.person}"


@dataclass(frozen=True, slots=True)
class Invitation:
    """That somebody is invited."""

    group: UUID
    person: UUID
    inviter: UUID
    create_time: datetime

    @property
    def name(self) -> str:
        return f"groups/{self.group}/invitations/{self.person}"


@dataclass(frozen=True, slots=True)
class Ban:
    """That somebody may not come in."""

    group: UUID
    person: UUID
    banned_by: UUID | None
    create_time: datetime

    @property
    def name(self) -> str:
        return f"groups/{self.group}/bans/{self.person}"


Kept = TypeVar("Kept", Request, Invitation, Ban)


@dataclass(frozen=True, slots=True)
class InviteLink:
    """A link with which so many people come in until it expires."""

    id: UUID
    group: UUID
    creator: UUID
    create_time: datetime
    expire_time: datetime
    most_uses: int = 1
    use_count: int = 0

    @property
    def name(self) -> str:
        return f"groups/{self.group}/inviteLinks/{self.id}"

    def works(self, now: datetime) -> bool:
        """Whether one more can come in with it."""
        return self.use_count < self.most_uses and now < self.expire_time


def expiry(wanted: datetime | None, now: datetime) -> datetime:
    """Until when a new link works."""
    if wanted is None:
        return now + LINK_WEEK
    if not now < wanted <= now + LINK_YEAR:
        sentence = "A link works until a moment within a year from now."
        raise BadInput("BAD_EXPIRY", sentence, field="invite_link.expire_time")
    return wanted


def check_entry(group: Group, standing: Standing, applicant: Applicant) -> None:
    """Whether somebody who stands like this to a group may come in, barriers aside."""
    group.check_open()
    if standing.banned:
        raise NotAllowed("BANNED", "The keepers of the group decided against it.")
    if standing.suspended:
        raise barred()
    if not group.join_rule.admits(applicant.kind, applicant.department, applicant.segments):
        sentence = "The group is for other kinds of worker, departments or segments."
        raise NotAllowed("JOIN_RULE", sentence)


def check_ask(group: Group, standing: Standing) -> None:
    """Whether it makes sense to ask."""
    if standing.is_member:
        raise WrongState("MEMBER_ALREADY", "You are a member already.")
    if standing.invited_by:
        raise WrongState("INVITED", "You are invited: come in.")
    if group.visibility is Visibility.OPEN:
        raise WrongState("OPEN_GROUP", "The group is open: come in.")


def check_invite(group: Group, inviter: Standing, invited: Standing) -> None:
    """Whether somebody may invite somebody else, and it makes sense."""
    inviter.check(Role.MEMBER if group.visibility is Visibility.OPEN else Role.KEEPER)
    if invited.is_member:
        raise WrongState("MEMBER_ALREADY", "The person is a member already.")
    if invited.requested:
        raise WrongState("REQUESTED", "The person asked to be let in, and waits for an answer.")


def barred() -> NotAllowed:
    """What is said where people must not meet: not who they are."""
    return NotAllowed("BARRIER", "An information barrier does not allow this membership.")


def kept_apart(people: Iterable[tuple[UUID, tuple[str, ...]]], blocked: Mapping[str, frozenset[str]]) -> set[UUID]:
    """Who cannot be in a group because of those before them, so that no two meet between whom a barrier stands.

    `people` come with their segments, in the order in which they keep their places; `blocked` is segment → those from
    which it is kept apart.
    """
    apart: set[UUID] = set()
    refused: set[str] = set()
    for person, segments in people:
        if refused.isdisjoint(segments):
            refused.update(*(blocked.get(segment, ()) for segment in segments))
        else:
            apart.add(person)
    return apart
