"""What a cache told of changes in it: by that somebody knows whether what was read before would be read now."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

MOST_REMEMBERED = 256


class Changes:
    """The keys that changed after watched commands read them, each told once per reading.

    `count` grows with each. Who wants to use again what a watched command answered keeps the count from before it was
    sent, and later asks what changed since.
    """

    def __init__(self) -> None:
        self.count = 0
        self._keys: deque[bytes] = deque(maxlen=MOST_REMEMBERED)

    def add(self, keys: Iterable[bytes] | None) -> None:
        """Takes note of changed keys; None is all that there are."""
        if keys is None:
            self._keys.clear()
            self.count += 1
            return
        for key in keys:
            self._keys.append(key)
            self.count += 1

    def since(self, count: int) -> Iterable[bytes] | None:
        """The keys that changed since there were `count` of them; None when that is not known, or everything."""
        new = self.count - count
        return None if new > len(self._keys) else islice(reversed(self._keys), new)
