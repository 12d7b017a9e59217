"""Consultations: when they are open, and what is done with each contribution."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

from chassis.problems import BadInput, Stale, WrongState

MOST_DAYS = 366


class State(IntEnum):
    """What was done with a contribution, as in the .proto.

    Each can follow each other one: who decided may come back on it, and the history says so.
    """

    OPEN = 1
    ANSWERED = 2
    TAKEN_ALONG = 3
    DECLINED = 4


class Stage(IntEnum):
    """Where a consultation is in time, as in the .proto."""

    PLANNED = 1
    OPEN = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Consultation:
    """What makes an article ask for opinions, from `open_time` until `close_time`; `summary` is an article."""

    article: UUID
    open_time: datetime
    close_time: datetime
    create_time: datetime
    update_time: datetime
    summary: UUID | None = None
    version: int = 1

    @property
    def name(self) -> str:
        return f"articles/{self.article}/consultation"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def stage(self, now: datetime) -> Stage:
        """Where it is in time."""
        if now < self.open_time:
            return Stage.PLANNED
        return Stage.OPEN if now < self.close_time else Stage.CLOSED

    def check_open(self, now: datetime) -> None:
        """Refuses comments of others than the article's authors while it is not open."""
        match self.stage(now):
            case Stage.PLANNED:
                sentence = "The consultation opens at {moment}."
                raise WrongState("CONSULTATION_PLANNED", sentence, moment=self.open_time.isoformat())
            case Stage.CLOSED:
                sentence = "The consultation closed at {moment}."
                raise WrongState("CONSULTATION_CLOSED", sentence, moment=self.close_time.isoformat())

    def changed(self, changes: Mapping[str, Any], etag: str, now: datetime) -> "Consultation":
        """The consultation with other dates or another summary; itself if those are the same.

        It closes no earlier than now, so nobody finds it closed before it was said to be; it may be opened again.
        """
        if etag and etag != self.etag:
            raise Stale("CONSULTATION_CHANGED", "The consultation changed since you read it.")
        changed = replace(self, **changes)
        if changed == self:
            return self
        if changed.open_time != self.open_time and self.stage(now) is not Stage.PLANNED:
            raise WrongState("CONSULTATION_BEGUN", "When it opens cannot be changed once it did.")
        check_period(changed.open_time, changed.close_time)
        if changed.close_time != self.close_time:
            # Who means “now” sends a moment that has just passed.
            changed = replace(changed, close_time=max(changed.close_time, now, changed.open_time))
        return replace(changed, update_time=now, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Contribution:
    """A comment as a contribution. `owner` takes care of it, `decider` gave it its state at `decide_time`.

    `first_answer_time` is when one of the article's authors first replied or decided.
    """

    comment: UUID
    article: UUID
    state: State = State.OPEN
    reason: str = ""
    owner: UUID | None = None
    decider: UUID | None = None
    decide_time: datetime | None = None
    first_answer_time: datetime | None = None
    version: int = 1

    @property
    def name(self) -> str:
        return f"comments/{self.comment}/contribution"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def decided(self, state: State, reason: str, person: UUID, etag: str, now: datetime) -> "Contribution":
        """The contribution when somebody decided on it; itself if it was decided so already."""
        reason = reason.strip()
        if state is State.DECLINED and not reason:
            raise BadInput("REASON_MISSING", "Nothing is declined without a reason.", field="reason")
        if state is State.OPEN and reason:
            raise BadInput("NEEDLESS_REASON", "What is open again has no reason.", field="reason")
        if (state, reason) == (self.state, self.reason):
            return self
        self._check_fresh(etag)
        decided = replace(self, state=state, reason=reason, decider=person, decide_time=now, version=self.version + 1)
        if state is State.OPEN:
            return replace(decided, decider=None, decide_time=None)
        return decided.first_answered(now)

    def assigned(self, owner: UUID | None, etag: str) -> "Contribution":
        """The contribution when somebody else takes care of it; itself if that person does already."""
        if owner == self.owner:
            return self
        self._check_fresh(etag)
        return replace(self, owner=owner, version=self.version + 1)

    def first_answered(self, now: datetime) -> "Contribution":
        """The contribution when one of the article's authors did something with it: only the first time counts."""
        return self if self.first_answer_time else replace(self, first_answer_time=now)

    def reworded(self) -> "Contribution":
        """The contribution with other words, which who decides must have read; once decided its words stay."""
        if self.state is not State.OPEN:
            raise WrongState("CONTRIBUTION_DECIDED", "Something was done with it: it cannot be changed any more.")
        return replace(self, version=self.version + 1)

    def _check_fresh(self, etag: str) -> None:
        if etag != self.etag:
            raise Stale("CONTRIBUTION_CHANGED", "Somebody did something with it since you read it.")


@dataclass(frozen=True, slots=True)
class Ledger:
    """How many contributions are in each state, `unanswered` without a first answer, and in what time half had one."""

    counts: Mapping[State, int]
    unanswered: int = 0
    median: timedelta | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def check_period(open_time: datetime, close_time: datetime) -> None:
    """Whether a consultation can be open from one moment to another."""
    if close_time <= open_time:
        raise BadInput("BAD_PERIOD", "It has to close after it opens.", field="consultation.close_time")
    if close_time - open_time > timedelta(days=MOST_DAYS):
        sentence = "A consultation is open for at most {most} days."
        raise BadInput("BAD_PERIOD", sentence, field="consultation.close_time", most=MOST_DAYS)


def planned(article: UUID, open_time: datetime | None, close_time: datetime, now: datetime) -> Consultation:
    """A new consultation, which is open at once unless it opens later."""
    begins = max(open_time or now, now)
    if close_time <= now:
        raise BadInput("BAD_PERIOD", "It has to close in the future.", field="consultation.close_time")
    check_period(begins, close_time)
    return Consultation(article, begins, close_time, now, now)
