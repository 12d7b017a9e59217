"""What is decided about subjects and their authors, and on appeals."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.problems import BadInput, WrongState
from services.moderation.domain.cases import Case, Verdict
from services.moderation.domain.reports import Reason
from services.moderation.domain.subjects import Measure

_MEASURES = {Verdict.HIDE: Measure.HIDDEN, Verdict.REMOVE: Measure.REMOVED}
# What is done to the person, the harsher, the later.
_PERSONAL = (Verdict.NONE, Verdict.WARN, Verdict.MUTE, Verdict.SUSPEND)
LASTING = frozenset({Verdict.MUTE, Verdict.SUSPEND})


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a moderator asks to decide. `reason` is None where there is none."""

    verdict: Verdict
    content_verdict: Verdict = Verdict.NONE
    reason: Reason | None = None
    explanation: str = ""
    period: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided in a case about `person`, who wrote or is the subject. It counts until `end_time`."""

    id: UUID
    case_id: UUID
    subject: str
    person: UUID
    revision: str
    verdict: Verdict
    content_verdict: Verdict
    reason: Reason | None
    explanation: str
    until: datetime | None
    decider: UUID
    on_appeal: bool
    create_time: datetime
    end_time: datetime | None = None
    end_explanation: str = ""

    @property
    def measure(self) -> Measure:
        """What others see of the subject."""
        return _MEASURES.get(self.verdict) or _MEASURES.get(self.content_verdict, Measure.NONE)

    @property
    def personal(self) -> Verdict:
        """What is done to the person, if anything."""
        return self.verdict if self.verdict in _PERSONAL else Verdict.NONE

    def ended(self, now: datetime, explanation: str = "") -> "Decision":
        """No longer counting; with why, where no other decision tells so."""
        return replace(self, end_time=now, end_explanation=explanation)

    def appealable_until(self, days: int) -> datetime | None:
        """Until when its author can appeal; None for what there is nothing to say against, or not any more."""
        if self.on_appeal or self.end_time is not None or self.verdict is Verdict.NO_ACTION:
            return None
        return self.create_time + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Appeal:
    """What the author says against a decision."""

    decision: UUID
    case_id: UUID
    person: UUID
    text: str
    create_time: datetime


def check_ruling(asked: Ruling) -> None:
    """What is asked fits together: reasons for everything that is done, a period for what lasts."""
    if asked.content_verdict and asked.verdict not in _PERSONAL:
        sentence = "Only what is done to the author leaves open what becomes of the subject."
        raise BadInput("CONTENT_VERDICT_NEEDLESS", sentence, field="decision.content_verdict")
    if (asked.verdict in LASTING) != (asked.period is not None):
        sentence = "Muting and suspending last for a period, and nothing else does."
        raise BadInput("BAD_PERIOD", sentence, field="decision.period")
    if asked.verdict is not Verdict.NO_ACTION:
        _check_reasons(asked)


def check_appeal_ruling(asked: Ruling, first: Decision) -> None:
    """An appeal does not make it worse for who appeals, and is always answered in words."""
    if asked.content_verdict and asked.verdict not in _PERSONAL:
        sentence = "Only what is done to the author leaves open what becomes of the subject."
        raise BadInput("CONTENT_VERDICT_NEEDLESS", sentence, field="decision.content_verdict")
    if not asked.explanation.strip():
        raise BadInput("EXPLANATION_MISSING", "Tell the author why.", field="decision.explanation")
    if asked.period is not None and asked.verdict not in LASTING:
        raise BadInput("BAD_PERIOD", "Only muting and suspending last for a period.", field="decision.period")
    if asked.verdict in LASTING and asked.period is None and first.verdict is not asked.verdict:
        raise BadInput("BAD_PERIOD", "For how long?", field="decision.period")


def decided(id_: UUID, case: Case, asked: Ruling, decider: UUID, now: datetime) -> Decision:
    """The first decision in a case, about what it said when it was last reported."""
    return Decision(
        id=id_,
        case_id=case.id,
        subject=case.subject,
        person=case.author,
        revision=case.revision,
        verdict=asked.verdict,
        content_verdict=asked.content_verdict,
        reason=asked.reason,
        explanation=asked.explanation,
        until=now + asked.period if asked.period else None,
        decider=decider,
        on_appeal=False,
        create_time=now,
    )


def decided_on_appeal(id_: UUID, first: Decision, asked: Ruling, decider: UUID, now: datetime) -> Decision:
    """What counts instead of the first decision; BadInput when that would be harsher."""
    until = first.create_time + asked.period if asked.period else first.until
    second = replace(
        first,
        id=id_,
        verdict=asked.verdict,
        content_verdict=asked.content_verdict,
        reason=asked.reason or (None if asked.verdict is Verdict.NO_ACTION else first.reason),
        explanation=asked.explanation,
        until=until if asked.verdict in LASTING else None,
        decider=decider,
        on_appeal=True,
        create_time=now,
    )
    if not _is_no_harsher(second, first):
        sentence = "An appeal does not make it worse for who appeals."
        raise BadInput("HARSHER_ON_APPEAL", sentence, field="decision.verdict")
    return second


def check_appeal(decision: Decision | None, appealed: bool, days: int, now: datetime) -> Decision:
    """One appeals once, against what counts, and in time. Answers the decision."""
    if appealed:
        raise WrongState("APPEALED_BEFORE", "You appealed against this before.")
    expires = decision.appealable_until(days) if decision else None
    if decision is None or expires is None:
        raise nothing_to_appeal()
    if now >= expires:
        raise WrongState("APPEAL_TOO_LATE", "It is too late to appeal against this.")
    return decision


def check_away(comes_in: bool) -> None:
    """Who comes in speaks for themselves."""
    if comes_in:
        raise WrongState("AUTHOR_COMES_IN", "Whoever comes in appeals alone.")


def nothing_to_appeal() -> WrongState:
    return WrongState("NOTHING_TO_APPEAL", "There is nothing to appeal against.")


def _check_reasons(asked: Ruling) -> None:
    if asked.reason is None:
        raise BadInput("REASON_MISSING", "Tell against what it is.", field="decision.reason")
    if not asked.explanation.strip():
        raise BadInput("EXPLANATION_MISSING", "Tell the author why.", field="decision.explanation")


def _is_no_harsher(second: Decision, first: Decision) -> bool:
    if second.measure > first.measure or _PERSONAL.index(second.personal) > _PERSONAL.index(first.personal):
        return False
    return not (second.until and first.until and second.verdict is first.verdict and second.until > first.until)
