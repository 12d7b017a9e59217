"""What leaves the house: when it is tried, tried again and given up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 3600.0
# However long a receiver asks us to wait.
MOST_ASKED_SECONDS = 6 * 3600.0
MOST_ERROR_LETTERS = 300


class Channel(IntEnum):
    """By which way it goes."""

    MAIL = 1
    PUSH = 2
    WEBHOOK = 3


class State(IntEnum):
    """`WAITING` is also what is being sent right now; the others are ends."""

    WAITING = 1
    SENT = 2
    FAILED = 3
    DROPPED = 4


# How long it is tried, from when it was made.
TRIED_FOR = {Channel.MAIL: timedelta(hours=12), Channel.PUSH: timedelta(hours=24), Channel.WEBHOOK: timedelta(hours=24)}


class Verdict(IntEnum):
    """How an attempt went."""

    SENT = 1
    # There is nothing to tell any more, or nobody to tell it to.
    UNWANTED = 2
    # It may go better later.
    FAILED = 3
    # It will never go.
    REFUSED = 4
    # It goes later and was not tried now.
    POSTPONED = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went. `status` is the receiver's code of SMTP or HTTP, 0 when there was none.

    `wait_seconds` is what the receiver asked for, `until` when something that was postponed goes. `position` is up to
    where in the inbox the recipient was told by this. `gone` says that the receiver does not exist any more.
    """

    verdict: Verdict
    status: int = 0
    error: str = ""
    wait_seconds: float = 0
    until: datetime | None = None
    position: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one receiver, told apart by its id, which stays the same however often it is sent.

    `recipient` is a person (mail), a push subscription or a webhook; `subject` what it is about: once for each
    recipient. `place` is its order among the recipient's. `kind` and `content` are a webhook's, identifiers only. While
    it is being sent, `due_time` is when somebody else may try, since whoever sends it must have died.
    """

    id: UUID
    channel: Channel
    recipient: UUID
    subject: UUID
    place: int
    due_time: datetime
    give_up_time: datetime
    create_time: datetime
    kind: str = ""
    content: str = ""
    state: State = State.WAITING
    attempts: int = 0
    last_status: int = 0
    last_error: str = ""
    end_time: datetime | None = None

    def after(self, outcome: Outcome, moment: datetime, chance: float) -> "Delivery":
        """The delivery after an attempt; `chance`, from 0 to 1, spreads what failed at the same moment."""
        told = replace(self, last_status=outcome.status, last_error=outcome.error[:MOST_ERROR_LETTERS])
        match outcome.verdict:
            case Verdict.SENT:
                return replace(told, state=State.SENT, end_time=moment)
            case Verdict.UNWANTED:
                return replace(told, state=State.DROPPED, end_time=moment)
            case Verdict.REFUSED:
                return replace(told, state=State.FAILED, end_time=moment)
            case Verdict.POSTPONED:
                until = outcome.until or moment
                later = self.give_up_time + (until - moment)
                return replace(self, due_time=until, give_up_time=later, attempts=self.attempts - 1)
        asked = min(outcome.wait_seconds, MOST_ASKED_SECONDS)
        again = moment + timedelta(seconds=max(asked, pause_seconds(self.attempts, chance)))
        if again >= self.give_up_time:
            return replace(told, state=State.FAILED, end_time=moment)
        return replace(told, due_time=again)

    def again(self, moment: datetime) -> "Delivery":
        """The same once more, at once, with all the time that a new one has; who gets it knows it by its id."""
        give_up_time = moment + TRIED_FOR[self.channel]
        return replace(self, state=State.WAITING, due_time=moment, give_up_time=give_up_time, attempts=0, end_time=None)


def pause_seconds(attempts: int, chance: float) -> float:
    """Twice as long after each attempt, up to an hour, and between half and all of that."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 20))
    return longest * (0.5 + chance / 2)
