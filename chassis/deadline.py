"""How long the current call may still take. Outgoing calls and SQL statements inherit it."""

import time
from contextvars import ContextVar

_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


def begin(seconds: float) -> None:
    """Gives what follows in this task, and the tasks that it starts, at most `seconds`."""
    _ends_at.set(time.monotonic() + seconds)


def remaining(most: float) -> float:
    """Seconds left, at most `most`; at least a millisecond, so that it can be given on."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return most
    return max(0.001, min(most, ends_at - time.monotonic()))
