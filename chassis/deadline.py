"""How long the current call may still take. Outgoing calls and SQL statements inherit it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Gives everything inside the block at most `seconds`; never more than is left already."""
    ends_at = time.monotonic() + seconds
    outer = _ends_at.get()
    token = _ends_at.set(ends_at if outer is None else min(ends_at, outer))
    try:
        yield
    finally:
        _ends_at.reset(token)


def remaining(most: float) -> float:
    """Seconds left, at most `most`; at least a millisecond, so that it can be given on."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return most
    return max(0.001, min(most, ends_at - time.monotonic()))
