"""What authors are told of decisions about what is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.moderation.domain.cases import Case, Verdict
from services.moderation.domain.decisions import Appeal, Decision
from services.moderation.domain.subjects import Snapshot


@dataclass(frozen=True, slots=True)
class Statement:
    """One case as its author sees it. `second` is what was decided on the appeal; without a `decision` it is hidden
    until there is one."""

    case: Case
    decision: Decision | None
    snapshot: Snapshot | None
    appeal: Appeal | None
    second: Decision | None

    @property
    def _stands(self) -> bool:
        """Whether the appeal left the verdict as it was."""
        return self.second is not None and self.decision is not None and self.second.verdict is self.decision.verdict

    @property
    def until(self) -> datetime | None:
        """Until when the author is mute or kept out."""
        counting = self.second if self._stands else self.decision
        return counting.until if counting else None

    @property
    def end_time(self) -> datetime | None:
        """When the decision ceased to count; a verdict that was confirmed did not."""
        return None if self._stands or self.decision is None else self.decision.end_time

    def appealable_until(self, days: int, now: datetime) -> datetime | None:
        """Until when the author can appeal; None when that is not so, or not any more."""
        expires = self.decision.appealable_until(days) if self.decision and self.appeal is None else None
        return expires if expires and now < expires else None


def stated(
    case: Case, decisions: Sequence[Decision], appeals: Sequence[Appeal], snapshots: Sequence[Snapshot]
) -> Statement | None:
    """The statement about a case, or None when there is nothing to tell: then there were no reports, for its author."""
    told = any(decision.verdict is not Verdict.NO_ACTION for decision in decisions)
    if not told and not case.hidden_while_pending:
        return None
    firsts = [decision for decision in decisions if not decision.on_appeal]
    first = firsts[-1] if firsts else None
    appeal = next((appeal for appeal in appeals if first and appeal.decision == first.id), None)
    second = next((decision for decision in decisions if decision.on_appeal), None) if appeal else None
    revision = first.revision if first else case.revision
    said = next((snapshot for snapshot in snapshots if snapshot.revision == revision), None)
    return Statement(case, first, said, appeal, second)
