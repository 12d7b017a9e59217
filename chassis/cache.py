"""The cache of a service, in Redis or Valkey. A dead cache is a slow answer, not an error.

Whatever uses it also works without it::

    try:
        page = await cache.call(b"GET", key)
    except CacheUnavailable:
        page = None
"""

from functools import cached_property
from typing import TYPE_CHECKING

from chassis.multiplexing import (
    CacheUnavailable,
    Command,
    CommandError,
    MultiplexingClient,
    Prepared,
    Reply,
    Script,
    prepared,
    watched,
)

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["Cache", "CacheUnavailable", "Command", "CommandError", "Prepared", "Reply", "Script", "prepared", "watched"]

SLOW_SECONDS = 1.0


class Cache(MultiplexingClient):
    """Hot commands go through `call`, `pipeline` and `script`; everything else goes through `slow`."""

    def __init__(self, url: str, password: str | None = None, deadline_seconds: float = 0.25) -> None:
        super().__init__(url, password, deadline_seconds)
        self._url = url

    @cached_property
    def slow(self) -> "Redis":
        """redis-py with connections of its own, also to subscribe. Raises `redis.RedisError`; waits for a second."""
        from redis.asyncio import Redis  # 30 MB and half a second, which services on the hot path alone can do without

        return Redis.from_url(self._url, password=self._password or None, socket_timeout=SLOW_SECONDS)

    async def close(self) -> None:
        """Ends all connections; who still waits for a reply gets an error."""
        await super().close()
        if "slow" in vars(self):
            await self.slow.aclose()
