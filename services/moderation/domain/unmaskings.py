"""Telling a moderator who made a report, which takes two."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

from chassis.problems import NotAllowed, WrongState

# Within which somebody has to answer, and for how long an agreement holds.
ANSWERED_WITHIN = timedelta(days=7)
HOLDS = timedelta(days=1)


class UnmaskingState(IntEnum):
    """Whether somebody agreed; the numbers are those of the .proto."""

    REQUESTED = 1
    APPROVED = 2
    REJECTED = 3


@dataclass(frozen=True, slots=True)
class Unmasking:
    """What one moderator wants to know, and another one found about that."""

    id: UUID
    case_id: UUID
    report: UUID
    justification: str
    requester: UUID
    create_time: datetime
    expire_time: datetime
    state: UnmaskingState = UnmaskingState.REQUESTED
    answerer: UUID | None = None
    answer_time: datetime | None = None

    @property
    def name(self) -> str:
        return f"cases/{self.case_id}/unmaskings/{self.id}"

    @property
    def report_name(self) -> str:
        return f"cases/{self.case_id}/reports/{self.report}"

    def answered(self, answerer: UUID, agreed: bool, now: datetime) -> "Unmasking":
        """With what somebody else than the requester found."""
        if answerer == self.requester:
            raise NotAllowed("NEEDS_ANOTHER", "Somebody else has to agree.")
        if self.state is not UnmaskingState.REQUESTED:
            raise WrongState("ANSWERED_BEFORE", "It was answered before.")
        if now >= self.expire_time:
            raise WrongState("UNMASKING_EXPIRED", "Nobody answered it in time: ask again.")
        state = UnmaskingState.APPROVED if agreed else UnmaskingState.REJECTED
        return replace(self, state=state, answerer=answerer, answer_time=now, expire_time=now + HOLDS)

    def check_reveals(self, moderator: UUID, now: datetime) -> None:
        """Only who asked is told, only when somebody agreed, and only for a day."""
        if moderator != self.requester:
            raise NotAllowed("NOT_YOURS", "Only who asked for it is told.")
        if self.state is not UnmaskingState.APPROVED:
            raise WrongState("NOT_APPROVED", "Nobody else agreed.")
        if now >= self.expire_time:
            raise WrongState("UNMASKING_EXPIRED", "It held for a day: ask again.")


def requested(id_: UUID, case_id: UUID, report: UUID, justification: str, by: UUID, now: datetime) -> Unmasking:
    """What a moderator asks."""
    return Unmasking(id_, case_id, report, justification, by, now, now + ANSWERED_WITHIN)
