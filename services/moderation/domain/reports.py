"""Reports, and what keeps people from misusing them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from chassis.problems import BadInput, TooMuch, WrongState


class Reason(IntEnum):
    """What is wrong; the numbers are those of ReportReason."""

    SPAM = 1
    HARASSMENT = 2
    HATE = 3
    THREAT = 4
    SEXUAL = 5
    PRIVACY = 6
    CONFIDENTIAL = 7
    IMPERSONATION = 8
    ILLEGAL = 9
    SELF_HARM = 10
    FALSEHOOD = 11
    OTHER = 12


class Result(IntEnum):
    """What the reporter is told; the numbers are those of ReportResult."""

    NONE = 0
    MEASURES_TAKEN = 1
    NO_ACTION = 2


@dataclass(frozen=True, slots=True)
class Report:
    """What one person reported of one case. `id` is random: it tells nobody when that was."""

    id: UUID
    case_id: UUID
    subject: str
    reporter: UUID
    reason: Reason
    note: str
    revision: str
    create_time: datetime
    result: Result = Result.NONE
    misuse: bool = False
    decide_time: datetime | None = None
    unmask_time: datetime | None = None
    told: bool = False

    @property
    def name(self) -> str:
        return f"reports/{self.id}"

    def answered_at_once(self, result: Result, now: datetime) -> "Report":
        """With what became of it before: the answer itself tells so."""
        return replace(self, result=result, decide_time=now, told=True)


@dataclass(frozen=True, slots=True)
class Recent:
    """How much one person reported lately, and how often moderators found that it was misuse."""

    in_an_hour: int
    in_a_day: int
    misused: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one person may report."""

    an_hour: int
    a_day: int


@dataclass(frozen=True, slots=True)
class HidingRule:
    """Which reports hide something until a moderator looked at it: these reasons at once, others when so many did."""

    reasons: frozenset[Reason]
    report_count: int

    def hides(self, report_count: int, reason: Reason) -> bool:
        return reason in self.reasons or report_count >= self.report_count


# Whose reports were so often found to be misuse reports little, and what they report is not hidden for it.
MOST_MISUSE = 3
LIMITED = Limits(1, 3)


def check_note(reason: Reason, note: str) -> None:
    """What has no reason of its own needs words."""
    if reason is Reason.OTHER and not note.strip():
        raise BadInput("NOTE_MISSING", "Tell what is wrong with it.", field="report.note")


def check_not_own(author: UUID, reporter: UUID) -> None:
    """Nobody reports themselves: what one wrote one can delete."""
    if author == reporter:
        raise WrongState("OWN_SUBJECT", "It is your own: you can change or delete it.")


def check_pace(recent: Recent, limits: Limits) -> None:
    """Who reports everything keeps moderators from what matters."""
    allowed = LIMITED if is_mistrusted(recent) else limits
    if recent.in_an_hour >= allowed.an_hour:
        raise TooMuch("TOO_MANY_REPORTS", "You reported a lot in this hour: go on later.", retry_seconds=3600)
    if recent.in_a_day >= allowed.a_day:
        raise TooMuch("TOO_MANY_REPORTS", "You reported a lot today: go on tomorrow.", retry_seconds=24 * 3600)


def is_mistrusted(recent: Recent) -> bool:
    """Whether somebody's reports were misuse too often to act on them unread."""
    return recent.misused >= MOST_MISUSE


def reasons_of(names: Collection[str]) -> frozenset[Reason]:
    """The reasons that an organisation names in its settings, such as `threat`."""
    return frozenset(Reason[name.upper()] for name in names)
