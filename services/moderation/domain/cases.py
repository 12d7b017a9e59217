"""Cases: what was reported about one subject, who works on it and what becomes of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, auto
from typing import Any
from uuid import UUID

from chassis.problems import NotAllowed, Stale, WrongState
from services.moderation.domain.reports import Reason, Report, Result
from services.moderation.domain.subjects import Subject


class State(IntEnum):
    """Where a case is in its life; the numbers are those of CaseState."""

    OPEN = 1
    TAKEN = 2
    DECIDED = 3
    APPEALED = 4
    APPEAL_TAKEN = 5
    CLOSED = 6


class Move(IntEnum):
    """What can be done with a case."""

    TAKE = auto()
    RELEASE = auto()
    DECIDE = auto()
    UNDO = auto()
    APPEAL = auto()


MOVES = {
    (State.OPEN, Move.TAKE): State.TAKEN,
    (State.TAKEN, Move.TAKE): State.TAKEN,
    (State.TAKEN, Move.RELEASE): State.OPEN,
    (State.TAKEN, Move.DECIDE): State.DECIDED,
    (State.DECIDED, Move.UNDO): State.OPEN,
    (State.DECIDED, Move.APPEAL): State.APPEALED,
    (State.APPEALED, Move.TAKE): State.APPEAL_TAKEN,
    (State.APPEAL_TAKEN, Move.TAKE): State.APPEAL_TAKEN,
    (State.APPEAL_TAKEN, Move.RELEASE): State.APPEALED,
    (State.APPEAL_TAKEN, Move.DECIDE): State.CLOSED,
}
UNDECIDED = frozenset({State.OPEN, State.TAKEN})
AT_WORK = (*UNDECIDED, State.APPEALED, State.APPEAL_TAKEN)


class Verdict(IntEnum):
    """What can be decided; the numbers are those of the .proto's Verdict."""

    NONE = 0
    NO_ACTION = 1
    HIDE = 2
    REMOVE = 3
    WARN = 4
    MUTE = 5
    SUSPEND = 6


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `concerned` must not judge it, nor may its author and its reporters; `decider` made what counts now.

    `held_by` are the filters that found something in it.
    """

    id: UUID
    subject: str
    author: UUID
    root: str
    parent: str
    group: str
    concerned: tuple[UUID, ...]
    revision: str
    create_time: datetime
    update_time: datetime
    state: State = State.OPEN
    assignee: UUID | None = None
    offered_to: UUID | None = None
    hidden_while_pending: bool = False
    report_count: int = 0
    reasons: tuple[Reason, ...] = ()
    held_by: tuple[UUID, ...] = ()
    verdict: Verdict = Verdict.NONE
    decider: UUID | None = None
    version: int = 0

    @property
    def name(self) -> str:
        return f"cases/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def reported(self, report: Report, seen: Subject) -> "Case":
        """With one report more, and the subject as its reporter sees it. Who reported does not go on working on it."""
        kept = self.released(report.reporter, report.create_time) if self.assignee == report.reporter else self
        return replace(
            kept,
            report_count=self.report_count + 1,
            reasons=tuple(sorted({*self.reasons, report.reason})),
            concerned=seen.concerned,
            revision=seen.revision,
            parent=seen.parent,
            update_time=report.create_time,
            version=kept.version + 1,
        )

    def held(self, filters: tuple[UUID, ...], seen: Subject, now: datetime) -> "Case":
        """With what filters found in the subject, which is hidden until it is decided."""
        held_by = tuple(dict.fromkeys((*self.held_by, *filters)))
        changed = self._changed(now, held_by=held_by, hidden_while_pending=True)
        return replace(changed, concerned=seen.concerned, revision=seen.revision, parent=seen.parent)

    def hidden_until_decided(self, now: datetime) -> "Case":
        """With its subject hidden from others for the time being."""
        return self._changed(now, hidden_while_pending=True)

    def taken(self, moderator: UUID, patience: timedelta, now: datetime) -> "Case":
        """In a moderator's hands. An appeal goes to another one than who decided.

        Where nothing happened for so long that patience ends, another one takes over.
        """
        if self.assignee == moderator:
            return self
        if (self.state, Move.TAKE) not in MOVES:
            raise self._wrong()
        if self.decider == moderator:
            raise NotAllowed("OWN_DECISION", "Somebody else has to decide on the appeal against what you decided.")
        if self.assignee is not None and now < self.update_time + patience:
            raise WrongState("CASE_TAKEN", "Somebody else works on it.")
        return self._moved(Move.TAKE, now, assignee=moderator, offered_to=None)

    def released(self, moderator: UUID, now: datetime) -> "Case":
        """Back among those that wait."""
        self.check_assigned(moderator)
        return self._moved(Move.RELEASE, now, assignee=None)

    def offered(self, to: UUID | None, now: datetime) -> "Case":
        """With somebody who is asked to take it; that keeps nobody else from doing so."""
        if self.assignee is not None or (self.state, Move.TAKE) not in MOVES:
            raise self._wrong()
        return self._changed(now, offered_to=to)

    def decided(self, moderator: UUID, verdict: Verdict, etag: str, now: datetime) -> "Case":
        """With a verdict, by who took it: the first one, or that on the appeal."""
        self._check_fresh(etag)
        self.check_assigned(moderator)
        ended: dict[str, Any] = {"assignee": None, "offered_to": None, "hidden_while_pending": False}
        return self._moved(Move.DECIDE, now, verdict=verdict, decider=moderator, **ended)

    def undone(self, etag: str, now: datetime, report_count: int) -> "Case":
        """Open again, as if nobody had decided: what was reported since counts as well."""
        self._check_fresh(etag)
        return self._moved(Move.UNDO, now, verdict=Verdict.NONE, decider=None, report_count=report_count)

    def appealed(self, now: datetime) -> "Case":
        """Waiting for another moderator."""
        return self._moved(Move.APPEAL, now)

    def check_appealed(self, appealed: bool) -> None:
        """Whether it is the first decision that is asked for, or the one on the appeal."""
        if (self.state in (State.APPEALED, State.APPEAL_TAKEN)) is not appealed:
            raise self._wrong()

    def check_assigned(self, moderator: UUID) -> None:
        """Only who took it works on it."""
        if self.assignee != moderator:
            raise WrongState("NOT_YOUR_CASE", "Take the case first.")

    def _check_fresh(self, etag: str) -> None:
        if etag not in ("", self.etag):
            raise Stale("CASE_CHANGED", "The case changed since you read it.", etag=self.etag)

    def _moved(self, move: Move, now: datetime, **fields: Any) -> "Case":
        state = MOVES.get((self.state, move))
        if state is None:
            raise self._wrong()
        return self._changed(now, state=state, **fields)

    def _wrong(self) -> WrongState:
        sentence = "That cannot be done with a case that is {state}."
        return WrongState("WRONG_CASE_STATE", sentence, state=self.state.name.lower().replace("_", " "))

    def _changed(self, now: datetime, **fields: Any) -> "Case":
        return replace(self, version=self.version + 1, update_time=now, **fields)


@dataclass(frozen=True, slots=True)
class Note:
    """What a moderator noted on a case, for other moderators."""

    id: UUID
    case_id: UUID
    author: UUID
    text: str
    create_time: datetime

    @property
    def name(self) -> str:
        return f"cases/{self.case_id}/notes/{self.id}"


def opened(case_id: UUID, seen: Subject, now: datetime) -> Case:
    """A new case about what somebody is about to report."""
    return Case(
        id=case_id,
        subject=seen.name,
        author=seen.author,
        root=seen.root,
        parent=seen.parent,
        group=seen.group,
        concerned=seen.concerned,
        revision=seen.revision,
        create_time=now,
        update_time=now,
    )


def result_of(verdict: Verdict) -> Result:
    """What those who reported are told of a verdict: not which it was, since that is the author's."""
    return Result.NO_ACTION if verdict is Verdict.NO_ACTION else Result.MEASURES_TAKEN
