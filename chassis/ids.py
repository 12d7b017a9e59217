"""Ids whose order is the order in which they were made."""

from uuid import UUID

from uuid_utils.compat import uuid7


class _Ids:
    """UUIDv7s of one process. A clock that is set back does not make a later one smaller (RFC 9562, section 6.2)."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> UUID:
        self._last = max(uuid7().int, self._last + 1)
        return UUID(int=self._last)


new_id = _Ids()
